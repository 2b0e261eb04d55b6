"""People of Trinity, each with a connection of his own and perhaps a screen that listens to his
room. They share the machine, and its two cores, with the server. Each comes from an address of his
own on loopback: the limits by address are for a household, not for a thousand.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.contender import BIN, HOST
from bench.session import ROOT
from tests.system.sockets import PROTOCOL, TEXT, frame, handshake, header

TRINITY = "apps/trinity"
PASSWORD = "Right-horse-7"
ROOMS_A_HOST = 5  # he may open ten within a minute
MAILS_MAX = 500
HOSTS_FROM = 10_000  # the first of their numbers
PATIENCE_S = 30.0
Heard = Callable[[float, dict[str, Any]], None]


class Person:
    """One connection, on which one request is under way at a time."""

    def __init__(self, port: int, number: int) -> None:
        self.port, self.ip = port, f"127.1.{number // 250}.{number % 250 + 1}"
        self.access = self.refresh = self.id = ""
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def take(self, session: Any) -> None:
        self.access, self.refresh, self.id = session["access"], session["refresh"], session["id"]

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        async with self._turn:
            if self._streams is None:
                local = (self.ip, 0)
                self._streams = await asyncio.open_connection(HOST, self.port, local_addr=local)
            reader, writer = self._streams
            writer.write(self._request(method, path, body))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = re.search(rb"content-length: *(\d+)", head)
            said = await reader.readexactly(int(length[1])) if length else b""
            return int(head[9:12]), json.loads(said) if said else None

    async def told(self, method: str, path: str, body: object = None) -> Any:
        status, said = await self.ask(method, path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {said}")
        return said

    def _request(self, method: str, path: str, body: object) -> bytes:
        sent = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} /api{path} HTTP/1.1", "host: bench", f"content-length: {len(sent)}"]
        lines += ["content-type: application/json"] if sent else []
        lines += [f"authorization: Bearer {self.access}"] if self.access else []
        return "\r\n".join([*lines, "", ""]).encode() + sent


class Screen(asyncio.Protocol):
    """Listens to a channel, and says of each event when it came."""

    def __init__(self, token: str, channel: str, heard: Heard) -> None:
        self._token, self._channel, self._heard = token, channel, heard
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._read = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        who = {"host": "x", "Authorization": self._token}
        said = {"type": "subscribe", "id": "1", "channel": self._channel, "authorization": who}
        asked = frame(TEXT, json.dumps(said).encode())
        transport.write(handshake(PROTOCOL, header(**who)) + asked)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._read += data
        if not self._is_open:
            head, end, rest = self._read.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head:
                self.ready.set_exception(RuntimeError(head.decode()))
                return
            self._is_open, self._read = True, rest
        while len(self._read) >= 2:
            length, start = self._read[1] & 0x7F, 2
            if length == 126:
                length, start = int.from_bytes(self._read[2:4], "big"), 4
            if len(self._read) < start + length:
                return
            self._message(json.loads(self._read[start : start + length]), now)
            self._read = self._read[start + length :]

    def _message(self, said: Any, now: float) -> None:
        if said["type"] == "data":
            (event,) = said["event"]
            self._heard(now, json.loads(event))
        elif said["type"] == "subscribe_success":
            self.ready.set_result(None)
        elif said["type"].endswith("error"):
            self.ready.set_exception(RuntimeError(str(said)))


class Room:
    """Of one host and his guests, who are voting."""

    def __init__(self, made: Any, titles: Sequence[str], people: Sequence[Person]) -> None:
        self.id, self.code = str(made["id"]), str(made["code"])
        self.titles, self.people = titles, people

    async def listen(self, heard: Heard) -> None:
        where = await self.people[0].told("GET", f"/rooms/{self.id}/live")
        loop = asyncio.get_running_loop()
        for one in self.people:
            screen = Screen(one.access, where["channel"], heard)
            await loop.create_connection(lambda screen=screen: screen, HOST, one.port)
            await screen.ready

    async def voted(self) -> int:
        """As the room itself counts it."""
        told = await self.people[0].told("GET", f"/rooms/{self.id}/progress")
        return sum(one["voted"] for one in told["members"])


@dataclass
class Account:
    """Of somebody who is registered, and the last code that was mailed to him."""

    person: Person
    email: str
    id: str = ""
    code: str = ""


async def rooms_of(port: int, state: str, count: int, size: int, titles: int) -> list[Room]:
    people = [Person(port, HOSTS_FROM + number) for number in range(-(-count // ROOMS_A_HOST))]
    hosts = [one.person for one in await members(people, state)]
    return await in_turn(
        [
            lambda number=number: _room(hosts[number // ROOMS_A_HOST], number, size, titles)
            for number in range(count)
        ],
        4,
    )


async def members(people: Sequence[Person], state: str) -> list[Account]:
    """Registered, confirmed and signed in."""
    accounts = await registered(people, state)
    for one in accounts:
        await one.person.told("POST", "/auth/confirm", {"id": one.id, "code": one.code})
        account = {"email": one.email, "password": PASSWORD}
        one.person.take(await one.person.told("POST", "/auth/login", account))
    return accounts


async def registered(people: Sequence[Person], state: str) -> list[Account]:
    accounts = [Account(one, f"{one.ip}@example.com") for one in people]
    for one in accounts:
        new = {"email": one.email, "password": PASSWORD, "name": "Marta"}
        one.id = (await one.person.told("POST", "/auth/register", new))["id"]
    await coded(accounts, state)
    return accounts


async def forgetful(people: Sequence[Person], state: str) -> list[Account]:
    """They have an account, and have asked for a code to set another password."""
    accounts = await members(people, state)
    for one in accounts:
        await one.person.told("POST", "/auth/forgot", {"email": one.email})
    await coded(accounts, state)
    return accounts


async def coded(accounts: Sequence[Account], state: str) -> None:
    """The codes lie in the server's own mail store."""
    command = [str(BIN / "skylift"), "mail", TRINITY, f"--state={state}", "--json"]
    command += [f"--limit={MAILS_MAX}"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    mails = sorted(json.loads(said), key=lambda one: one["sent_at"])
    codes = {one["address"]: re.findall(r"\b\d{6}\b", one["body"])[0] for one in mails}
    for one in accounts:
        one.code = codes[one.email]


async def _room(host: Person, number: int, size: int, titles: int) -> Room:
    new = {"name": f"Room {number}", "capacity": size, "titles": titles}
    made = await host.told("POST", "/rooms", new)
    guests = [Person(host.port, number * size + seat) for seat in range(1, size)]
    asked = {"code": made["code"]}
    for seat, guest in enumerate(guests):
        joined = await guest.told("POST", "/rooms/join-by-code", asked | {"name": f"Guest {seat}"})
        guest.take(joined["session"])
    await host.told("POST", f"/rooms/{made['id']}/start")
    deck = await host.told("GET", f"/rooms/{made['id']}/deck")
    return Room(made, [one["id"] for one in deck["titles"]], [host, *guests])


async def in_turn(deeds: Sequence[Callable[[], Awaitable[Any]]], at_once: int) -> list[Any]:
    """All of them, so many at the same time."""
    gate = asyncio.Semaphore(at_once)

    async def one(deed: Callable[[], Awaitable[Any]]) -> Any:
        async with gate:
            return await deed()

    return await asyncio.gather(*map(one, deeds))


async def at_rate(deeds: Sequence[Callable[[], Awaitable[None]]], per_s: float) -> None:
    """Each begun at its moment, whatever became of those before it."""
    begun, under_way = time.monotonic(), list[asyncio.Task[None]]()
    for number, deed in enumerate(deeds):
        wait_s = begun + number / per_s - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        under_way.append(asyncio.ensure_future(deed()))
    await asyncio.wait_for(asyncio.gather(*under_way), PATIENCE_S)
