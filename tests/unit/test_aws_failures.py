"""What a failure says, what it becomes for an author, and what is left of a batch."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import Any

import botocore.session
import pytest

from skylift import errors
from skylift.aws.runtime.batch import entries_failed, fitting, left_undone, next_page
from skylift.aws.runtime.errors import MEANING, translated
from skylift.aws.runtime.failure import GARBLED, TOO_LATE, Failure, refused
from skylift.aws.runtime.retry import THROTTLED, kind_of
from skylift.aws.runtime.skew import date_of
from skylift.errors import Unavailable

USED = {
    "dynamodb": (
        *("GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
        *("TransactWriteItems", "Query", "Scan"),
    ),
    "sqs": (
        *("SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "PurgeQueue"),
        *("DeleteMessageBatch", "ChangeMessageVisibility", "GetQueueAttributes"),
    ),
    "sns": ("PublishBatch",),
}
SPECIAL = {"TransactionCanceledException"}


@pytest.mark.parametrize("service", USED)
def test_every_error_of_an_operation_we_use_has_its_meaning(service: str) -> None:
    session: Any = botocore.session.get_session()
    model = session.get_service_model(service)
    codes = {
        shape.metadata.get("error", {}).get("code") or shape.name
        for operation in USED[service]
        for shape in model.operation_model(operation).error_shapes
    }
    assert len(codes) > 10
    assert codes - set(MEANING) - SPECIAL == set()


def test_every_throttle_botocore_knows_is_one() -> None:
    from botocore.retries.standard import ThrottledRetryableChecker

    theirs = set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
    assert theirs - {"TransactionInProgressException"} <= THROTTLED  # ours is of contention
    assert all(kind_of(Failure(code, "")) in ("throttled", "contended") for code in theirs)


def cancelled(*codes: str) -> Failure:
    reasons = ",".join(f'{{"Code":"{code}"}}' for code in codes)
    body = f'{{"__type":"x#TransactionCanceledException","CancellationReasons":[{reasons}]}}'
    return refused(400, {}, body.encode())


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure("ConditionalCheckFailedException", ""), errors.Conflict),
        (Failure("ThrottlingException", ""), errors.Busy),
        (Failure("TransactionConflictException", ""), errors.Busy),
        (Failure("ValidationException", ""), errors.Invalid),
        (Failure("InvalidMessageContents", ""), errors.Invalid),
        (Failure("AccessDeniedException", ""), errors.AccessDenied),
        # Not NotFound, which is an item's: a table that is missing is nobody's 404.
        (Failure("ResourceNotFoundException", ""), errors.Unavailable),
        (Failure("QueueDoesNotExist", ""), errors.Unavailable),
        (Failure("ExpiredTokenException", ""), errors.Unavailable),
        (Failure(GARBLED, ""), errors.Unavailable),
        (Failure("NobodyKnows", ""), errors.Unavailable),
        (Failure(TOO_LATE, ""), errors.Expired),
        (cancelled("None", "ConditionalCheckFailed"), errors.Conflict),
        (cancelled("ConditionalCheckFailed", "TransactionConflict"), errors.Conflict),
        (cancelled("TransactionConflict", "None"), errors.Busy),
        (cancelled("ThrottlingError"), errors.Busy),
        (cancelled("ValidationError", "ConditionalCheckFailed"), errors.Invalid),
        (cancelled("ItemCollectionSizeLimitExceeded"), errors.Invalid),
        (cancelled("None"), errors.Unavailable),
        (cancelled(), errors.Unavailable),
    ],
)
def test_a_failure_becomes_an_error_an_author_can_act_on(
    failure: Failure, error: type[errors.SkyliftError]
) -> None:
    assert type(translated(failure)) is error


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "ThrottlingException", "X"])
def test_what_may_have_happened_is_unavailable_and_says_so(code: str) -> None:
    raised = translated(Failure(code, "", unknown=True))
    assert isinstance(raised, Unavailable)
    assert raised.unknown


ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/notes"


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ValidationException", "ResourceNotFoundException"]
)
def test_a_client_hears_nothing_of_accounts(code: str) -> None:
    failure = Failure(code, f"of {ARN}")
    failure.operation = "dynamodb.PutItem"
    assert translated(failure).detail == f"dynamodb.PutItem: {code}"
    assert translated(failure, "the table is not there").detail == "the table is not there"


def test_the_log_hears_what_was_denied_on_what() -> None:
    failure = Failure("AccessDeniedException", f"not authorized on {ARN}")
    assert ARN in translated(failure).detail  # a 500: its client hears the title alone
    assert errors.AccessDenied.status == 500


def test_an_invalid_value_is_told_in_their_words() -> None:
    failure = Failure("ValidationException", "Item size has exceeded the maximum allowed size")
    assert translated(failure).detail == (
        "ValidationException: Item size has exceeded the maximum allowed size"
    )


@pytest.mark.parametrize(
    ("headers", "body", "code", "message"),
    [
        ({}, b'{"__type":"com.amazon.coral#Throttling","message":"m"}', "Throttling", "m"),
        ({}, b'{"__type":"Throttling","Message":"M"}', "Throttling", "M"),
        ({}, b'{"code":"Throttling:http://internal.amazon.com/"}', "Throttling", "no message"),
        ({"x-amzn-errortype": "Denied:http://x/"}, b"{}", "Denied", "no message"),
        ({}, b'{"__type":7,"message":{"a":1}}', "7", "{'a': 1}"),
        ({}, b'{"__type":null}', "Http400", "no message"),
        ({}, b'"text"', "Http400", "no message"),
        ({}, b"", "Http400", "no message"),
    ],
)
def test_a_refusal_is_read_in_every_form(
    headers: dict[str, str], body: bytes, code: str, message: str
) -> None:
    failure = refused(400, headers, body)
    assert (failure.code, failure.message, failure.unknown) == (code, message, False)
    assert refused(500, headers, body).unknown


def test_a_failure_says_where_and_what() -> None:
    failure = refused(500, {}, b'{"__type":"x#InternalServerError","message":"oh"}')
    failure.operation = "dynamodb.PutItem"
    assert str(failure) == (
        "dynamodb.PutItem: InternalServerError (HTTP 500): oh; it may have been carried out"
    )


def test_a_date_is_read_in_its_one_form() -> None:
    assert date_of("Fri, 20 Nov 2026 14:05:09 GMT") == datetime(2026, 11, 20, 14, 5, 9, tzinfo=UTC)
    for wrong in (
        *("", "x", "Fri, 20 Nov 2026 14:05:09 UTC", "Fri, 31 Feb 2026 14:05:09 GMT"),
        *("Fri, 20 nov 2026 14:05:09 GMT", "20 Nov 2026 14:05:09 GMT", "Fri, 20 Nov 9 1:2 GMT"),
        "Fri, 20 Nov 99999999999999999999 14:05:09 GMT",
    ):
        assert date_of(wrong) is None


def test_the_next_page_begins_where_the_last_ended() -> None:
    asked = {"TableName": "t", "Limit": 5}
    last = {"id": {"S": "a"}}
    page = next_page(asked, {"Items": [], "LastEvaluatedKey": last})
    assert page == {**asked, "ExclusiveStartKey": last}
    assert page is not None
    assert next_page(page, {"Items": [1], "LastEvaluatedKey": {}}) is None
    assert next_page(page, {"Items": [1]}) is None


@pytest.mark.parametrize("name", ["UnprocessedKeys", "UnprocessedItems"])
def test_what_was_not_processed_is_asked_for_again(name: str) -> None:
    asked = {"RequestItems": {"t": {"Keys": [1, 2]}}, "ReturnConsumedCapacity": "NONE"}
    rest = {"t": {"Keys": [2]}}
    assert left_undone(asked, {name: rest}) == {**asked, "RequestItems": rest}
    assert left_undone(asked, {name: {}}) is None
    assert left_undone(asked, {}) is None


def test_entries_of_a_batch_fail_one_by_one() -> None:
    said = {
        "Successful": [{"Id": "a", "MessageId": "1"}],
        "Failed": [
            {"Id": "b", "SenderFault": True, "Code": "InvalidMessageContents", "Message": "m"},
            {"Id": "c", "SenderFault": False, "Code": "InternalError"},
        ],
    }
    failed = entries_failed(["a", "b", "c", "d"], said)
    assert {id: (found.code, found.unknown) for id, found in failed.items()} == {
        "b": ("InvalidMessageContents", False),
        "c": ("InternalError", False),
        "d": (GARBLED, True),
    }
    assert [kind_of(failed[id]) for id in "bc"] == ["final", "transient"]
    assert entries_failed([], {}) == {}


@pytest.mark.parametrize("seed", range(5))
def test_batches_hold_everything_in_order_within_their_bounds(seed: int) -> None:
    dice = Random(seed)
    for _ in range(200):
        sizes = [dice.randrange(1, 120) for _ in range(dice.randrange(30))]
        count_max, bytes_max = dice.randrange(1, 12), dice.randrange(50, 300)
        found = list(fitting(sizes, count_max, bytes_max))
        assert [place for batch in found for place in batch] == list(range(len(sizes)))
        for batch in found:
            held = [sizes[place] for place in batch]
            assert len(held) <= count_max
            assert sum(held) <= bytes_max or len(held) == 1
        for one, other in pairwise(found):  # none could have held one more
            more = [sizes[place] for place in (*one, other[0])]
            assert len(more) > count_max or sum(more) > bytes_max
