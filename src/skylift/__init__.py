"""Skylift: write an event-driven application once, in Python. The public names, loaded when first
used.
"""

TYPE_CHECKING = False  # true to a type checker; `typing` itself would be half of a cold start
if TYPE_CHECKING:
    from msgspec import Meta as Meta
    from msgspec import Struct as Struct

    from .app import App as App
    from .conditions import Condition as Condition
    from .conditions import attr as attr
    from .errors import AccessDenied as AccessDenied
    from .errors import BadRequest as BadRequest
    from .errors import Busy as Busy
    from .errors import Conflict as Conflict
    from .errors import DeclarationError as DeclarationError
    from .errors import Expired as Expired
    from .errors import Forbidden as Forbidden
    from .errors import Gone as Gone
    from .errors import Invalid as Invalid
    from .errors import NotFound as NotFound
    from .errors import PartlyDone as PartlyDone
    from .errors import SkyliftError as SkyliftError
    from .errors import TooManyRequests as TooManyRequests
    from .errors import Unauthorized as Unauthorized
    from .errors import Unavailable as Unavailable
    from .function import Function as Function
    from .http import Header as Header
    from .http import Request as Request
    from .http import Response as Response
    from .invocation import Context as Context
    from .invocation import new_id as new_id
    from .invocation import now as now
    from .resources.api import Api as Api
    from .resources.api import Cors as Cors
    from .resources.backoff import Backoff as Backoff
    from .resources.bus import Bus as Bus
    from .resources.change import Change as Change
    from .resources.channel import Channel as Channel
    from .resources.dead import Dead as Dead
    from .resources.gather import gather as gather
    from .resources.in_thread import in_thread as in_thread
    from .resources.limit import Limit as Limit
    from .resources.limit import Rate as Rate
    from .resources.page import Page as Page
    from .resources.queue import Delivery as Delivery
    from .resources.queue import Queue as Queue
    from .resources.schedule import Schedule as Schedule
    from .resources.schedule import Scheduled as Scheduled
    from .resources.secret import Secret as Secret
    from .resources.setting import Setting as Setting
    from .resources.site import Site as Site
    from .resources.table import Table as Table
    from .resources.timer import Timer as Timer
    from .resources.topic import Topic as Topic
    from .resources.transaction import Transaction as Transaction
    from .resources.transaction import transaction as transaction
    from .resources.users import Policy as Policy
    from .resources.users import Users as Users
    from .user import Caller as Caller
    from .user import Tokens as Tokens
    from .user import User as User

_HOMES = {
    "app": "App",
    "conditions": "Condition attr",
    "errors": "AccessDenied BadRequest Busy Conflict DeclarationError Expired Forbidden Gone "
    "Invalid NotFound PartlyDone SkyliftError TooManyRequests Unauthorized Unavailable",
    "function": "Function",
    "resources.gather": "gather",
    "resources.in_thread": "in_thread",
    "http": "Header Request Response",
    "invocation": "Context new_id now",
    "user": "Caller Tokens User",
    "resources.api": "Api Cors",
    "resources.backoff": "Backoff",
    "resources.bus": "Bus",
    "resources.change": "Change",
    "resources.channel": "Channel",
    "resources.dead": "Dead",
    "resources.limit": "Limit Rate",
    "resources.page": "Page",
    "resources.queue": "Delivery Queue",
    "resources.schedule": "Schedule Scheduled",
    "resources.secret": "Secret",
    "resources.setting": "Setting",
    "resources.site": "Site",
    "resources.table": "Table",
    "resources.timer": "Timer",
    "resources.topic": "Topic",
    "resources.transaction": "Transaction transaction",
    "resources.users": "Policy Users",
}
_WHERE = {name: f"skylift.{home}" for home, names in _HOMES.items() for name in names.split()} | {
    "Meta": "msgspec",
    "Struct": "msgspec",
}
__all__ = list(_WHERE)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _WHERE.get(name)
    if home is None:
        raise AttributeError(f"module 'skylift' has no attribute {name!r}")
    __import__(home)
    import sys

    value: object = getattr(sys.modules[home], name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_WHERE)
