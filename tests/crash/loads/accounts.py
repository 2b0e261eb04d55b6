"""Counters: what was added is there once. Transfers: the sum of both sides stays zero."""

from __future__ import annotations

from tests.crash.client import Client, expect

TILL, PAYER, PAYEE = "till", "payer", "payee"
DEPOSITORS = 2


class AccountLoad:
    workers = DEPOSITORS + 2

    def __init__(self) -> None:
        self.acknowledged = 0
        self._told = {TILL: 0, PAYEE: 0}
        self._under_way = {TILL: 0, PAYEE: 0}
        self._seen = 0  # the highest balance an answer has shown

    async def begin(self, client: Client, number: int) -> None:
        if number == 0:
            for name in (TILL, PAYER, PAYEE):
                status, body = await client.ask("PUT", f"/accounts/{name}")
                expect(status, 200, body=body)

    async def work(self, client: Client, worker: int) -> None:
        deposits = worker < DEPOSITORS
        account = TILL if deposits else PAYEE
        transfer = {"payer": PAYER, "payee": PAYEE, "amount": 1}
        while True:
            self._under_way[account] += 1
            if deposits:
                status, body = await client.ask("POST", f"/accounts/{TILL}/deposits", {"amount": 1})
                expect(status, 200, body=body)
                self._seen = max(self._seen, body["balance"])
            else:
                status, body = await client.ask("POST", "/transfers", transfer)
                expect(status, 204, body=body)
            self._under_way[account] -= 1
            self._told[account] += 1
            self.acknowledged += 1

    async def check(self, client: Client) -> list[str]:
        balance = {name: await self._balance(client, name) for name in (TILL, PAYER, PAYEE)}
        wrong: list[str] = []
        for name, told in self._told.items():
            most = told + self._under_way[name]
            if not told <= balance[name] <= most:
                wrong.append(f"{name} holds {balance[name]}: {told} told, {most} asked")
            self._told[name], self._under_way[name] = balance[name], 0
        if balance[PAYER] + balance[PAYEE] != 0:
            wrong.append(f"half a transfer: {balance[PAYER]} and {balance[PAYEE]}")
        if balance[TILL] < self._seen:
            wrong.append(f"{TILL} showed {self._seen} and holds {balance[TILL]}")
        return wrong

    async def check_all(self, client: Client) -> list[str]:
        return await self.check(client)

    async def _balance(self, client: Client, name: str) -> int:
        status, body = await client.ask("GET", f"/accounts/{name}")
        expect(status, 200, body=body)
        return body["balance"]
