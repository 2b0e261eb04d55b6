"""A Site on AWS: a bucket that nobody reads but one CloudFront distribution, and the Api behind it
under /api. What its edge does with a request is in `edge.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from ...graph.folder import names_of
from ...graph.media import REFERRER, kept, policy, type_of
from ...graph.model import Graph
from ...resources.channel import Channel
from ...resources.site import API_PREFIX, INDEX, OWN_PREFIX, Site
from .api import gateway
from .channel import API_ID
from .edge import key_of, pages_code, paths_code
from .names import DIGITS, UNSAID, digest, logical
from .plan import PlannedSite
from .reference import Resource, Resources, arn, of, ref

# 63 letters are a bucket's; an account and a region make its name the only one in the world.
SITE_MAX = 34
BUCKET_SUFFIX = "-${AWS::AccountId}-${AWS::Region}"
EDGE_SUFFIX = "-${AWS::Region}"  # CloudFront is one for all regions of an account
DIGEST_LETTERS = 16
PAGES, PATHS = "pages", "api"  # the two functions at the edge
# AWS's own policies, the same in every account.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
READING = ["GET", "HEAD"]
CHANNELS: type[Channel[Any, ...]] = Channel
ALL_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
ORIGIN_S = 30  # as long as the gateway takes
YEAR_S = 31_536_000
FILES, API = "files", "api"  # the two origins


def planned(site: Site, graph: Graph, stage: str) -> PlannedSite:
    allow = {name: list(sources) for name, sources in site.allow.items()}
    if next(graph.of(CHANNELS), None) is not None:
        live = [f"https://${{{API_ID}.Dns.Http}}", f"wss://${{{API_ID}.Dns.Realtime}}"]
        allow["connect-src"] = [*allow.get("connect-src", ()), *live]
    return PlannedSite(
        name=site.name,
        physical=physical(graph.app, stage, site.name),
        api=site.api.name if site.api is not None else "",
        spa=site.spa,
        csp=policy(allow),
        files=files_of(Path(site.directory)),
    )


def physical(app: str, stage: str, name: str) -> str:
    """A bucket's name has small letters, digits and dashes."""
    said = f"{app}-{stage}-{name}"
    plain = UNSAID.sub("-", said).lower().replace("_", "-")
    if plain == said and len(said) <= SITE_MAX:
        return said
    return f"{plain[: SITE_MAX - DIGITS - 1]}-{digest(said)}"


def files_of(folder: Path) -> dict[str, str]:
    """A digest of each: of what is in it, and of what is said of it."""
    return {name: digest_of(folder / name) for name in sorted(names_of(folder))}


def digest_of(file: Path) -> str:
    said = sha256(f"{type_of(file.name)}\0{kept(file.name)}\0".encode())
    with file.open("rb") as opened:
        return file_digest(opened, lambda: said).hexdigest()[:DIGEST_LETTERS]


# -- as a template says it


def resources(site: PlannedSite) -> Resources:
    name = logical(site.name)
    found: Resources = {
        f"{name}Bucket": bucket(site),
        f"{name}BucketPolicy": readable_by(site),
        f"{name}Access": access(site),
        f"{name}Headers": headers(site),
        f"{name}Pages": at_edge(site, PAGES, pages_code(spa=site.spa)),
        f"{name}Distribution": distribution(site),
    }
    if site.api:
        found[f"{name}Paths"] = at_edge(site, PATHS, paths_code(key_of(site.name)))
    return found


