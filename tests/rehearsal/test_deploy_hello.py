"""The real `skylift deploy apps/hello` with real bundles, and what its users see."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack

ROOT = Path(__file__).parents[2]
CODE_ONLY_S_MAX = 5.0
QUIET = subprocess.DEVNULL
WRITE_NOTE = "    note = Note(new_id(), new.text)\n"


@pytest.fixture(scope="module")
def hello(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A copy of the app, for its code changes on the way; deployed for all tests of this file."""
    folder = tmp_path_factory.mktemp("hello")
    shutil.copytree(ROOT / "apps" / "hello", folder / "hello")
    one = Deployment(ministack, folder / "hello", folder / "state")
    print(f"the first deploy took {one.deployed()['took_s']:.1f} s")
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def test_a_note_goes_through_the_outbox_and_comes_back_with_its_words(hello: Deployment) -> None:
    written = hello.ask("POST", "/notes", {"text": "one two three"})
    assert written.status == 201, written
    assert (written.json["text"], written.json["words"]) == ("one two three", None)
    counted = hello.until(f"/notes/{written.json['id']}", lambda reply: reply.json["words"])
    assert counted.json == written.json | {"words": 3}


def test_every_wrong_field_is_told_at_once(hello: Deployment) -> None:
    refused = hello.ask("POST", "/notes", {"txt": 1})
    assert refused.status == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert {one["pointer"] for one in refused.json["errors"]} == {"/text", "/txt"}
    assert hello.ask("POST", "/notes").status in (400, 422)


def test_a_note_that_is_not_there_is_a_404(hello: Deployment) -> None:
    missing = hello.ask("GET", "/notes/none")
    assert (missing.status, missing.headers["content-type"]) == (404, "application/problem+json")


def test_what_no_route_takes_is_answered_as_locally(hello: Deployment) -> None:
    assert hello.ask("GET", "/nowhere").status == 404
    refused = hello.ask("DELETE", "/notes/1")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")
    assert hello.ask("GET", "/_skylift/health").json == {"status": "ok"}
    described = hello.ask("GET", "/_skylift/openapi.json").json
    assert set(described["paths"]) == {"/notes", "/notes/{id}"}


def test_head_answers_as_get_without_a_body(hello: Deployment) -> None:
    id = hello.ask("POST", "/notes", {"text": "x"}).json["id"]
    seen = hello.ask("HEAD", f"/notes/{id}")
    assert (seen.status, seen.body) == (200, b"")


def test_a_deploy_without_a_change_is_a_success(hello: Deployment) -> None:
    again = hello.deployed()
    assert (again["outcome"], again["code"], again["changes"]) == ("unchanged", [], [])


def test_new_code_alone_is_there_within_seconds(hello: Deployment) -> None:
    notes = hello.app / "notes.py"
    source = notes.read_text("utf-8")
    assert WRITE_NOTE in source
    notes.write_text(source.replace(WRITE_NOTE, WRITE_NOTE.replace("new.text", "new.text.upper()")))
    changed = hello.deployed()
    print(f"new code alone took {changed['took_s']:.1f} s")
    assert (changed["outcome"], changed["changes"]) == ("code", [])
    assert hello.ask("POST", "/notes", {"text": "loud"}).json["text"] == "LOUD"
    assert changed["took_s"] <= CODE_ONLY_S_MAX
    # Back to the code that the template still names: a stack's update alone leaves it as it is.
    notes.write_text(source.replace("attempts_max=5", "attempts_max=4"))
    assert hello.deployed()["outcome"] == "changed"
    assert hello.ask("POST", "/notes", {"text": "quiet"}).json["text"] == "quiet"
    notes.write_text(source)


def test_a_deploy_that_was_killed_is_finished_by_the_next(hello: Deployment) -> None:
    notes = hello.app / "notes.py"
    source = notes.read_text("utf-8")
    for number, after_s in enumerate((1.0, 1.6, 2.2)):
        path = f"/more{number}"
        notes.write_text(source + MORE.format(path=path, number=number))
        begun = subprocess.Popen(
            hello.command("deploy"), env=hello.environment, stdout=QUIET, stderr=QUIET
        )
        time.sleep(after_s)
        begun.kill()
        begun.wait(10)
        assert hello.skylift("deploy").code == 0
        assert hello.ask("GET", path).json == str(number)
    notes.write_text(source)
    assert hello.deployed()["outcome"] == "changed"
    assert hello.ask("GET", "/more2").status == 404


MORE = """

@api.get("{path}")
async def more{number}() -> str:
    return "{number}"
"""


def test_what_would_lose_notes_is_refused_and_changes_nothing(hello: Deployment) -> None:
    notes = hello.app / "notes.py"
    source = notes.read_text("utf-8")
    id = hello.ask("POST", "/notes", {"text": "kept"}).json["id"]
    notes.write_text(source.replace('Table("notes"', 'Table("pages"'))
    try:
        refused = hello.skylift("deploy", "--json")
        assert refused.code == 2
        assert refused.json["outcome"] == "refused"
        assert "--allow-destroy notes" in refused.json["hint"]
        assert hello.ask("GET", f"/notes/{id}").json["text"] == "kept"
        assert hello.skylift("deploy", "--allow-destroy", "notes").code == 0
        assert hello.ask("GET", f"/notes/{id}").status == 404
        tables = hello.client("dynamodb").list_tables()["TableNames"]
        assert "hello-dev-pages" in tables
        assert "hello-dev-notes" not in tables
    finally:
        notes.write_text(source)
    assert hello.skylift("deploy", "--allow-destroy", "pages").code == 0


