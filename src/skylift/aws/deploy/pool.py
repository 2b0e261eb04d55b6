"""A user pool and its client, as a template says them, and the function that says in every token
whose it is.
"""

from __future__ import annotations

from typing import Any

from ...resources.users import GUEST, REPEAT_S
from .plan import Plan, PlannedUsers
from .policy import LOGS, allow, assumed_by, policy
from .reference import Resources, arn, of, ref
from .table import kept
from .users import claims_id, client_id, pool_id

TEMPORARY_DAYS = 7  # Cognito's own; nobody is given such a password
TRIGGER_S, TRIGGER_MB = 5, 128  # Cognito waits no longer
SELF_SERVICE = "aws.cognito.signin.user.admin"
# Inline, for it knows nothing of the app. Its users have no business with Cognito: what their
# tokens would let them do there goes past all that is promised here.
TRIGGER = f'''def handler(event, context):
    known = event["request"]["userAttributes"]
    email = known.get("email") if known.get("email_verified") == "true" else None
    name = email or known.get("name") or event["userName"]
    said = {{"claimsToAddOrOverride": {{"name": name}}, "scopesToSuppress": ["{SELF_SERVICE}"]}}
    event["response"] = {{"claimsAndScopeOverrideDetails": {{"accessTokenGeneration": said}}}}
    return event
'''


def resources(users: PlannedUsers, plan: Plan) -> Resources:
    pool, claims = pool_id(users.name), claims_id(users.name)
    group = {"UserPoolId": of(ref(pool)), "GroupName": GUEST}
    return {
        pool: kept("AWS::Cognito::UserPool", pool_properties(users, plan), plan),
        client_id(users.name): {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {"UserPoolId": of(ref(pool)), **client_properties(users)},
        },
        f"{pool}Guests": {
            "Type": "AWS::Cognito::UserPoolGroup",
            "Properties": group,
        },
        **trigger(users, plan, claims),
    }


def pool_properties(users: PlannedUsers, plan: Plan) -> dict[str, Any]:
    """Essentials is the least that lets tokens say more than Cognito's own, and rotates them."""
    needs = {
        "RequireLowercase": "lowercase",
        "RequireUppercase": "uppercase",
        "RequireNumbers": "digits",
        "RequireSymbols": "symbols",
    }
    password: dict[str, Any] = {"MinimumLength": users.length_min}
    password |= {name: need in users.needs for name, need in needs.items()}
    password["TemporaryPasswordValidityDays"] = TEMPORARY_DAYS
    function = of(arn(f"{claims_id(users.name)}Function"))
    claims = {"LambdaArn": function, "LambdaVersion": "V2_0"}
    recovery = [{"Name": "verified_email", "Priority": 1}]
    return {
        "UserPoolName": users.physical,
        "UserPoolTier": "ESSENTIALS",
        "AliasAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": False},
        "Schema": [{"Name": "upgrade", "AttributeDataType": "String", "Mutable": True}],
        "Policies": {"PasswordPolicy": password},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
        "AccountRecoverySetting": {"RecoveryMechanisms": recovery},
        "MfaConfiguration": "OFF",
        "DeletionProtection": "ACTIVE" if plan.is_production else "INACTIVE",
        "LambdaConfig": {"PreTokenGenerationConfig": claims},
    }


def client_properties(users: PlannedUsers) -> dict[str, Any]:
    """Only functions sign in, with their roles. Who signs up says his address and nothing else."""
    return {
        "ClientName": users.physical,
        "GenerateSecret": False,
        "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": True,
        "AccessTokenValidity": users.access_s,
        "IdTokenValidity": users.access_s,
        "RefreshTokenValidity": users.refresh_days,
        "TokenValidityUnits": {
            "AccessToken": "seconds",
            "IdToken": "seconds",
            "RefreshToken": "days",
        },
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": REPEAT_S},
        "WriteAttributes": ["email"],
    }


def trigger(users: PlannedUsers, plan: Plan, name: str) -> Resources:
    """What writes the claims, with its role and its log, and the pool's leave to call it."""
    logs = allow(list(LOGS), {"Resource": of(arn(f"{name}Logs"))})
    function = {
        "FunctionName": users.claims,
        "Description": f"claims of {users.name} of {plan.app}",
        "Runtime": plan.runtime,
        "Architectures": [plan.arch],
        "Handler": "index.handler",
        "Code": {"ZipFile": TRIGGER},
        "Role": of(arn(f"{name}Role")),
        "MemorySize": TRIGGER_MB,
        "Timeout": TRIGGER_S,
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": of(ref(f"{name}Logs"))},
    }
    log = {"LogGroupName": f"/aws/lambda/{users.claims}", "RetentionInDays": plan.retention_days}
    leave = {
        "FunctionName": of(ref(f"{name}Function")),
        "Action": "lambda:InvokeFunction",
        "Principal": "cognito-idp.amazonaws.com",
        "SourceArn": of(arn(pool_id(users.name))),
    }
    return {
        f"{name}Logs": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": log,
        },
        f"{name}Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": assumed_by("lambda.amazonaws.com"),
                "Policies": [policy([logs])],
            },
        },
        f"{name}Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        f"{name}Leave": {"Type": "AWS::Lambda::Permission", "Properties": leave},
    }
