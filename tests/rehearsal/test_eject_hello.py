"""What `skylift eject` writes, deployed by its README alone, with AWS's own CLI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import REGION, Ministack
from tests.served import SKYLIFT

HELLO = Path(__file__).parents[2] / "apps" / "hello"
BUCKET = "my-own-bucket"
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_an_ejected_app_is_deployed_and_deleted_as_its_readme_says(
    ministack: Ministack, tmp_path: Path
) -> None:
    folder = tmp_path / "ejected"
    said = ["eject", str(HELLO), str(folder), "--stage=own", f"--state={tmp_path}"]
    subprocess.run([SKYLIFT, *said], check=True, stdout=subprocess.DEVNULL)
    readme = (folder / "README.md").read_text("utf-8")
    make, deploy, ask, *_, delete = commands(readme)
    for command in (make, deploy):
        shell(command, folder, ministack)
    found = shell(ask, folder, ministack)

    hello = Deployment(ministack, HELLO, tmp_path, "own")
    stack = hello.client("cloudformation").describe_stacks(StackName="hello-own")["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    assert outputs["ApiUrl"] in found
    hello.host = urlsplit(outputs["ApiUrl"]).netloc
    written = hello.ask("POST", "/notes", {"text": "my own two feet"})
    assert written.status == 201
    counted = hello.until(f"/notes/{written.json['id']}", lambda reply: reply.json["words"])
    assert counted.json["words"] == 4
    assert hello.ask("DELETE", "/notes/1").status == 405

    refused = hello.skylift("deploy")  # it is its owner's now
    assert (refused.code, "none of skylift's" in refused.err) == (2, True)

    shell(delete, folder, ministack)
    waited = "aws cloudformation wait stack-delete-complete --stack-name hello-own"
    shell(waited, folder, ministack)
    assert "hello-own-notes" not in hello.client("dynamodb").list_tables()["TableNames"]


def commands(readme: str) -> list[str]:
    """What stands in its blocks, in order, but for the one that needs a bundle of one's own."""
    blocks = [block.replace("YOUR-BUCKET", BUCKET) for block in BLOCK.findall(readme)]
    return [block for block in blocks if "NEW.zip" not in block]


def shell(command: str, folder: Path, stack: Ministack) -> str:
    environment = {
        **stack.environment,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
    }
    done = subprocess.run(
        ["sh", "-euc", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout
