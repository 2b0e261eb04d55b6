"""Where every echo ends: a queue that tells by which way it came."""

import logging

from skylift import Queue, Struct

log = logging.getLogger(__name__)


class Echo(Struct):
    way: str


far = Queue("far", Echo)


@far.consumer
def hear(echo: Echo) -> None:
    log.info("it came by the %s", echo.way)
