from skylift import Api

api = Api("api")
