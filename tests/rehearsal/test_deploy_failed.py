"""A change that AWS refuses in the middle, and what runs afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.rehearsal.conftest import EMULATOR
from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack

HELLO = Path(__file__).parents[2] / "apps" / "hello"
# Made last of all: what was new is deployed by then, and has to be undone.
REFUSED = [f"hello-{stage}-waiting" for stage in ("dev", "production")]
SECOND = """

second = Queue("second", CountWords)


@second.consumer
async def count_again(job: CountWords) -> None:
    await notes.require(job.note_id)
"""


def test_what_ran_before_a_failed_deploy_runs_after_it(tmp_path: Path) -> None:
    app = tmp_path / "hello"
    shutil.copytree(HELLO, app)
    notes = app / "notes.py"
    source = notes.read_text("utf-8")
    louder = source.replace("Note(new_id(), new.text)", "Note(new_id(), new.text.upper())")
    assert louder != source
    (tmp_path / "ministack").mkdir()
    with Ministack(tmp_path / "ministack", program=[*EMULATOR, *REFUSED]) as stack:
        hello = Deployment(stack, app, tmp_path)
        hello.deployed()
        notes.write_text(louder)
        assert hello.deployed()["outcome"] == "code"

        # The stack goes back to what its template names: the code before that.
        notes.write_text(louder.replace(".upper()", ".lower()") + SECOND)
        failed = hello.skylift("deploy", "--json")
        assert (failed.code, failed.json["outcome"]) == (3, "failed")
        assert "WaitingAlarm" in failed.json["reason"]
        assert "everything is as it was" in failed.json["reason"]
        assert failed.json["hint"] == "remove the cause, then run it again"
        assert hello.ask("POST", "/notes", {"text": "Loud"}).json["text"] == "LOUD"

        notes.write_text(louder)
        assert hello.skylift("deploy").code == 0
        assert hello.ask("POST", "/notes", {"text": "Loud"}).json["text"] == "LOUD"


def test_a_first_deploy_that_failed_is_no_obstacle_to_the_next(tmp_path: Path) -> None:
    app = tmp_path / "hello"
    shutil.copytree(HELLO, app)
    source = (app / "notes.py").read_text("utf-8")
    (app / "notes.py").write_text(source + SECOND)
    (tmp_path / "ministack").mkdir()
    with Ministack(tmp_path / "ministack", program=[*EMULATOR, *REFUSED]) as stack:
        hello = Deployment(stack, app, tmp_path, "production")
        assert hello.skylift("deploy", "--yes").code == 3
        assert hello.client("dynamodb").list_tables()["TableNames"] == []
        (app / "notes.py").write_text(source)
        assert hello.deployed("--yes")["outcome"] == "created"
        assert hello.ask("POST", "/notes", {"text": "here"}).status == 201
