"""The query protocol: forms as botocore writes them, answers as botocore reads them."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import botocore.session
import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from skylift.aws.runtime.answer import Answer
from skylift.aws.runtime.client_query import decoded, fields
from skylift.aws.runtime.failure import GARBLED, Failure
from skylift.aws.runtime.sign import encoded
from skylift.aws.runtime.topic_sns import VERSION

MODEL: Any = botocore.session.get_session().get_service_model("sns")
PUBLISH = MODEL.operation_model("PublishBatch")
SPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
META = "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
LETTERS = "ab&<>\"'%+ =é€😀\n\t.-_~/"


def words(dice: Random) -> str:
    return "".join(dice.choices(LETTERS, k=dice.randint(1, 40)))


def asked(dice: Random) -> dict[str, Any]:
    entries = [
        {"Id": str(at), "Message": words(dice), "MessageGroupId": words(dice)}
        for at in range(dice.randint(1, 10))
    ]
    return {"TopicArn": "arn:aws:sns:eu-west-1:1:x.fifo", "PublishBatchRequestEntries": entries}


def test_a_form_says_what_botocores_says() -> None:
    assert MODEL.metadata["apiVersion"] == VERSION
    dice = Random(5)
    for _ in range(200):
        given = asked(dice)
        theirs = create_serializer("query").serialize_to_request(given, PUBLISH)["body"]
        ours = {"Action": "PublishBatch", "Version": VERSION, **given}
        assert dict(fields(ours)) == theirs
        form = "&".join(f"{name}={encoded(text)}" for name, text in fields(ours))
        assert dict(parse_qsl(form, strict_parsing=True)) == theirs


def answered(body: str, status: int = 200, **headers: str) -> Answer:
    return Answer(status, headers, body.encode(), False)


def said(result: str) -> str:
    return (
        f'<?xml version="1.0"?>\n<PublishBatchResponse xmlns="{SPACE}">\n  <PublishBatchResult>\n'
        f"{result}\n  </PublishBatchResult>{META}</PublishBatchResponse>"
    )


def member(dice: Random, at: int) -> str:
    texts = {"Id": str(at), "MessageId": words(dice).strip() or "x", "SequenceNumber": "1"}
    inside = "\n".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items())
    return f"<member>{inside}</member>"


def test_an_answer_reads_as_botocore_reads_it() -> None:
    dice = Random(6)
    parser = create_parser("query")
    for count in range(50):
        members = "".join(member(dice, at) for at in range(count % 11))
        body = said(f"<Successful>{members}</Successful><Failed/>")
        ours = decoded(answered(body), "PublishBatch", dict[str, Any])
        response = {"status_code": 200, "headers": {}, "body": body.encode()}
        theirs = parser.parse(response, PUBLISH.output_shape)
        assert list(ours["Successful"]) == theirs["Successful"]
        assert list(ours["Failed"]) == theirs["Failed"] == []


def test_a_result_that_says_nothing_is_empty() -> None:
    for inner in ("", "<SetTopicAttributesResult/>", META):
        body = f"<SetTopicAttributesResponse>{inner}</SetTopicAttributesResponse>"
        assert decoded(answered(body), "SetTopicAttributes", dict[str, Any]) == {}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "<PublishResponse><PublishResult/></PublishResponse>",
        said("")[:-5],
        said("<a>&b;</a>"),
        said("<Successful>\ud7ff").replace("\ud7ff", "\x01"),
        '<!DOCTYPE x [<!ENTITY y "z">]>' + said("<a>&y;</a>").partition("\n")[2],
    ],
)
def test_what_is_no_answer_may_have_been_carried_out(body: str) -> None:
    with pytest.raises(Failure) as raised:
        decoded(answered(body), "PublishBatch", dict[str, Any])
    assert (raised.value.code, raised.value.unknown) == (GARBLED, True)


@pytest.mark.parametrize(
    ("body", "status", "code", "message", "unknown"),
    [
        ("<Type>Sender</Type><Code>NotFound</Code><Message>a &amp; b</Message>", 404)
        + ("NotFound", "a & b", False),
        ("<Code>InternalError</Code>", 500, "InternalError", "no message", True),
        ("<Code></Code>", 400, "Http400", "no message", False),
    ],
)
def test_a_refusal_says_its_code(
    body: str, status: int, code: str, message: str, unknown: bool
) -> None:
    text = f'<ErrorResponse xmlns="{SPACE}"><Error>{body}</Error>{META}</ErrorResponse>'
    with pytest.raises(Failure) as raised:
        decoded(answered(text, status, date="now"), "PublishBatch", dict[str, Any])
    found = raised.value
    assert (found.code, found.message, found.unknown) == (code, message, unknown)
    assert (found.status, found.headers) == (status, {"date": "now"})


@pytest.mark.parametrize("body", ["", "<html>", "{}", "<a/>", "<ErrorResponse>x</ErrorResponse>"])
def test_a_refusal_that_is_no_xml_of_theirs_is_known_by_its_status(body: str) -> None:
    with pytest.raises(Failure) as raised:
        decoded(answered(body, 503), "PublishBatch", dict[str, Any])
    assert (raised.value.code, raised.value.unknown) == ("Http503", True)
