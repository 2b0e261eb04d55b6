"""Values and keys to and from what is stored, the same for every backend."""

from .envelope import MessageCodec as MessageCodec
from .item import ItemCodec as ItemCodec
from .key import BYTES_MAX as BYTES_MAX
from .key import Column as Column
from .key import KeyField as KeyField
from .key import table_mistakes as table_mistakes
from .misfit import Misfit as Misfit
