"""A graph to read in a terminal or a log: columns as wide as what stands in them, never wrapped,
never coloured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .document import Document, FunctionEntry, GrantEntry, label, triggering

Row = Sequence[str]
INDENT = "  "


def text(graph: Document) -> str:
    lines = [f"{graph['app']}  {graph['place']}", "", "resources"]
    lines += aligned(
        [one["kind"], one["name"], "; ".join([*details(one), *more(one)]), one["place"]]
        for one in graph["resources"]
    )
    lines += ["", "functions"]
    lines += aligned(row for one in graph["functions"] for row in _rows(one))
    return "\n".join([*lines, "", counted(graph)])


def counted(graph: Document) -> str:
    """`2 functions, 0 with uses=`: how much the walk of the code did not see by itself."""
    said = sum(one["uses"] for one in graph["functions"])
    return f"{of(len(graph['functions']), 'function')}, {said} with uses="


def of(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def aligned(rows: Iterable[Row]) -> Iterator[str]:
    """Lines with every column as wide as its widest cell."""
    kept = list(rows)
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    for row in kept:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (INDENT + INDENT.join(cells)).rstrip()


def _rows(function: FunctionEntry) -> Iterator[Row]:
    grants = [f"{one['resource']}: {verbs(one)}" for one in function["grants"]]
    first = [function["name"], triggering(function), label(function), _limits(function["limits"])]
    yield [*first, grants[0] if grants else "-", "uses=" if function["uses"] else ""]
    for grant in grants[1:]:
        yield ["", "", "", "", grant, ""]


def verbs(grant: GrantEntry) -> str:
    """`get, put; put, update in a transaction`: what is reached in both ways is said twice."""
    together = f"{', '.join(grant['together'])} in a transaction" if grant["together"] else ""
    return "; ".join(filter(None, (", ".join(grant["alone"]), together)))


def _limits(limits: dict[str, Any]) -> str:
    said = f"{limits['memory_mb']} MB, {limits['timeout_s']:g} s"
    if limits["concurrency_max"] is not None:
        said += f", {limits['concurrency_max']} at once"
    said += ", isolated" * limits["isolate"]
    return said + (f", {limits['warm']} warm" if limits["warm"] else "")


def details(resource: dict[str, Any]) -> list[str]:
    """What the kind of a resource is told by, in a few words."""
    return DETAILS[resource["kind"]](resource)


def more(resource: dict[str, Any]) -> list[str]:
    """What a drawing shows in another way, or leaves out."""
    if resource["kind"] == "timer":
        return [f"to {resource['function']}"]
    if resource["kind"] != "queue":
        return []
    said = [f"to {resource['consumer']}"] if resource["consumer"] else []
    said += [f"lease {span(resource['lease_s'])}"] if resource["lease_s"] is not None else []
    return [*said, f"kept {span(resource['retention_s'])}"]


def span(seconds: float) -> str:
    """`4 d`, `90 s`: in the largest unit that is whole."""
    units = [(86_400, "d"), (3_600, "h"), (60, "min")]
    size, unit = next(((size, unit) for size, unit in units if seconds % size == 0), (1, "s"))
    return f"{seconds / size:g} {unit}"


def _api(api: dict[str, Any]) -> list[str]:
    who = "PUBLIC" if api["public"] else f"for {api['users']}{', optional' * api['is_optional']}"
    return [who, *([api["throttled"]] if api["throttled"] else [])]


def _table(table: dict[str, Any]) -> list[str]:
    said = [f"key {', '.join(table['key'])}"]
    said += [f"{name} ({', '.join(key)})" for name, key in table["indexes"].items()]
    return [*said, f"ttl {table['ttl']}"] if table["ttl"] else said


def _queue(queue: dict[str, Any]) -> list[str]:
    said = [f"{queue['message']}, FIFO" if queue["fifo"] else queue["message"]]
    said += [f"dedup by {queue['dedup']}"] if queue["dedup"] else []
    return said if queue["consumer"] else [*said, "no consumer"]


def _schedule(schedule: dict[str, Any]) -> list[str]:
    if schedule["rate"]:
        return [f"every {schedule['rate']}"]
    return [schedule["cron"], schedule["timezone"]]


def _timer(timer: dict[str, Any]) -> list[str]:
    return [timer["message"]]


def _topic(topic: dict[str, Any]) -> list[str]:
    said = [f"{topic['message']}, FIFO" if topic["fifo"] else topic["message"]]
    return said + [f"feeds {_wanted(one)}" for one in topic["feeds"]]


def _wanted(feed: dict[str, Any]) -> str:
    return f"{feed['queue']} where {', '.join(feed['where'])}" if feed["where"] else feed["queue"]


def _bus(bus: dict[str, Any]) -> list[str]:
    said = [f"kept {bus['archive_days']} d"] if bus["archive_days"] else []
    said += [f"of {bus['shared']}"] if bus["shared"] else []
    return said + [f"feeds {_wanted(one)} with {one['event']}" for one in bus["feeds"]]


def _users(users: dict[str, Any]) -> list[str]:
    return [f"tokens for {span(users['access_s'])}, sessions for {users['refresh_days']} d"]


def _secret(secret: dict[str, Any]) -> list[str]:
    words = {"rotated": secret["rotate"], "optional": secret["optional"]}
    return [word for word, is_so in words.items() if is_so]


def _setting(setting: dict[str, Any]) -> list[str]:
    return [setting["type"], "required" if setting["required"] else f"or {setting['default']!r}"]


def _channel(channel: dict[str, Any]) -> list[str]:
    said = [channel["event"], channel["template"]]
    return said if channel["guard"] else [*said, "nobody may subscribe"]


def _site(site: dict[str, Any]) -> list[str]:
    said = [f"{site['folder']}/ at /"] + [f"{site['api']} at /api"] * bool(site["api"])
    return [*said, "SPA"] if site["spa"] else said


DETAILS = {
    "api": _api,
    "table": _table,
    "queue": _queue,
    "schedule": _schedule,
    "timer": _timer,
    "topic": _topic,
    "bus": _bus,
    "users": _users,
    "channel": _channel,
    "secret": _secret,
    "setting": _setting,
    "site": _site,
}
