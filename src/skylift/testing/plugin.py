"""What pytest knows of skylift: it runs `async def` tests where nobody else does, and shows the
worlds of a test that failed. It is loaded in every project that has skylift installed, so it loads
nothing until a world is opened.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import cast

import pytest

from .session import session

OTHERS = ("asyncio", "trio")  # plugins that see to async tests themselves, each in its way


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("skylift").addoption(
        "--skylift-seed",
        type=int,
        default=0,
        metavar="N",
        help="the seed of every world that is not given one: ids, jitter and contention come of it",
    )


def pytest_configure(config: pytest.Config) -> None:
    session.seed = cast(int, config.getoption("--skylift-seed"))


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    manager = pyfuncitem.config.pluginmanager
    if not inspect.iscoroutinefunction(pyfuncitem.obj) or any(map(manager.hasplugin, OTHERS)):
        return None
    import asyncio

    wanted = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    session.worlds = []
    try:
        return (yield)
    finally:
        session.worlds = None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections += [("skylift", world.told()) for world in session.worlds or ()]
    return report
