"""The start contract through a proxy that throttles, and to what may be made twice does worse: who
asks again as he may sees nothing of it. What cannot be known is said, and is not started again.
"""

from __future__ import annotations

import time

import pytest

from skylift.errors import Unavailable
from skylift.testing.contracts.start import ALL, Job, StartContract, ids, work
from skylift.testing.story import Declared, OpenWorld, story
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.parity import on_ministack
from tests.rehearsal.proxy import FaultProxy
from tests.rehearsal.stand import AwsStand
from tests.rehearsal.starts import PATIENCE_S


@on_ministack
class TestLambdaStartInTrouble(StartContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack, proxy: FaultProxy) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared, proxy=proxy)

        return opened


class TestLostAnswers:
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack, quiet: FaultProxy) -> OpenWorld:
        def opened(*declared: Declared) -> AwsStand:
            return AwsStand(clocked, *declared, proxy=quiet)

        return opened

    @story(*ALL)
    async def test_a_start_whose_answer_is_lost_may_have_begun_and_is_not_repeated(
        self, world: AwsStand
    ) -> None:
        assert world.proxy is not None
        world.proxy.forced.append(("Invoke", "lost"))
        with pytest.raises(Unavailable) as raised:
            await work.start(Job("a"))
        assert raised.value.unknown
        assert world.proxy.told["lost", "Invoke"] == 1
        await work.start(Job("b"))  # it waits for one to come, which may be either
        came, ends = list[str](), time.monotonic() + PATIENCE_S
        while "b" not in came and time.monotonic() < ends:
            came += await ids(world, work)
        assert sorted(came) in (["b"], ["a", "b"])
