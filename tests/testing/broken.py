"""An app with two mistakes."""

from __future__ import annotations

from skylift import Api, Queue, Struct, Table


class Thing(Struct):
    id: str


api = Api("api")
things = Table("things", Thing, key="nr")
others = Queue("others", Thing)


@api.get("things")
async def show() -> None: ...
