"""A club on AWS, as its members see it: they register, confirm, sign in, stay signed in, and call
what is closed to everybody else; a guest becomes a member and stays who he was.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment, Reply
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.users import mails

CLUB = Path(__file__).parents[1] / "apps" / "club"
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def club(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """On an emulator that checks who asks: only that one looks at codes. It keeps two paths of
    every host for itself.
    """
    folder = tmp_path_factory.mktemp("club")
    app = shutil.copytree(CLUB, folder / "club", ignore=shutil.ignore_patterns("__pycache__"))
    source = app / "club.py"
    text = source.read_text("utf-8").replace("/login", "/sign-in").replace("/logout", "/sign-out")
    source.write_text(text, "utf-8")
    one = Deployment(guarded, app, folder / "state")
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes", "--allow-destroy", "members,ledger").code == 0


def post(club: Deployment, path: str, token: str = "", **said: str) -> Reply:
    return club.ask("POST", path, said, bearer(token))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def code_for(club: Deployment, address: str) -> str:
    found = re.findall(r"\b\d{6}\b", mails(club.stack.url, address)[-1])
    return str(found[0])


def joined(club: Deployment, email: str) -> str:
    reply = post(club, "/register", email=email, password=PASSWORD)
    assert reply.status == 202, reply
    id: str = reply.json["id"]
    assert post(club, "/confirm", id=id, code="000000").status == 422
    assert post(club, "/confirm", id=id, code=code_for(club, email)).status == 204
    return id


def signed_in(club: Deployment, email: str, password: str = PASSWORD) -> Any:
    reply = post(club, "/sign-in", email=email, password=password)
    assert reply.status == 200, reply
    return reply.json


def test_a_member_registers_signs_in_and_calls_what_is_closed(club: Deployment) -> None:
    id = joined(club, "ann@example.com")
    wrong = post(club, "/sign-in", email="ann@example.com", password="another horse")
    nobody = post(club, "/sign-in", email="nobody@example.com", password=PASSWORD)
    assert (wrong.status, wrong.body) == (nobody.status, nobody.body)
    assert wrong.status == 401
    tokens = signed_in(club, "ann@example.com")
    assert tokens["id"] == id
    closed = club.ask("GET", "/me")
    assert (closed.status, closed.json) == (401, {"message": "Unauthorized"})
    assert club.ask("GET", "/me", headers=bearer(tokens["access"][:-6])).status == 401
    me = club.ask("GET", "/me", headers=bearer(tokens["access"]))
    assert me.status == 200, me
    assert (me.json["id"], me.json["username"]) == (id, "ann@example.com")


def test_the_next_tokens_are_as_good_and_end_with_the_session(club: Deployment) -> None:
    joined(club, "bob@example.com")
    refreshed = post(club, "/refresh", refresh=signed_in(club, "bob@example.com")["refresh"])
    assert refreshed.status == 200, refreshed
    assert club.ask("GET", "/me", headers=bearer(refreshed.json["access"])).status == 200
    assert post(club, "/sign-out", refresh=refreshed.json["refresh"]).status == 204
    assert post(club, "/refresh", refresh=refreshed.json["refresh"]).status == 401


def test_a_route_that_can_do_without_looks_at_the_token_by_itself(club: Deployment) -> None:
    joined(club, "carl@example.com")
    access = signed_in(club, "carl@example.com")["access"]
    unknown = club.ask("GET", "/hello")
    assert (unknown.status, unknown.json["text"]) == (200, "hello, whoever you are")
    known = club.ask("GET", "/hello", headers=bearer(access))
    assert (known.status, known.json["text"]) == (200, "hello, carl@example.com")
    forged = club.ask("GET", "/hello", headers=bearer(access[:-8] + "AAAAAAAA"))
    assert (forged.status, forged.json) == (401, {"message": "Unauthorized"})


def test_a_guest_becomes_a_member_and_stays_who_he_was(club: Deployment) -> None:
    guest = post(club, "/guests", name="Dora")
    assert guest.status == 200, guest
    id, access = guest.json["id"], guest.json["access"]
    hello = club.ask("GET", "/hello", headers=bearer(access)).json
    assert hello == {"text": "hello, Dora", "groups": ["guest"]}
    said = {"email": "dora@example.com", "password": PASSWORD}
    assert post(club, "/upgrade", **said).status == 401
    assert post(club, "/upgrade", access, **said).status == 204
    code = code_for(club, "dora@example.com")
    assert post(club, "/confirm", id=id, code=code).status == 204
    tokens = signed_in(club, "dora@example.com")
    assert tokens["id"] == id
    me = club.ask("GET", "/me", headers=bearer(tokens["access"])).json
    assert (me["id"], me["username"], me["groups"]) == (id, "dora@example.com", [])


def test_a_forgotten_password_is_set_anew(club: Deployment) -> None:
    joined(club, "eve@example.com")
    for address in ("eve@example.com", "stranger@example.com"):
        assert post(club, "/forgot", name=address).status == 204
    said = {"email": "eve@example.com", "code": code_for(club, "eve@example.com")}
    assert post(club, "/reset", **said, password="staple of another kind").status == 204
    assert post(club, "/sign-in", email="eve@example.com", password=PASSWORD).status == 401
    assert signed_in(club, "eve@example.com", "staple of another kind")


def test_only_who_is_in_a_group_is_let_further(club: Deployment) -> None:
    id = joined(club, "fay@example.com")
    token = signed_in(club, "fay@example.com")["access"]
    assert club.ask("GET", "/staff", headers=bearer(token)).status == 403
    pools = club.client("cognito-idp")
    (pool,) = [
        one["Id"]
        for one in pools.list_user_pools(MaxResults=60)["UserPools"]
        if one["Name"] == "club-dev-members"
    ]
    pools.create_group(UserPoolId=pool, GroupName="staff")
    pools.admin_add_user_to_group(UserPoolId=pool, GroupName="staff", Username=id)
    token = signed_in(club, "fay@example.com")["access"]
    assert club.ask("GET", "/staff", headers=bearer(token)).status == 200
    other = joined(club, "gus@example.com")
    appointed = post(club, f"/staff/{other}", token)
    assert (appointed.status, appointed.json) == (200, ["staff"])
