"""What becomes of users on AWS: who may call what, and what the pool lets happen."""

from __future__ import annotations

import json
from typing import Any

from tests.deploy.apps import plan_of, templates_of


def resources(stage: str = "dev") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(templates_of(plan_of("club", stage)).root)["Resources"]
    return found


def test_each_closed_route_asks_for_a_token_and_no_other_does() -> None:
    routes = {
        said["RouteKey"]: said
        for one in resources().values()
        if one["Type"] == "AWS::ApiGatewayV2::Route"
        for said in [one["Properties"]]
    }
    closed = {key for key, said in routes.items() if said["AuthorizationType"] == "JWT"}
    assert closed == {
        *("GET /me", "HEAD /me", "GET /staff", "HEAD /staff"),
        *("POST /staff/{id}", "POST /orders", "POST /upgrade"),
    }
    assert {routes[key]["AuthorizerId"]["Ref"] for key in closed} == {"ApiMembersAuthorizer"}
    assert {said["AuthorizationType"] for key, said in routes.items() if key not in closed} == {
        "NONE"
    }
    assert "$default" in routes.keys() - closed


def test_the_gateway_takes_tokens_of_this_pool_for_this_client_alone() -> None:
    said = resources()["ApiMembersAuthorizer"]["Properties"]
    assert said["AuthorizerType"] == "JWT"
    issuer = "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${MembersUsers}"
    assert said["JwtConfiguration"] == {
        "Issuer": {"Fn::Sub": issuer},
        "Audience": [{"Ref": "MembersUsersClient"}],
    }


def test_who_is_known_is_not_told_and_only_functions_sign_in() -> None:
    said = resources()["MembersUsersClient"]["Properties"]
    assert said["GenerateSecret"] is False
    assert said["PreventUserExistenceErrors"] == "ENABLED"
    assert said["ExplicitAuthFlows"] == ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    assert said["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    assert said["WriteAttributes"] == ["email"]
    assert (said["AccessTokenValidity"], said["TokenValidityUnits"]["AccessToken"]) == (
        *(900, "seconds"),
    )


def test_production_keeps_its_people() -> None:
    for stage, protected, stays in (
        ("dev", "INACTIVE", "Delete"),
        ("production", "ACTIVE", "Retain"),
    ):
        pool = resources(stage)["MembersUsers"]
        assert pool["Properties"]["DeletionProtection"] == protected
        assert pool["UpdateReplacePolicy"] == stays


def test_a_function_that_looks_at_tokens_is_told_of_the_pool_and_may_ask_it_nothing() -> None:
    found = resources()
    variables = found["ClubHelloFunction"]["Properties"]["Environment"]["Variables"]
    place = {"Fn::Sub": '{"members":"${MembersUsers}/${MembersUsersClient}"}'}
    assert variables["SKYLIFT_RESOURCES"] == place
    assert "cognito-idp" not in json.dumps(found["ClubHelloRole"])
    assert "SKYLIFT_RESOURCES" not in json.dumps(found["ClubStaffFunction"])