def bucket(site: PlannedSite) -> Resource:
    """CloudFormation deletes no bucket with files in it: a deploy or `destroy` does, afterwards."""
    properties: dict[str, Any] = {
        "BucketName": of(site.physical + BUCKET_SUFFIX),
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    }
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def readable_by(site: PlannedSite) -> Resource:
    """By its distribution alone. It may list: else what is not there would be a 403."""
    name = logical(site.name)
    own, all_in_it = of(arn(f"{name}Bucket")), of(f"{arn(f'{name}Bucket')}/*")
    source = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/"
    reads = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": of(source + ref(f"{name}Distribution"))}},
    }
    tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [own, all_in_it],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    statements = [
        tls,
        reads | {"Action": "s3:GetObject", "Resource": all_in_it},
        reads | {"Action": "s3:ListBucket", "Resource": own},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    properties = {"Bucket": of(ref(f"{name}Bucket")), "PolicyDocument": policy}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": properties}


def access(site: PlannedSite) -> Resource:
    config = {
        "Name": of(site.physical + EDGE_SUFFIX),
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    properties = {"OriginAccessControlConfig": config}
    return {"Type": "AWS::CloudFront::OriginAccessControl", "Properties": properties}


def headers(site: PlannedSite) -> Resource:
    """As the local server says them, and that only TLS is spoken."""
    security = {
        "ContentSecurityPolicy": {"ContentSecurityPolicy": of(site.csp), "Override": True},
        "ContentTypeOptions": {"Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": REFERRER, "Override": True},
        "StrictTransportSecurity": {"AccessControlMaxAgeSec": YEAR_S, "Override": True},
    }
    config = {"Name": of(site.physical + EDGE_SUFFIX), "SecurityHeadersConfig": security}
    properties = {"ResponseHeadersPolicyConfig": config}
    return {"Type": "AWS::CloudFront::ResponseHeadersPolicy", "Properties": properties}


def at_edge(site: PlannedSite, what: str, code: str) -> Resource:
    properties: dict[str, Any] = {
        "Name": of(f"{site.physical}-{what}{EDGE_SUFFIX}"),
        "AutoPublish": True,
        "FunctionCode": of(code),
        "FunctionConfig": {"Comment": f"{what} of {site.name}", "Runtime": "cloudfront-js-2.0"},
    }
    return {"Type": "AWS::CloudFront::Function", "Properties": properties}


def distribution(site: PlannedSite) -> Resource:
    name = logical(site.name)
    config: dict[str, Any] = {
        "Comment": site.physical,
        "Enabled": True,
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "DefaultRootObject": INDEX,
        "Origins": origins(site),
        "DefaultCacheBehavior": {
            "TargetOriginId": FILES,
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": READING,
            "CachePolicyId": CACHING_OPTIMIZED,
            "Compress": True,
            "ResponseHeadersPolicyId": of(ref(f"{name}Headers")),
            "FunctionAssociations": asking(f"{name}Pages"),
        },
    }
    if site.api:
        config["CacheBehaviors"] = [
            to_api(API_PREFIX) | {"FunctionAssociations": asking(f"{name}Paths")},
            to_api(f"{API_PREFIX}/*") | {"FunctionAssociations": asking(f"{name}Paths")},
            to_api(f"{OWN_PREFIX}/*"),
        ]
    properties = {"DistributionConfig": config}
    return {"Type": "AWS::CloudFront::Distribution", "Properties": properties}


def origins(site: PlannedSite) -> list[dict[str, Any]]:
    name = logical(site.name)
    files = {
        "Id": FILES,
        "DomainName": of(f"${{{name}Bucket.RegionalDomainName}}"),
        "S3OriginConfig": {"OriginAccessIdentity": ""},
        "OriginAccessControlId": of(f"${{{name}Access.Id}}"),
    }
    if not site.api:
        return [files]
    host = f"{ref(gateway(site.api))}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
    spoken = {
        "OriginProtocolPolicy": "https-only",
        "OriginSSLProtocols": ["TLSv1.2"],
        "OriginReadTimeout": ORIGIN_S,
    }
    return [files, {"Id": API, "DomainName": of(host), "CustomOriginConfig": spoken}]


def to_api(pattern: str) -> dict[str, Any]:
    """Nothing is kept, and nothing is said of an answer: it is the Api's."""
    return {
        "PathPattern": pattern,
        "TargetOriginId": API,
        "ViewerProtocolPolicy": "https-only",
        "AllowedMethods": ALL_METHODS,
        "CachePolicyId": CACHING_DISABLED,
        "OriginRequestPolicyId": ALL_BUT_HOST,
    }


def asking(function: str) -> list[dict[str, Any]]:
    return [{"EventType": "viewer-request", "FunctionARN": of(f"${{{function}.FunctionARN}}")}]


def outputs(site: PlannedSite) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where it is, and what a deploy brings its files to."""
    name = logical(site.name)
    address = of(f"https://${{{name}Distribution.DomainName}}")
    yield f"{name}Url", {"Description": f"site {site.name}", "Value": address}
    for part, told in (("Bucket", "files of"), ("Distribution", "distribution of")):
        value = of(ref(name + part))
        yield name + part, {"Description": f"{told} {site.name}", "Value": value}
