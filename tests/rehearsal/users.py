"""Users on MiniStack: a pool and a client as our template says them, the function that writes the
claims, and what was mailed.
"""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from skylift.aws.deploy.plan import Plan
from skylift.aws.deploy.policy import allow, document
from skylift.aws.deploy.pool import TRIGGER, client_properties, pool_properties
from skylift.aws.deploy.users import planned
from skylift.aws.runtime.client_query import Query
from skylift.aws.runtime.client_query import called as queried
from skylift.aws.runtime.client_rest import Rest, body_of, called, path_of
from skylift.aws.runtime.keys_cognito import Pool
from skylift.aws.runtime.start_lambda import VERSION
from skylift.aws.runtime.users_cognito import CognitoUsers
from skylift.aws.runtime.wait import drive
from skylift.graph.model import Graph
from skylift.resources.users import GUEST, Users

if TYPE_CHECKING:
    from tests.rehearsal.stand import AwsStand

IAM = "2010-05-08"
TRUSTED = json.dumps(document([allow("sts:AssumeRole", {"Principal": {"Service": "*"}})]))
FUNCTION = "arn:aws:lambda:eu-west-1:000000000000:function:"
PLAN = Plan("stand", "dev", "python3.11", "x86_64", 14, (), (), (), (), None, (), ())


def make_users(stand: AwsStand, users: Users) -> None:
    said = planned(users, Graph(stand.name, "", (), (), ()), "dev")
    make_claims(stand, said.claims)
    asked = pool_properties(said, PLAN)
    asked["PoolName"] = asked.pop("UserPoolName")
    asked["EmailConfiguration"] = {"From": sender(stand)}
    asked["LambdaConfig"]["PreTokenGenerationConfig"]["LambdaArn"] = FUNCTION + said.claims
    pool: str = stand.call("cognito-idp", "CreateUserPool", asked)["UserPool"]["Id"]
    more = {"UserPoolId": pool, **client_properties(said)}
    client: str = stand.call("cognito-idp", "CreateUserPoolClient", more)["UserPoolClient"][
        "ClientId"
    ]
    stand.call("cognito-idp", "CreateGroup", {"UserPoolId": pool, "GroupName": GUEST})
    stand.places[users.name] = f"{pool}/{client}"


def make_claims(stand: AwsStand, name: str) -> None:
    made = Query("CreateRole", IAM, {"RoleName": name, "AssumeRolePolicyDocument": TRUSTED})
    until = stand.clock.time() + 30
    drive(queried(stand.direct("iam"), made, dict[str, Any], deadline=until))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", TRIGGER)
    asked = {
        "FunctionName": name,
        "Runtime": "python3.11",
        "Role": f"arn:aws:iam::000000000000:role/{name}",
        "Handler": "index.handler",
        "Code": {"ZipFile": b64encode(code.getvalue()).decode()},
    }
    rest = Rest("CreateFunction", "POST", path_of(VERSION, "functions"), body_of(asked))
    drive(called(stand.direct("lambda"), rest, dict[str, Any], deadline=until))


def open_users(stand: AwsStand, users: Users) -> CognitoUsers:
    pool, client = stand.places[users.name].split("/")
    asking = stand.asking("cognito-idp")
    return CognitoUsers(asking, Pool(pool, client), stand.clock, stand.entropy)


def mailed(stand: AwsStand, address: str) -> list[str]:
    """What the pools of this stand have sent there, the newest last."""
    return mails(stand.endpoint, address, sender(stand))


def sender(stand: AwsStand) -> str:
    return f"{stand.name}@pool.example"


def mails(endpoint: str, address: str, source: str = "") -> list[str]:
    """What MiniStack has sent there, from whoever, or from one sender."""
    with urlopen(f"{endpoint}/_ministack/ses/messages", timeout=10) as answer:
        by_account: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
    sent = [one for some in by_account.values() for one in some if address in one["To"]]
    said = [one for one in sent if source in ("", one["Source"])]
    return [one["BodyText"] or one["BodyHtml"] for one in said]
