"""Creates and deletes: an acknowledged entry is there, a deleted one is not, the index agrees."""

from __future__ import annotations

from itertools import count

from tests.crash.client import Client, expect

TEXT = "so that an entry is no toy " * 4


class EntryLoad:
    workers = 6

    def __init__(self) -> None:
        self.acknowledged = 0
        self._settled: dict[str, set[str]] = {}  # what each book holds, as seen after its round

    async def begin(self, client: Client, number: int) -> None:
        self._book = f"book-{number}"
        self._asked: set[str] = set()
        self._created: set[str] = set()
        self._deleting: set[str] = set()
        self._deleted: set[str] = set()

    async def work(self, client: Client, worker: int) -> None:
        for number in count():
            id = f"{self._book}.{worker}.{number}"
            self._asked.add(id)
            entry = {"id": id, "book": self._book, "text": TEXT}
            status, body = await client.ask("POST", "/entries", entry)
            expect(status, 201, body=body)
            self._created.add(id)
            self.acknowledged += 1
            if number % 3 == 2:
                await self._delete(client, f"{self._book}.{worker}.{number - 1}")

    async def _delete(self, client: Client, id: str) -> None:
        self._deleting.add(id)
        status, body = await client.ask("DELETE", f"/entries/{id}")
        expect(status, 204, body=body)
        self._deleted.add(id)
        self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        _, known = await client.ask("POST", "/entries/known", {"ids": sorted(self._asked)})
        held = set(known["ids"])
        self._settled[self._book] = held
        lost = (self._created - self._deleting) - held
        risen = self._deleted & held
        wrong = [f"entry {id} was acknowledged and is gone" for id in sorted(lost)]
        wrong += [f"entry {id} was deleted and is back" for id in sorted(risen)]
        return wrong + await self._index_differs(client, self._book)

    async def check_all(self, client: Client) -> list[str]:
        return [line for book in self._settled for line in await self._index_differs(client, book)]

    async def _index_differs(self, client: Client, book: str) -> list[str]:
        _, listed = await client.ask("GET", f"/books/{book}")
        if sorted(listed["ids"]) == sorted(self._settled[book]):
            return []
        extra = set(listed["ids"]) ^ self._settled[book]
        return [f"index and table differ in {book}: {sorted(extra)[:5]}, doubles, or both"]
