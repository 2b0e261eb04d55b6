"""Messages: every accepted one ends handled or in the dead letters; what can succeed is handled."""

from __future__ import annotations

from itertools import count

from tests.crash.client import Client, expect
from tests.crash.loads.pending import Pending

HANDLED_MIN = 0.99  # of what can succeed
HOPELESS = 99
FAILURES = (0, 0, 0, 1, 0, 2, 0, 0, HOPELESS)


class ErrandLoad:
    workers = 4

    def __init__(self) -> None:
        self.acknowledged = 0
        self.handled = self.repeated = self.buried = self.hopeless = 0
        self._pending = Pending("/outcomes/known", lambda one: True)
        self._failures: dict[str, int] = {}

    async def begin(self, client: Client, number: int) -> None:
        self._round = number

    async def work(self, client: Client, worker: int) -> None:
        for number in count():
            id = f"errand-{self._round}.{worker}.{number}"
            failures = self._failures[id] = FAILURES[number % len(FAILURES)]
            self._pending.uncertain.add(id)
            status, body = await client.ask("POST", "/errands", {"id": id, "failures": failures})
            expect(status, 204, body=body)
            self._pending.accept(id)
            self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        return self._judged(await self._pending.ended(client))

    async def check_all(self, client: Client) -> list[str]:
        try:
            wrong = self._judged(await self._pending.all_ended(client))
        except TimeoutError:
            lost = sorted(self._pending.accepted)
            return [f"{len(lost)} errands were accepted and have no end, as {lost[:3]}"]
        able = self.handled + self.buried - self.hopeless
        if self.handled < HANDLED_MIN * able:
            wrong.append(f"only {self.handled} errands of {able} that can succeed were handled")
        return wrong

    def _judged(self, ended: list[dict[str, object]]) -> list[str]:
        wrong: list[str] = []
        for one in ended:
            failures = self._failures.pop(str(one["id"]))
            is_buried = one["buried"] is not None
            self.buried += is_buried
            self.handled += not is_buried
            self.repeated += one["handled"] != 1 and not is_buried
            self.hopeless += failures == HOPELESS
            if failures == HOPELESS and not is_buried:
                wrong.append(f"{one['id']} cannot succeed and is told to be handled")
        return wrong

    def __str__(self) -> str:
        return (
            f"{self.acknowledged:,} errands: {self.handled:,} handled ({self.repeated} of them "
            f"more than once), {self.buried:,} buried, of which {self.hopeless:,} could not succeed"
        )
