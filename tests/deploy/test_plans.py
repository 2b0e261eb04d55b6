"""What each app becomes on AWS, and who may do what there, is a text that was read in review."""

from __future__ import annotations

import json

import pytest

from skylift.aws.deploy.plan import from_document, to_document
from tests.deploy.apps import APPS, STAGES, plan_of
from tests.deploy.golden import golden, path_of


@pytest.mark.parametrize("name", APPS)
def test_the_plan_is_the_one_that_was_reviewed(name: str) -> None:
    reviewed = path_of(name).read_text("utf-8")
    assert golden(name) == reviewed, "read the change: python -m tests.deploy.golden"


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", APPS)
def test_a_plan_that_was_kept_as_json_is_the_same_plan(name: str, stage: str) -> None:
    plan = plan_of(name, stage)
    assert from_document(json.loads(json.dumps(to_document(plan)))) == plan


def test_production_keeps_its_logs_longer() -> None:
    assert plan_of("hello").retention_days == 14
    assert plan_of("hello", "production").retention_days == 90
