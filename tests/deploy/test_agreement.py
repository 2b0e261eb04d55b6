"""What a template says and what a deployed function reads are the same words, though neither
imports the other.
"""

from __future__ import annotations

import json

from skylift.aws.deploy import ledger, table
from skylift.aws.deploy.bundle.bundle import HANDLER
from skylift.aws.deploy.bundle.closure import ENTRY
from skylift.aws.deploy.function import environment
from skylift.aws.runtime import lambda_ports, outbox, settle_sqs, value_dynamodb
from skylift.graph.queue import LEASE_TIMEOUTS
from tests.deploy.apps import plan_of


def test_what_expires_is_under_the_name_that_dynamodb_deletes_by() -> None:
    assert table.EXPIRES == value_dynamodb.EXPIRES


def test_a_function_finds_in_its_environment_what_the_template_puts_there() -> None:
    write = plan_of("hello").function("notes.write")
    said = environment(write, "dev")
    assert said.keys() == {"SKYLIFT_STAGE", lambda_ports.LEDGER, lambda_ports.PLACES}


def test_the_relay_is_woken_for_messages_and_for_nothing_else() -> None:
    pattern = json.loads(ledger.MESSAGES)
    (rule,) = pattern["dynamodb"]["Keys"][ledger.KEY]["S"]
    item = outbox.outbox_item([], "id", 0)
    assert item[ledger.KEY]["S"].startswith(rule["prefix"])
    assert outbox.is_outbox({ledger.KEY: {"S": rule["prefix"] + " id"}})


def test_a_bundle_has_the_handler_that_the_template_names() -> None:
    assert f"{ENTRY}.handler" == HANDLER


def test_a_queue_hides_what_is_handled_for_no_longer_than_sqs_can() -> None:
    for name in ("hello", "ledger", "letters", "shop"):
        for queue in plan_of(name).queues:
            assert 0 < queue.lease_s <= settle_sqs.HIDDEN_S_MAX
    assert LEASE_TIMEOUTS == 6  # AWS's own advice for a queue that Lambda reads
