"""Nothing missing, nothing spare, for those who follow a table; see `test_permissions.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skylift.aws.runtime.progress import MARK
from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.role import Role, Stage, Trial, prove
from tests.rehearsal.trial import COUNT, allowed, http, logged, wrong

VOTES = Path(__file__).parents[1] / "apps" / "votes"


@pytest.fixture(scope="module")
def votes(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("votes")
    return Stage(Deployment(guarded, VOTES, folder / "state"), folder / "bundles")


def image(voter: str, choice: str) -> dict[str, Any]:
    return {"room": {"S": "blue"}, "voter": {"S": voter}, "choice": {"S": choice}}


def followed(role: Role, choice: str, *, times: int = 0, failed: int = 0) -> Trial:
    """A vote of which its follower is told, after it has failed so often."""
    dynamodb, ledger = (
        role.stage.deployment.client("dynamodb"),
        role.stage.physical("skylift.ledger"),
    )

    def trial() -> str:
        number = next(COUNT)
        event = f"event{number}"
        if times:
            told = f'{{"failed":{{"{event}":[{times},0]}},"done":[]}}'
            item = {"id": {"S": f"{MARK}{role.name} {event}"}, "told": {"S": told}}
            dynamodb.put_item(TableName=ledger, Item=item)
        new = image(f"voter{number}", choice)
        record = {
            "eventID": event,
            "eventName": "INSERT",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_800_000_000,
                "Keys": {"room": new["room"], "voter": new["voter"]},
                "NewImage": new,
                "SequenceNumber": f"{number:021}",
            },
        }
        outcome = role.behind({"Records": [record]})
        found = len((outcome.result or {}).get("batchItemFailures", ()))
        return wrong(outcome) or ("" if found == failed else f"{found} failed: {outcome}")

    return trial


def redriven(role: Role) -> Trial:
    """A letter starts the function."""

    def trial() -> str:
        body = {
            "kind": "created",
            "before": None,
            "after": {"room": "blue", "voter": "v", "choice": "c"},
        }
        mark = {
            "skylift": 1,
            "id": f"id{next(COUNT)}",
            "type": "Change",
            "sent_at": "",
            "trace": "",
        }
        outcome = role.behind({**mark, "body": body})
        return wrong(outcome)

    return trial


def streamed(role: Role) -> Trial:
    """Lambda's service finds the stream, its shards, and what is in them."""
    admin, own = role.stage.deployment.client("dynamodbstreams"), role.client("dynamodbstreams")
    (stream,) = admin.list_streams(TableName=role.stage.physical("votes"))["Streams"]
    arn = stream["StreamArn"]
    (shard,) = admin.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    at = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "LATEST"}
    iterator = admin.get_shard_iterator(**at)["ShardIterator"]

    def trial() -> str:
        return (
            allowed(own.list_streams)
            or allowed(own.describe_stream, StreamArn=arn)
            or allowed(own.get_shard_iterator, **at)
            or allowed(own.get_records, ShardIterator=iterator)
        )

    return trial


def test_who_follows_a_table_may_do_exactly_what_it_does(votes: Stage) -> None:
    tally = Role(votes, "polls.tally")
    dynamodb, totals = votes.deployment.client("dynamodb"), votes.physical("totals")

    def counted() -> str:
        """A choice that nobody has made before."""
        dynamodb.delete_item(TableName=totals, Key={"choice": {"S": "tea"}})
        return followed(tally, "tea")()

    trials = [
        counted,
        followed(tally, "poison", failed=1),
        followed(tally, "poison", times=1),  # it is given up
        *(streamed(tally), logged(tally)),
    ]
    prove(tally, trials)


def test_who_follows_may_do_all_of_it_when_a_letter_starts_it(votes: Stage) -> None:
    role = Role(votes, "polls.write_down")
    assert [trial() for trial in (followed(role, "tea"), redriven(role))] == ["", ""]
    role.behind.close()


def test_who_writes_there_needs_nothing_more_than_without_a_follower(votes: Stage) -> None:
    vote = Role(votes, "polls.vote")
    path = "/rooms/blue/votes/ann"
    trial = http(vote, "PUT", path, {"choice": "tea"}, status=204, room="blue", voter="ann")
    prove(vote, [trial, logged(vote)])
    found = votes.deployment.client("dynamodb").scan(TableName=votes.physical("votes"))["Items"]
    (item,) = [one for one in found if one["voter"]["S"] == "ann"]
    assert item["~writer"]["S"].startswith("00-")
