"""Accounts that many clients change at once: one alone, or two so that their sum stays."""

from skylift import NotFound, Struct, Table, transaction

from .api import api


class Account(Struct):
    name: str
    balance: int = 0


class Amount(Struct):
    amount: int


class Transfer(Struct):
    payer: str
    payee: str
    amount: int


accounts = Table("accounts", Account, key="name")


@api.put("/accounts/{name}")
async def open_account(name: str) -> Account:
    await accounts.put(Account(name))
    return await accounts.require(name)


@api.get("/accounts/{name}")
async def read_account(name: str) -> Account:
    account = await accounts.get(name)
    if account is None:
        raise NotFound(f"there is no account {name}")
    return account


@api.post("/accounts/{name}/deposits")
async def deposit(name: str, deposit: Amount) -> Account:
    return await accounts.update(name, add={"balance": deposit.amount})


@api.post("/transfers")
async def transfer(moved: Transfer) -> None:
    async with transaction() as tx:
        await accounts.update(moved.payer, add={"balance": -moved.amount}, tx=tx)
        await accounts.update(moved.payee, add={"balance": moved.amount}, tx=tx)
