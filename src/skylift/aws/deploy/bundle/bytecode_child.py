"""Run by the interpreter that the bytecode is for, with nothing else on its path: compiles what it
is given and answers with the .pyc of each, or with the line that it cannot read.

Unchecked (PEP 552): Lambda's clock and file dates say nothing of a source.
"""

import marshal
import struct
import sys
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType

HASHED = 1  # by its hash, and that is not looked at


def _hold(code: CodeType, held: list[object]) -> None:
    """Holds every name and constant: whether marshal marks one as shared depends on how many hold
    it, which would else depend on what was compiled before.
    """
    for group in (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars):
        held.extend(group)
    held.extend((code.co_name, code.co_qualname, code.co_filename, *code.co_consts))
    for one in code.co_consts:
        if isinstance(one, CodeType):
            _hold(one, held)


def _compiled(name: str, source: bytes) -> bytes:
    code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True, optimize=0)
    held: list[object] = []
    _hold(code, held)
    return MAGIC_NUMBER + HASHED.to_bytes(4, "little") + source_hash(source) + marshal.dumps(code)


def _main() -> None:
    asked, answer = sys.stdin.buffer, sys.stdout.buffer
    for _ in range(marshal.load(asked)):
        name, source = marshal.load(asked)
        try:
            found = (True, _compiled(name, source))
        except (SyntaxError, ValueError, RecursionError) as error:
            found = (False, f"{getattr(error, 'lineno', None) or 1}: {error}".encode())
        answer.write(struct.pack("<?I", found[0], len(found[1])) + found[1])


if sys.argv[1:] == ["--which"]:
    sys.stdout.write(f"{sys.version_info[0]}.{sys.version_info[1]} {sys.version}")
else:
    _main()
