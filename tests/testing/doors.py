"""An app with two Apis, one of them open to another origin."""

from __future__ import annotations

from skylift import Api, Cors, Response

front = Api("front", cors=Cors(["https://shop.example"]))
back = Api("back")


@front.get("/")
async def show_front() -> str:
    return "front"


@back.get("/")
async def show_back() -> str:
    return "back"


@front.post("/sessions")
async def sign_in() -> Response:
    return Response(cookies=["a=1; HttpOnly", "b=2"])


@front.get("/varied")
async def vary() -> Response:
    return Response("x", headers={"vary": "accept"})
