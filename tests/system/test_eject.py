"""`skylift eject` writes what its owner needs and no more; `skylift diff` tells what would be new
without asking AWS.
"""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.served import SKYLIFT

ROOT = Path(__file__).parents[2]
HELLO = ROOT / "apps" / "hello"


def skylift(*said: object) -> subprocess.CompletedProcess[str]:
    command = [SKYLIFT, *map(str, said)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def ejected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ejected")
    done = skylift("eject", HELLO, home / "out", "--state", home / "state", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["folder"] == str(home / "out")
    return home / "out"


def test_every_bundle_that_the_template_names_is_there(ejected: Path) -> None:
    template = json.loads((ejected / "template.json").read_text("utf-8"))
    functions = [
        one["Properties"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Lambda::Function"
    ]
    assert len(functions) == 5
    for one in functions:
        assert one["Code"]["S3Bucket"] == {"Ref": "CodeBucket"}
        key = one["Code"]["S3Key"].removeprefix("hello-dev/")
        with zipfile.ZipFile(ejected / "upload" / key) as bundle:
            assert "skylift_function.py" in bundle.namelist()
    assert template["Parameters"].keys() == {"CodeBucket"}
    assert len([*(ejected / "upload" / "bundles").iterdir()]) == 5


def test_the_readme_has_the_commands_and_the_plan_the_words(ejected: Path) -> None:
    readme = (ejected / "README.md").read_text("utf-8")
    assert "aws s3 cp upload s3://YOUR-BUCKET/hello-dev --recursive" in readme
    assert "--stack-name hello-dev --template-file template.json" in readme
    assert "managed-by" not in readme  # skylift leaves alone what is deployed so
    assert "may  create in notes" in (ejected / "plan.txt").read_text("utf-8")


def test_a_folder_that_is_not_empty_is_left_alone(ejected: Path) -> None:
    refused = skylift("eject", HELLO, ejected)
    assert refused.returncode == 2
    assert f"{ejected} is there and not empty" in refused.stderr


def test_a_place_that_cannot_be_written_is_told_with_what_next(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = skylift("eject", HELLO, tmp_path / "file" / "out", "--state", tmp_path, "--json")
    assert refused.returncode == 2, refused.stderr
    (told,) = json.loads(refused.stdout)["mistakes"]
    assert told["reason"] == f"{tmp_path}/file/out: Not a directory"
    assert "name another folder" in told["remedy"]


def test_what_would_be_new_is_told_without_an_account() -> None:
    told = skylift("diff", HELLO, "--from-nothing", "--check")
    assert told.returncode == 4, told.stderr
    assert "+ table notes  key id (S); on AWS hello-dev-notes\n" in told.stdout
    document = json.loads(skylift("diff", HELLO, "--from-nothing", "--json").stdout)
    assert (document["is_new"], document["public"], document["destroys"]) == (True, ["api"], [])
    assert document["cost"]["idle"] == 0


def test_a_stage_that_is_no_name_is_refused_in_words() -> None:
    refused = skylift("diff", HELLO, "--from-nothing", "--stage", "Dev", "--json")
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["outcome"] == "refused"
    assert "stage 'Dev' is no name for a stage" in refused.stderr
