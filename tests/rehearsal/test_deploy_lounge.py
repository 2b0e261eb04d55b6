"""A site on AWS, as far as MiniStack goes: it keeps buckets and distributions, and serves neither
at the edge.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack

LOUNGE = Path(__file__).parents[1] / "apps" / "lounge"


@pytest.fixture(scope="module")
def lounge(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("lounge")
    shutil.copytree(LOUNGE, folder / "lounge")
    one = Deployment(ministack, folder / "lounge", folder / "state")
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def buckets(lounge: Deployment) -> list[str]:
    found = lounge.client("s3").list_buckets()["Buckets"]
    return [one["Name"] for one in found if one["Name"].startswith("lounge-dev-web-")]


def files(lounge: Deployment) -> dict[str, Any]:
    s3, (bucket,) = lounge.client("s3"), buckets(lounge)
    names = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    return {name: s3.get_object(Bucket=bucket, Key=name) for name in names}


def distribution(lounge: Deployment) -> dict[str, Any]:
    client = lounge.client("cloudfront")
    found = client.list_distributions()["DistributionList"]["Items"]
    (one,) = [one for one in found if one["Comment"] == "lounge-dev-web"]
    return client.get_distribution_config(Id=one["Id"])["DistributionConfig"] | {"Id": one["Id"]}


def invalidated(lounge: Deployment) -> list[set[str]]:
    client, id = lounge.client("cloudfront"), distribution(lounge)["Id"]
    found = client.list_invalidations(DistributionId=id)["InvalidationList"].get("Items", [])
    asked = (client.get_invalidation(DistributionId=id, Id=one["Id"]) for one in found)
    return [set(one["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]) for one in asked]


def test_its_files_are_there_as_the_local_server_tells_them(lounge: Deployment) -> None:
    found = files(lounge)
    web = LOUNGE / "web"
    assert {web / name for name in found} == {one for one in web.rglob("*") if one.is_file()}
    for name, one in found.items():
        assert one["Body"].read() == (web / name).read_bytes()
    assert found["index.html"]["ContentType"] == "text/html; charset=utf-8"
    assert found["index.html"]["CacheControl"] == "no-cache"
    assert "immutable" in found["assets/look-4f9a01c2.css"]["CacheControl"]


def test_its_bucket_is_shut_and_its_distribution_leads_to_both(lounge: Deployment) -> None:
    s3, (bucket,) = lounge.client("s3"), buckets(lounge)
    shut = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(shut.values()) == {True}
    config = distribution(lounge)
    assert {one["Id"] for one in config["Origins"]["Items"]} == {"files", "api"}
    patterns = [one["PathPattern"] for one in config["CacheBehaviors"]["Items"]]
    assert patterns == ["/api", "/api/*", "/_skylift/*"]


def test_its_api_answers_under_its_own_paths(lounge: Deployment) -> None:
    assert lounge.ask("POST", "/guests", {"name": "Ann", "seat": 3}).status == 201
    assert lounge.ask("GET", "/guests/Ann").json == {"name": "Ann", "seat": 3}


def test_only_what_changed_is_brought_and_what_is_no_more_goes(lounge: Deployment) -> None:
    assert lounge.deployed()["outcome"] == "unchanged"
    web = lounge.app / "web"
    before = {name: one["LastModified"] for name, one in files(lounge).items()}
    (web / "index.html").write_text("<p>Changed", "utf-8")
    (web / "assets" / "more.txt").write_text("More", "utf-8")
    (web / "assets" / "chair.svg").unlink()
    told = lounge.skylift("diff")
    for said in ("index.html: ", "assets/more.txt: ", "no longer assets/chair.svg: "):
        assert said in told.out
    done = lounge.deployed()
    assert (done["outcome"], done["files"]) == ("files", 3)
    found = files(lounge)
    assert found.keys() == before.keys() - {"assets/chair.svg"} | {"assets/more.txt"}
    assert found["index.html"]["Body"].read() == b"<p>Changed"
    assert found["assets/lounge.js"]["LastModified"] == before["assets/lounge.js"]
    assert invalidated(lounge) == [{"/", "/index.html", "/assets/chair.svg"}]
    assert lounge.deployed()["outcome"] == "unchanged"


def test_what_somebody_changed_in_the_bucket_is_set_right(lounge: Deployment) -> None:
    (bucket,) = buckets(lounge)
    lounge.client("s3").put_object(Bucket=bucket, Key="index.html", Body=b"defaced")
    lounge.client("s3").put_object(Bucket=bucket, Key="stray", Body=b"x")
    assert lounge.deployed()["files"] == 2
    found = files(lounge)
    assert found["index.html"]["Body"].read() == b"<p>Changed"
    assert "stray" not in found


def test_a_site_that_is_taken_out_leaves_nothing(lounge: Deployment) -> None:
    module = lounge.app / "lounge.py"
    source = module.read_text("utf-8")
    module.write_text(source.replace('web = Site("web", "web", api=api)\n', ""), "utf-8")
    lounge.deployed()
    assert buckets(lounge) == []
    module.write_text(source, "utf-8")
    lounge.deployed()
    assert "index.html" in files(lounge)


def test_destroy_empties_its_bucket(lounge: Deployment) -> None:
    assert lounge.skylift("destroy", "--yes").code == 0
    assert buckets(lounge) == []
    lounge.deployed()
    assert "index.html" in files(lounge)


def test_production_keeps_it_unless_it_is_named(
    ministack: Ministack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("production")
    one = Deployment(ministack, LOUNGE, folder, "production")
    s3 = one.client("s3")

    def there() -> list[str]:
        found = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        return [name for name in found if name.startswith("lounge-production-web-")]

    one.deployed("--yes")
    told = one.skylift("destroy", "--yes", "--json")
    assert any(name.startswith("web (") for name in told.json["kept"])
    (bucket,) = there()
    held = [file["Key"] for file in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert len(held) == 4
    for name in held:  # MiniStack does not import a bucket, as AWS would: docs/parity.md
        s3.delete_object(Bucket=bucket, Key=name)
    s3.delete_bucket(Bucket=bucket)
    one.client("dynamodb").update_table(
        TableName="lounge-production-guests", DeletionProtectionEnabled=False
    )
    one.client("dynamodb").delete_table(TableName="lounge-production-guests")
    one.deployed("--yes")
    allowed = ("--allow-destroy=web", "--allow-destroy=guests")
    assert one.skylift("destroy", "--yes", *allowed).code == 0
    assert there() == []
