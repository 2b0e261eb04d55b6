"""What a deployed function tells, whatever its author's code is doing at that moment."""

from __future__ import annotations

import subprocess
import sys

PRINTING = """
import signal
import sys

from skylift.system import say

signal.signal(signal.SIGALRM, lambda *_: say('{"level":"WARN"}\\n'))
signal.setitimer(signal.ITIMER_REAL, 0.1)
sys.stdout.write("x" * 200_000)  # more than a pipe holds: the alarm rings while it waits
sys.stdout.flush()
say("\\u00fc and \\udc00")
"""


def test_an_alarm_that_rings_in_the_middle_of_a_print_is_told_and_fails_nothing() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", PRINTING],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    first = child.stdout.read(1)
    try:
        child.wait(1)  # nobody reads meanwhile
    except subprocess.TimeoutExpired:
        pass
    said = (first + child.stdout.read()).decode()
    errors = child.stderr.read().decode()
    child.stdout.close()
    child.stderr.close()
    assert (child.wait(10), errors) == (0, "")
    assert '{"level":"WARN"}\n' in said
    assert said.endswith("\u00fc and \\udc00")
