"""The queue contract through a proxy that throttles, fails, ends connections and loses answers: who
asks again as he may sees nothing of it. What cannot be known is said, and told here by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from skylift.resources.resource import Resource
from skylift.testing.contracts.queue import QueueContract
from skylift.testing.story import OpenWorld
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.proxy import FaultProxy
from tests.rehearsal.stand import AwsStand

SEED = 20611


@pytest.fixture(scope="module")
def proxy(clocked: ClockedMinistack) -> Iterator[FaultProxy]:
    with FaultProxy(clocked.environment["AWS_ENDPOINT_URL"], SEED) as proxy:
        yield proxy
    print(f"seed {proxy.seed}: {sum(proxy.told.values()):,} faults")


class TestSqsQueueInTrouble(QueueContract):
    @pytest.fixture
    def open_world(self, clocked: ClockedMinistack, proxy: FaultProxy) -> OpenWorld:
        def opened(*resources: Resource) -> AwsStand:
            environment = proxy.environment(clocked.environment)
            return AwsStand(clocked, *resources, environment=environment)

        return opened
