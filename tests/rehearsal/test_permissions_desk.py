"""The roles of whoever reveals secrets, taken apart as those of all others are:
`test_permissions.py`. A function keeps what it was told for minutes, so each trial begins cold.
"""

from __future__ import annotations

import pytest

from tests.rehearsal.behind_role import Outcome
from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.role import Role, Stage, Trial, prove
from tests.rehearsal.test_permissions import ROOT
from tests.rehearsal.trial import http, logged

CANARY = "canary-9b2e"
DESK = ROOT / "tests" / "apps" / "desk"


@pytest.fixture(scope="module")
def desk(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("desk")
    deployment = Deployment(guarded, DESK, folder / "state")
    parameter = {"Name": "/desk/dev/signing", "Value": CANARY, "Type": "SecureString"}
    deployment.client("ssm").put_parameter(**parameter)
    deployment.client("secretsmanager").create_secret(Name="desk/dev/sealing", SecretString="two")
    return Stage(deployment, folder / "bundles")


def cold(role: Role, path: str) -> Trial:
    trial = http(role, "POST", path, item="1")

    def anew() -> str:
        role.start_anew()
        return trial()

    return anew


def test_who_reveals_needs_exactly_what_its_role_allows(desk: Stage) -> None:
    sign, seal = Role(desk, "desk.sign"), Role(desk, "desk.seal")
    prove(sign, [cold(sign, "/signatures/1"), logged(sign)])
    prove(seal, [cold(seal, "/seals/1"), logged(seal)])


def test_what_fails_with_a_secret_in_its_hands_tells_nothing_of_it(desk: Stage) -> None:
    role, said = Role(desk, "desk.lose"), list[str]()
    behind = role.behind

    def heard(event: object) -> Outcome:
        outcome = behind(event)
        said.append(f"{outcome.said} {outcome.result} {outcome.raised}")
        return outcome

    role.behind = heard  # pyright: ignore[reportAttributeAccessIssue]
    try:
        assert not http(role, "POST", "/lost/1", item="1", status=500)()
        assert not http(role, "POST", "/lost/known", item="known", status=404)()
    finally:
        behind.close()
    assert "letters is lost" in said[0]
    assert CANARY not in "".join(said)


def test_who_counts_needs_exactly_what_its_role_allows(desk: Stage) -> None:
    hours = Role(desk, "desk.hours")
    trial = http(hours, "GET", "/hours")

    def asked() -> str:
        """Refused for coming too often or not, it was counted; who cannot count says neither."""
        told = trial()
        return "" if told.startswith("429:") else told

    prove(hours, [asked, asked, asked, asked, logged(hours)])


def test_who_asks_for_a_setting_may_do_nothing_for_it(desk: Stage) -> None:
    greet = Role(desk, "desk.greet")
    prove(greet, [http(greet, "GET", "/greeting"), logged(greet)])
