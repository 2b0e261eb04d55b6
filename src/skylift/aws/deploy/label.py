"""What a resource of the template is to the author: whoever reads a deploy's progress wrote
`notes.write`, not `NotesWriteFunction`.
"""

from __future__ import annotations

from .api import gateway
from .names import logical
from .plan import Plan
from .policy import LEDGER_ID

OF_FUNCTION = {"Function": "", "Role": "role of ", "Logs": "logs of ", "Source": "what feeds "}
SUFFIX = {"table": "Table", "queue": "Queue", "dead": ""}


def data_names(plan: Plan | None) -> dict[str, str]:
    """Of what holds data: its name in the app, by its name in the template."""
    found = dict[str, str]()
    for one in plan.stateful() if plan else ():
        is_ledger = one.kind == "ledger"
        found[LEDGER_ID if is_ledger else logical(one.name, SUFFIX[one.kind])] = one.name
    return found


def labels(plan: Plan) -> dict[str, str]:
    found = data_names(plan)
    for api in plan.apis:
        found |= {gateway(api.name): api.name, logical(api.name, "Stage"): f"stage of {api.name}"}
    for function in plan.functions:
        name = logical(function.name)
        found |= {name + part: said + function.name for part, said in OF_FUNCTION.items()}
    return found
