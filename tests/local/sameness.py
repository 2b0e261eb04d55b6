"""Messages of every kind, each with a field of another type that tells which are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict
from uuid import UUID

from pydantic import BaseModel

from skylift import Api, Meta, Queue, Struct


class ByNumber(Struct, rename="camel"):
    order_no: int


@dataclass
class ById:
    id: UUID


class ByText(TypedDict):
    text: Annotated[str, Meta(min_length=1)]


class ByModel(BaseModel):
    text: str


api = Api("api")
numbers = Queue("numbers", ByNumber)
ids = Queue("ids", ById)
texts = Queue("texts", ByText)
models = Queue("models", ByModel)
seen: list[object] = []


@numbers.consumer(once_by="order_no")
async def take_number(message: ByNumber) -> None:
    seen.append(message.order_no)


@ids.consumer(once_by="id")
async def take_id(message: ById) -> None:
    seen.append(message.id)


@texts.consumer(once_by="text")
async def take_text(message: ByText) -> None:
    seen.append(message["text"])


@models.consumer(once_by="text")
async def take_model(message: ByModel) -> None:
    seen.append(message.text)


@api.post("/send")
async def send() -> None:
    for _ in range(2):
        await numbers.send_many([ByNumber(1), ByNumber(2), ByNumber(1)])
        await ids.send_many([ById(UUID(int=1)), ById(UUID(int=2)), ById(UUID(int=1))])
        await texts.send_many([ByText(text="a"), ByText(text="b"), ByText(text="a")])
        await models.send_many([ByModel(text="a"), ByModel(text="b"), ByModel(text="a")])
