"""What is done once is done once: messages sent twice, and requests repeated after a kill."""

from __future__ import annotations

from itertools import count

from tests.crash.client import Client, expect
from tests.crash.loads.pending import Pending

SENDERS = 2


class GiftLoad:
    workers = 2 * SENDERS

    def __init__(self) -> None:
        self.acknowledged = self.given = self.repeated = 0
        self._pending = Pending("/gifts/known", lambda one: True)
        self._settled: set[str] = set()
        self._unanswered: dict[int, str] = {}  # by worker: the request that a kill cut off

    async def begin(self, client: Client, number: int) -> None:
        self._round = number

    async def work(self, client: Client, worker: int) -> None:
        if worker in self._unanswered:
            self.repeated += 1
            await self._give_now(client, worker, self._unanswered[worker])
        for number in count():
            id = f"gift-{self._round}.{worker}.{number}"
            if worker < SENDERS:
                await self._promise(client, id)
            else:
                await self._give_now(client, worker, id)

    async def _promise(self, client: Client, id: str) -> None:
        self._pending.uncertain.add(id)
        status, body = await client.ask("POST", "/gifts", {"id": id})
        expect(status, 204, body=body)
        self._accepted(id)

    async def _give_now(self, client: Client, worker: int, id: str) -> None:
        """Asked again with the same key, by whoever never heard the answer."""
        self._unanswered[worker] = id
        self._pending.uncertain.add(id)
        status, body = await client.ask("POST", "/gifts/now", {"id": id}, idempotency_key=id)
        # 409: it was carried out, and the kill came before its answer was kept.
        expect(status, 200, 409, body=body)
        del self._unanswered[worker]
        self._accepted(id)

    def _accepted(self, id: str) -> None:
        self._pending.accept(id)
        self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        return self._judged(await self._pending.ended(client))

    async def check_all(self, client: Client) -> list[str]:
        try:
            wrong = self._judged(await self._pending.all_ended(client))
        except TimeoutError:
            lost = sorted(self._pending.accepted)
            return [f"{len(lost)} gifts were promised and not given, as {lost[:3]}"]
        ids = sorted(self._settled)  # duplicates that came later have changed nothing
        for at in range(0, len(ids), 500):
            _, found = await client.ask("POST", "/gifts/known", {"ids": ids[at : at + 500]})
            wrong += self._judged(found)
        return wrong

    def _judged(self, ended: list[dict[str, object]]) -> list[str]:
        self._settled |= {str(one["id"]) for one in ended}
        return [f"{one['id']} was given {one['times']} times" for one in ended if one["times"] != 1]

    def __str__(self) -> str:
        return f"{len(self._settled):,} gifts given once; {self.repeated} requests were repeated"
