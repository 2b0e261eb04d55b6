"""A policy scan of every app's templates: python -m tests.deploy.scan CHECKOV. What it finds is
fixed, or explained here; an explanation that nothing needs any more is a failure too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.deploy.apps import APPS, STAGES, plan_of, templates_of

EXPLAINED = {
    "CKV_AWS_18": "an access log of a bucket that only CloudFront reads says what CloudFront does",
    "CKV_AWS_21": "the files of a site are in the source: the deploy that put them can be repeated",
    "CKV_AWS_27": "queues are encrypted, by SQS itself; the check knows keys of KMS alone, which "
    "cost $1 a month each and 0.03 for 10,000 calls",
    "CKV_AWS_68": "a web ACL costs $5 a month and more; it can be added to the distribution",
    "CKV_AWS_86": "access logs of pages are kept and paid for; the Api behind logs its requests",
    "CKV_AWS_95": "an access log bills each request twice: functions log their requests, and what "
    "the gateway refuses by itself is in its metrics",
    "CKV_AWS_115": "reserved concurrency is taken from the whole account: concurrency_max= asks "
    "for it where it is wanted",
    "CKV_AWS_116": "what is called asynchronously has an on-failure destination instead, which "
    "keeps the reason too; what a consumer fails on goes to the dead letters of its queue",
    "CKV_AWS_117": "a function inside a VPC needs a NAT gateway or endpoints, which bill while "
    "idle; DynamoDB and SQS are reached over TLS with a signature",
    "CKV_AWS_119": "tables are encrypted with DynamoDB's own key; one of KMS bills each call",
    "CKV_AWS_158": "logs are encrypted by CloudWatch; a key of KMS costs $1 a month",
    "CKV_AWS_173": "the environment holds names, settings, and the key by which a site's edge says "
    "whose address it is; a Secret is never in it, and Lambda encrypts it at rest by its own key",
    "CKV_AWS_174": "CloudFront's own name comes with its own certificate and its own protocols: "
    "which of them is said by who brings a name of his own",
}


def main(checkov: str) -> int:
    with TemporaryDirectory() as folder:
        write(Path(folder))
        found = Counter(one["check_id"] for one in failures(checkov, folder))
    unexplained = found.keys() - EXPLAINED.keys()
    stale = EXPLAINED.keys() - found.keys()
    for check, count in sorted(found.items()):
        print(f"{check}  {count:4}  {EXPLAINED.get(check, 'NOT EXPLAINED')}")
    for check in sorted(stale):
        print(f"{check}  explained, and nothing is found any more: take it out of {__file__}")
    return 1 if unexplained or stale else 0


def write(folder: Path) -> None:
    for name in APPS:
        for stage in STAGES:
            made = templates_of(plan_of(name, stage))
            for inner, text in {"root.json": made.root, **made.nested}.items():
                (folder / f"{name}-{stage}-{inner}").write_text(text, "utf-8")


def failures(checkov: str, folder: str) -> list[dict[str, Any]]:
    asked = [checkov, "--directory", folder, "--framework", "cloudformation", "--output", "json"]
    ran = subprocess.run(
        [*asked, "--quiet", "--compact", "--skip-download"], capture_output=True, text=True
    )
    try:
        said: dict[str, Any] = json.loads(ran.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"{checkov} said nothing: {ran.stderr}") from None
    summary = said["summary"]
    assert not summary["parsing_errors"], summary
    assert summary["passed"], summary
    return list(said["results"]["failed_checks"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
