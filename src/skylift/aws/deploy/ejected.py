"""An app as files for its owner: templates, bundles, and the commands of AWS's own CLI that deploy
them. Nothing of skylift is needed from there on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256

from .bundle.bundle import Bundle
from .failure import DeployRefused
from .names import logical
from .plan import Plan, PlannedFunction
from .template import BUCKET, Places, templates
from .told import text

TEMPLATE, PLAN, README = "template.json", "plan.txt", "README.md"
SHOWN = 16  # digits of a digest in a file's name: what changes has another name
UNZIPPED_MAX = 250 * 1024 * 1024

Reader = Callable[[], bytes]


def files(plan: Plan, bundles: Sequence[Bundle]) -> Mapping[str, Reader]:
    """By their path in the folder; what is in `upload/` goes to the bucket."""
    by_name = {one.unit.name: one for one in bundles}
    found: dict[str, Reader] = {}

    def bundle(function: PlannedFunction) -> str:
        one = by_name[function.name]
        if one.unzipped > UNZIPPED_MAX:
            reason = f"the bundle of {function.name} has {one.unzipped:,} bytes unzipped"
            raise DeployRefused(reason, f"Lambda takes {UNZIPPED_MAX:,}: see `skylift build`")
        key = f"bundles/{function.physical}-{one.sha256[:SHOWN]}.zip"
        found[f"upload/{key}"] = one.path.read_bytes
        return f"{plan.stack}/{key}"

    def template(name: str, content: str) -> str:
        digest = sha256(content.encode()).hexdigest()[:SHOWN]
        key = f"templates/{name}-{digest}.json"
        found[f"upload/{key}"] = content.encode
        return f"{plan.stack}/{key}"

    made = templates(plan, Places(None, bundle, template))
    found[TEMPLATE] = made.root.encode
    found[PLAN] = text(plan).encode
    found[README] = "\n".join(readme(plan)).encode
    return found


def readme(plan: Plan) -> Iterator[str]:
    yield f"# {plan.app}, {plan.stage}\n"
    yield f"Everything {plan.app} is on AWS, as plain CloudFormation. `{PLAN}` says it in words."
    yield "These are yours: change them, deploy them, delete them. The AWS CLI is all it takes.\n"
    yield "A bucket of yours in the region of the app, once:\n"
    yield from shell("aws s3 mb s3://YOUR-BUCKET")
    yield "The code, and the app:\n"
    tags = " ".join(f"{key}={value}" for key, value in own_tags(plan).items())
    yield from shell(
        f"aws s3 cp upload s3://YOUR-BUCKET/{plan.stack} --recursive",
        f"aws cloudformation deploy --stack-name {plan.stack} --template-file {TEMPLATE} \\",
        f"    --s3-bucket YOUR-BUCKET --s3-prefix {plan.stack} \\",
        f"    --parameter-overrides {BUCKET}=YOUR-BUCKET --capabilities CAPABILITY_IAM \\",
        f"    --tags {tags}",
    )
    yield from secrets(plan)
    yield "Where it answers, and what its tables and queues are called:\n"
    yield from shell(
        f"aws cloudformation describe-stacks --stack-name {plan.stack} --query 'Stacks[0].Outputs'"
    )
    yield from after(plan)
    yield "To take it off AWS:\n"
    yield from shell(f"aws cloudformation delete-stack --stack-name {plan.stack}")
    if plan.is_production:
        yield "Tables and queues stay, and so does what they hold. Their names are in `plan.txt`."
        yield "A table has to be freed of its deletion protection before it can be deleted.\n"


def secrets(plan: Plan) -> Iterator[str]:
    if not plan.secrets:
        return
    yield "Its secrets, which no template holds: each from a file that has nothing else in it.\n"
    rotated = "aws secretsmanager create-secret --name {} --secret-string file://VALUE"
    sealed = "aws ssm put-parameter --name {} --type SecureString --value file://VALUE"
    yield from shell(
        *((rotated if one.is_rotated else sealed).format(one.physical) for one in plan.secrets)
    )


def after(plan: Plan) -> Iterator[str]:
    one = plan.functions[0]
    yield "A bundle is a plain zip. To change one put yours into `upload/bundles` under a new name,"
    yield f"and that name into the template: `{logical(one.name, 'Function')}`. At once:\n"
    yield from shell(
        f"aws lambda update-function-code --function-name {one.physical} --zip-file fileb://NEW.zip"
    )


def own_tags(plan: Plan) -> dict[str, str]:
    """Without the one by which skylift knows its own: it leaves this stack alone."""
    return {key: value for key, value in plan.tags.items() if key != "managed-by"}


def shell(*lines: str) -> Iterator[str]:
    yield "\n".join(["```", *lines, "```", ""])