def test_a_stack_of_which_nothing_was_written_down_is_told_so(hello: Deployment) -> None:
    s3 = hello.client("s3")
    (bucket,) = (one["Name"] for one in s3.list_buckets()["Buckets"] if "skylift" in one["Name"])
    where = {"Bucket": bucket, "Key": "apps/hello/dev/deployed.json"}
    document = s3.get_object(**where)["Body"].read()
    s3.delete_object(**where)
    told = hello.skylift("diff")
    s3.put_object(**where, Body=document)
    assert told.code == 0
    assert "note: what stack hello-dev is made of is not known" in told.err
    assert "note: " not in hello.skylift("diff").err


def test_a_function_that_somebody_deleted_is_told_with_the_way_back(
    ministack: Ministack, tmp_path: Path
) -> None:
    app = shutil.copytree(ROOT / "apps" / "hello", tmp_path / "hello")
    hello = Deployment(ministack, app, tmp_path, "gone")
    hello.deployed()
    hello.client("lambda").delete_function(FunctionName="hello-gone-notes-read")
    told = hello.skylift("deploy", "--json")
    assert (told.code, told.json["outcome"]) == (3, "failed")
    assert "hello-gone-notes-read is gone" in told.json["reason"]
    assert "put it back" in told.json["hint"]

    notes = (app / "notes.py").read_text("utf-8")
    before, _, after = notes.partition('@api.get("/notes/{id}")')
    _, rest = after.split("\n\n\n", 1)
    (app / "notes.py").write_text(before + rest)
    hello.deployed()
    (app / "notes.py").write_text(notes)
    hello.deployed()
    assert hello.ask("GET", "/notes/none").status == 404
    assert hello.skylift("destroy", "--yes").code == 0


def test_another_stack_of_that_name_is_left_alone(ministack: Ministack, tmp_path: Path) -> None:
    one = Deployment(ministack, ROOT / "apps" / "hello", tmp_path, "other")
    one.client("cloudformation").create_stack(
        StackName="hello-other", TemplateBody='{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'
    )
    for deed in ("deploy", "destroy"):
        refused = one.skylift(deed, "--yes")
        assert refused.code == 2
        assert "none of skylift's" in refused.err


def test_production_is_not_changed_unasked(ministack: Ministack, tmp_path: Path) -> None:
    one = Deployment(ministack, ROOT / "apps" / "hello", tmp_path, "production")
    told = one.skylift("deploy")
    assert (told.code, told.out) == (2, "")


def test_a_stage_that_is_destroyed_leaves_nothing_behind(
    ministack: Ministack, tmp_path: Path
) -> None:
    one = Deployment(ministack, ROOT / "apps" / "hello", tmp_path, "gone")
    one.deployed()
    id = one.ask("POST", "/notes", {"text": "x"}).json["id"]
    one.until(f"/notes/{id}", lambda reply: reply.json["words"])
    told = one.skylift("destroy", "--yes", "--json")
    assert (told.code, told.json["outcome"], told.json["kept"]) == (0, "destroyed", [])
    assert left(one) == []
    assert one.skylift("destroy", "--yes", "--json").json["outcome"] == "nothing was deployed"


def test_production_keeps_its_data_and_takes_it_up_again(
    ministack: Ministack, tmp_path: Path
) -> None:
    one = Deployment(ministack, ROOT / "apps" / "hello", tmp_path, "production")
    one.deployed("--yes")
    id = one.ask("POST", "/notes", {"text": "kept"}).json["id"]
    # MiniStack makes a log group anew for a function that ends after it was deleted.
    one.until(f"/notes/{id}", lambda reply: reply.json["words"])
    kept = one.skylift("destroy", "--yes", "--json").json["kept"]
    assert {name.split()[0] for name in kept} == {"notes", "counting", "notes.count.dead", "ledger"}
    one.deployed("--yes")
    assert one.ask("GET", f"/notes/{id}").json["text"] == "kept"
    named = ["notes", "counting", "notes.count.dead", "ledger"]
    assert one.skylift("destroy", "--yes", "--json", "--allow-destroy", *named).json["kept"] == []
    # The ledger's stream was read from its start again, so the message came twice; what it called
    # may end after its log group was deleted, and MiniStack then makes another.
    assert [name for name in left(one) if not name.startswith("/aws/lambda/")] == []


def left(one: Deployment) -> list[str]:
    """Whatever is still there by the name of the app's stage."""
    prefix = f"hello-{one.stage}-"
    found: list[str] = one.client("dynamodb").list_tables()["TableNames"]
    found += one.client("sqs").list_queues().get("QueueUrls", [])
    found += [one["FunctionName"] for one in one.client("lambda").list_functions()["Functions"]]
    groups = one.client("logs").describe_log_groups()["logGroups"]
    found += [group["logGroupName"] for group in groups]
    found += [role["RoleName"] for role in one.client("iam").list_roles()["Roles"]]
    (bucket,) = [one["Name"] for one in one.client("s3").list_buckets()["Buckets"]]
    objects = one.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    found += [f"hello-{key['Key'].split('/')[2]}-{key['Key']}" for key in objects]
    return [name for name in found if prefix in name]
