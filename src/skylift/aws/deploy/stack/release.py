"""A release: an app's stage as it is wanted, with every file it is made of, and the ways to bring
it there. What AWS has is asked first, so a release that was cut off is begun again and converges.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from msgspec import ValidationError

from ..bundle.bundle import Bundle
from ..failure import DeployFailed
from ..label import data_names, labels
from ..plan import Plan, from_document, to_document
from ..template import Places, templates
from . import state
from .codeonly import set_code
from .execute import Change, Wanted, execute
from .files import Sources, brought, removed
from .progress import Progress
from .refusal import losing
from .session import Account
from .stack import GOOD, Stack, stack_of
from .state import Deployed, Place
from .upload import upload


@dataclass(frozen=True)
class Release:
    """`bundles` and `templates` are by digest; `root` is the digest of the app's own template, and
    `shape` one of all of them that does not depend on the code they name. `folders` are of sites.
    """

    plan: Plan
    code: Mapping[str, str]  # physical function name -> digest of its bundle
    bundles: Mapping[str, Callable[[], bytes]]
    templates: Mapping[str, bytes]
    root: str
    shape: str
    folders: Mapping[str, Path] = field(default_factory=dict[str, Path])


@dataclass(frozen=True)
class Released:
    way: str  # created, changed, code, files, unchanged
    plan: Plan
    stack: Stack
    seconds: float
    changes: Sequence[Change] = ()
    functions: Sequence[str] = ()  # physical: those whose code was set directly
    files: int = 0  # of sites that were put or removed


@dataclass(frozen=True)
class Run:
    """One deploy: where to, what was there before, and who is told."""

    account: Account
    place: Place
    before: Deployed | None
    plan_before: Plan | None
    stack: Stack | None
    progress: Progress
    token: str


def plan_before(deployed: Deployed | None, stack: Stack | None) -> Plan | None:
    """What is deployed, as it was planned."""
    if deployed is None or stack is None:
        return None
    try:
        return from_document(deployed.plan)
    except ValidationError as error:
        raise DeployFailed(
            f"what is deployed was written down by another skylift: {error}", "use that one"
        ) from error


def release(run: Run, wanted: Release, allowed: Collection[str]) -> Released:
    """The app's stage as it is wanted. What it loses must be `allowed` by name."""
    keys = {run.place.bundle(digest): read for digest, read in wanted.bundles.items()}
    count = upload(run.account, run.place.bucket, run.place.prefix, keys)
    if count:
        run.progress.say(f"{count} bundle{'s' * (count > 1)} uploaded")
    if is_code_only(run, wanted):
        return with_code(run, wanted)
    return with_stack(run, wanted, allowed)


def is_code_only(run: Run, wanted: Release) -> bool:
    """The stack is as the last deploy left it, and would be the same but for code."""
    before, stack = run.before, run.stack
    if before is None or stack is None or before.is_begun:
        return False
    is_ours = before.stack == stack.id and before.made == stack.made
    return is_ours and stack.status in GOOD and before.shape == wanted.shape


def with_code(run: Run, wanted: Release) -> Released:
    assert run.before
    assert run.stack
    changed = set_code(run.account, run.place, wanted.code, run.progress)
    files = with_files(run, wanted, run.stack)
    if changed or files or run.before.code != wanted.code:
        remember(run, wanted, run.stack, run.before.of_stack)
    way = "code" if changed else "files" if files else "unchanged"
    took_s = run.progress.elapsed_s
    return Released(way, wanted.plan, run.stack, took_s, functions=changed, files=files)


def with_files(run: Run, wanted: Release, stack: Stack) -> int:
    """After the code: a page is never newer than the Api it calls."""
    sources = Sources(wanted.folders, run.token)
    count = brought(run.account, stack, wanted.plan, run.plan_before, sources)
    if count:
        run.progress.say(f"{count} file{'s' * (count > 1)} of sites brought up to date")
    return count


def with_stack(run: Run, wanted: Release, allowed: Collection[str]) -> Released:
    keys = {
        run.place.template(key): (lambda text=text: text) for key, text in wanted.templates.items()
    }
    upload(run.account, run.place.bucket, run.place.prefix, keys)
    url = run.account.url(run.place.bucket, run.place.template(wanted.root))
    run.progress.names = labels(wanted.plan)
    judge = losing(data_names(run.plan_before) | data_names(wanted.plan), allowed)

    def begin(changes: Sequence[Change]) -> None:
        judge(changes)
        if run.before:
            state.write(run.account, run.place, state.begun(run.before))

    plan = wanted.plan
    asked = Wanted(plan.stack, url, plan.tags, run.token, adopts=is_adopting(plan))
    try:
        done = execute(run.account, asked, begin, run.progress)
    except DeployFailed:
        restore(run)
        raise
    late = set_code(run.account, run.place, wanted.code, run.progress)
    files = with_files(run, wanted, done.stack)
    if run.stack is not None:
        removed(run.account, run.stack, plan, run.plan_before)
    remember(run, wanted, done.stack, sorted(set(wanted.code.values())))
    way = "changed" if run.stack and run.stack.is_made else "created"
    way = way if done.changes or late or files else "unchanged"
    took_s = run.progress.elapsed_s
    return Released(way, wanted.plan, done.stack, took_s, done.changes, late, files)


def is_adopting(plan: Plan) -> bool:
    """What production's `destroy` kept is taken up again, and so is the bucket of a site that a
    `destroy` which was cut off has left.
    """
    return plan.is_production or bool(plan.sites)


def restore(run: Run) -> None:
    """CloudFormation undoes to its own template, which may name older code than ran before."""
    if not run.before or run.before.is_begun or not run.stack:
        return
    now = stack_of(run.account, run.stack.id)
    if now and now.status == "UPDATE_ROLLBACK_COMPLETE":
        set_code(run.account, run.place, run.before.code, run.progress)


def remember(run: Run, wanted: Release, stack: Stack, of_stack: Sequence[str]) -> None:
    deployed = Deployed(
        stack=stack.id,
        made=stack.made,
        shape=wanted.shape,
        plan=to_document(wanted.plan),
        code=dict(wanted.code),
        of_stack=list(of_stack),
    )
    state.write(run.account, run.place, deployed)
    kept = {*wanted.code.values(), *of_stack, *wanted.templates}
    state.keep_only(run.account, run.place, kept)


# -- what it is made of


def made(
    plan: Plan, bundles: Sequence[Bundle], place: Place, folders: Mapping[str, Path]
) -> Release:
    """Templates are named by what they say, and say code by what it is."""
    texts = dict[str, bytes]()

    def template(_: str, text: str) -> str:
        digest = sha256(text.encode()).hexdigest()
        texts[digest] = text.encode()
        return place.template(digest)

    found = templates(plan, Places(place.bucket, lambda one: place.bundle(one.code), template))
    template("", found.root)
    return Release(
        plan,
        {one.physical: one.code for one in plan.functions},
        {one.sha256: one.path.read_bytes for one in bundles},
        texts,
        sha256(found.root.encode()).hexdigest(),
        shape(plan, place),
        folders,
    )


def shape(plan: Plan, place: Place) -> str:
    found = templates(plan, Places(place.bucket, lambda one: one.name, lambda name, _: name))
    said = "\0".join([found.root, *(text for _, text in sorted(found.nested.items()))])
    return sha256(said.encode()).hexdigest()
