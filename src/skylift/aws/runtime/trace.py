"""X-Ray's name of a trace as W3C's: the first id of it is the same in both."""

from __future__ import annotations


def traceparent(header: str) -> str:
    """`Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1` as
    `00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01`; nothing when it says no such thing.
    """
    parts = {name: value for name, _, value in (one.partition("=") for one in header.split(";"))}
    root, parent = parts.get("Root", ""), parts.get("Parent", "")
    version, _, rest = root.partition("-")
    id = rest.replace("-", "")
    if version != "1" or len(id) != 32 or len(parent) != 16:
        return ""
    return f"00-{id}-{parent}-{'01' if parts.get('Sampled') == '1' else '00'}".lower()
