"""Mistakes in settings and secrets; see `test_declarations.py` for what a case is."""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

TYPES = {
    "a dash in a name": ('Setting("page-size", int, 1)', "a - in its name", "write 'page_size'"),
    "a list": ('Setting("odd", list, [])', "list is no type of a setting", "str, int, float"),
    "no type": ('Setting("odd", 5, 5)', "5 is no type of a setting", "str, int, float"),
    "bytes": ('Setting("odd", bytes, b"")', "bytes is no type of a setting", "str, int, float"),
    "a default of another type": ('Setting("odd", int, "5")', "default='5' is no int", "int(…)"),
    "a default that is a bool": ('Setting("odd", int, True)', "default=True is no int", "int(…)"),
    "a whole number for a float": ('Setting("odd", float, 1)', "default=1 is no float", "float(…)"),
    "no number": ('Setting("odd", float, float("nan"))', "default=nan is no number", "infinite"),
    "no end": ('Setting("odd", float, float("inf"))', "default=inf is no number", "infinite"),
    "too long a default": (
        'Setting("odd", str, 1_025 * "x")',
        "default: it has more than 1,024 bytes",
        "a long text",
    ),
    "what CloudFormation resolves": (
        'Setting("odd", str, "{{resolve:ssm:x}}")',
        "it holds {{",
        "a long text",
    ),
    "an optional that is no bool": ('Secret("odd", optional="yes")', "optional='yes'", "True or"),
    "a rotate that is no bool": ('Secret("odd", rotate="daily")', "rotate='daily'", "True or"),
}
GROUPS = {"setting": ("odd = {}  # <-", TYPES)}
