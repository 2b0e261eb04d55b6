"""Where the client finds AWS: botocore's own data and resolver say what is right."""

from __future__ import annotations

import itertools
from typing import Any

import botocore.session
import pytest

from skylift.aws.runtime.client import SERVICES
from skylift.aws.runtime.environment import (
    Credentials,
    Endpoint,
    credentials_of,
    endpoint_of,
    region_of,
)
from skylift.errors import DeclarationError

SESSION: Any = botocore.session.get_session()
REGIONS = sorted(
    {
        *itertools.chain.from_iterable(
            SESSION.get_available_regions("dynamodb", partition)
            for partition in SESSION.get_available_partitions()
        ),
        *("us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"),
    }
)
KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.mark.parametrize("service", [*SERVICES, "sns"])
def test_an_endpoint_is_botocores_in_every_region(service: str) -> None:
    assert len(REGIONS) > 35
    for region in REGIONS:
        theirs = SESSION.create_client(
            service, region, aws_access_key_id="A", aws_secret_access_key="s"
        )
        ours = endpoint_of(service, region, {})
        assert f"https://{ours.authority}" == theirs.meta.endpoint_url
        assert (ours.port, ours.is_tls, ours.path) == (443, True, "/")


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_protocol_is_its_models(service: str) -> None:
    model = SESSION.get_service_model(service)
    said = model.metadata
    assert SERVICES[service] == (said["targetPrefix"], said["jsonVersion"])
    assert "json" in said["protocols"]
    assert model.signing_name == service
    own = f"AWS_ENDPOINT_URL_{model.service_id.upper().replace(' ', '_')}"
    environment = {own: "http://127.0.0.1:4566", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert endpoint_of(service, "eu-west-1", environment).port == 4566


@pytest.mark.parametrize(
    ("url", "endpoint", "authority"),
    [
        ("http://127.0.0.1:4566", Endpoint("127.0.0.1", 4566, False), "127.0.0.1:4566"),
        ("http://localhost", Endpoint("localhost", 80, False), "localhost"),
        ("http://localhost:80/", Endpoint("localhost", 80, False), "localhost"),
        ("https://Host:443", Endpoint("host", 443, True), "host"),
        ("https://host:80/a/b", Endpoint("host", 80, True, "/a/b"), "host:80"),
        ("http://[::1]:8000", Endpoint("::1", 8000, False), "[::1]:8000"),
        ("https://[::1]", Endpoint("::1", 443, True), "[::1]"),
    ],
)
def test_an_endpoint_may_be_named(url: str, endpoint: Endpoint, authority: str) -> None:
    found = endpoint_of("dynamodb", "eu-west-1", {"AWS_ENDPOINT_URL": url})
    assert (found, found.authority) == (endpoint, authority)


@pytest.mark.parametrize(
    "url",
    [
        *("127.0.0.1:4566", "ftp://host", "http://", "http://:80", "http:host"),
        *("http://host:0", "http://host:65536", "http://host:x", "http://host:1:2"),
        *(
            "http://user:secret@host",
            "http://host?a",
            "http://host/#a",
            "http://a b",
            "http://a\nb",
        ),
        *("http://hóst", "http://host:²", "http://[::1]80", "http://[::1"),
    ],
)
def test_an_endpoint_that_is_none_is_the_authors_mistake(url: str) -> None:
    with pytest.raises(DeclarationError, match="write it as http") as raised:
        endpoint_of("sqs", "eu-west-1", {"AWS_ENDPOINT_URL": url})
    assert "environment: AWS_ENDPOINT_URL" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_services_own_endpoint_goes_before_the_one_for_all() -> None:
    said = {"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_DYNAMODB": "http://own"}
    assert endpoint_of("dynamodb", "eu-west-1", said).host == "own"
    assert endpoint_of("sqs", "eu-west-1", said).host == "all"
    ignored = {**said, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    assert endpoint_of("sqs", "eu-west-1", ignored).host == "sqs.eu-west-1.amazonaws.com"


def test_credentials_are_what_lambda_gives() -> None:
    assert credentials_of(KEYS) == Credentials("AKID", "secret")
    assert credentials_of({**KEYS, "AWS_SESSION_TOKEN": "t"}) == Credentials("AKID", "secret", "t")


def test_credentials_show_no_secret() -> None:
    shown = repr(Credentials("AKID", "secret", "token"))
    assert "secret" not in shown
    assert "token" not in shown
    assert f"{Credentials('AKID', 'secret', 'token')}" == shown == "Credentials(AKID)"


@pytest.mark.parametrize(
    "wrong",
    [
        {"AWS_ACCESS_KEY_ID": ""},
        {"AWS_SECRET_ACCESS_KEY": ""},
        {"AWS_ACCESS_KEY_ID": "a\r\nx-evil: 1"},
        {"AWS_SESSION_TOKEN": "a b"},
        {"AWS_SESSION_TOKEN": "token\n"},
    ],
)
def test_credentials_that_cannot_be_sent_are_told(wrong: dict[str, str]) -> None:
    with pytest.raises(DeclarationError, match="environment: AWS_") as raised:
        credentials_of(KEYS | wrong)
    assert "secret" not in str(raised.value)


def test_the_region_is_lambdas_or_the_default() -> None:
    said = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}
    assert region_of(said) == "eu-west-1"
    assert region_of({"AWS_DEFAULT_REGION": "us-east-1"}) == "us-east-1"


@pytest.mark.parametrize("region", ["", "evil.example/", "a@b", "é-1", "eu west 1"])
def test_a_region_that_is_none_is_the_authors_mistake(region: str) -> None:
    with pytest.raises(DeclarationError, match="AWS_"):
        region_of({"AWS_REGION": region})
