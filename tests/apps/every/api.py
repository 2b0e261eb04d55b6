from skylift import Api, Cors

api = Api("api", cors=Cors(["https://every.example"], headers=["content-type", "x-request-id"]))
