"""The roles of who has to do with users, taken apart as those of all others are:
`test_permissions.py`. What `refresh` may do is for a token that comes again, which the emulator
does not know; `tests/unit/test_users_cognito.py` does.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.role import Role, Stage, Trial, prove
from tests.rehearsal.test_permissions import ROOT
from tests.rehearsal.trial import http, logged

CLUB = ROOT / "tests" / "apps" / "club"
PASSWORD, CODE, RESET = "correct horse battery", "123456", "654321"  # the emulator's codes


class Pool:
    """The pool of the club, behind its back."""

    def __init__(self, stage: Stage) -> None:
        self.client = stage.deployment.client("cognito-idp")
        found = self.client.list_user_pools(MaxResults=60)["UserPools"]
        self.id = next(one["Id"] for one in found if one["Name"] == "club-dev-members")
        (client,) = self.client.list_user_pool_clients(UserPoolId=self.id)["UserPoolClients"]
        self.client_id = client["ClientId"]

    def member(self) -> tuple[str, str]:
        """A new one: id and address."""
        id = uuid.uuid4().hex
        email = f"{id}@example.com"
        self._made(id, email=email, email_verified="true")
        return id, email

    def guest(self, **attributes: str) -> str:
        id = uuid.uuid4().hex
        self._made(id, name="Dora", **attributes)
        said = {"UserPoolId": self.id, "Username": id, "GroupName": "guest"}
        self.client.admin_add_user_to_group(**said)
        return id

    def upgrading(self) -> str:
        """A guest whose address waits to be confirmed."""
        waiting = uuid.uuid4().hex
        address = [{"Name": "email", "Value": f"{waiting}@example.com"}]
        said = {"Username": waiting, "Password": PASSWORD, "UserAttributes": address}
        self.client.sign_up(ClientId=self.client_id, **said)
        return self.guest(**{"custom:upgrade": waiting})

    def _made(self, id: str, **attributes: str) -> None:
        said = [{"Name": name, "Value": value} for name, value in attributes.items()]
        user = {"UserPoolId": self.id, "Username": id}
        self.client.admin_create_user(**user, UserAttributes=said, MessageAction="SUPPRESS")
        self.client.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)


@pytest.fixture(scope="module")
def club(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("club")
    return Stage(Deployment(guarded, CLUB, folder / "state"), folder / "bundles")


def anew(made: Callable[[], Trial]) -> Trial:
    """Each time with somebody else."""
    return lambda: made()()


def called_by(id: str, groups: str = "") -> dict[str, str]:
    return {"token_use": "access", "username": id, "sub": "x", "cognito:groups": groups}


def test_who_signs_people_in_may_do_exactly_that(club: Stage) -> None:
    pool = Pool(club)
    _, email = pool.member()
    said: Any = {"email": email, "password": PASSWORD}
    login, guest = Role(club, "club.login"), Role(club, "club.guest")
    prove(login, [http(login, "POST", "/login", said), logged(login)])
    prove(guest, [http(guest, "POST", "/guests", {"name": "Dora"}), logged(guest)])


def test_who_asks_openly_may_do_nothing_for_it(club: Stage) -> None:
    said = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    register, forgot = Role(club, "club.register"), Role(club, "club.forgot")
    prove(register, [http(register, "POST", "/register", said, status=202), logged(register)])
    forgotten = http(forgot, "POST", "/forgot", {"name": "nobody@example.com"}, status=204)
    prove(forgot, [forgotten, logged(forgot)])


def test_who_makes_members_may_do_exactly_that(club: Stage) -> None:
    pool = Pool(club)
    confirm, upgrade = Role(club, "club.confirm"), Role(club, "club.upgrade")

    def confirmed() -> Trial:
        said = {"id": pool.upgrading(), "code": CODE}
        return http(confirm, "POST", "/confirm", said, status=204)

    prove(confirm, [anew(confirmed), logged(confirm)])

    def upgraded() -> Trial:
        said = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
        claims = called_by(pool.guest())
        return http(upgrade, "POST", "/upgrade", said, claims=claims, status=204)

    prove(upgrade, [anew(upgraded), logged(upgrade)])


def test_who_keeps_order_may_do_exactly_that(club: Stage) -> None:
    pool = Pool(club)
    id, email = pool.member()
    me, reset = Role(club, "club.me"), Role(club, "club.reset")
    prove(me, [http(me, "GET", "/me", claims=called_by(id)), logged(me)])

    def forgotten() -> Trial:
        pool.client.forgot_password(ClientId=pool.client_id, Username=email)
        said = {"email": email, "code": RESET, "password": PASSWORD}
        return http(reset, "POST", "/reset", said, status=204)

    prove(reset, [anew(forgotten), logged(reset)])


def test_a_route_that_looks_at_tokens_by_itself_may_do_nothing_for_it(club: Stage) -> None:
    hello = Role(club, "club.hello")
    prove(hello, [http(hello, "GET", "/hello"), logged(hello)])
