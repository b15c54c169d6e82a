"""Room for connections: what the system allows this process, and how often it complains when that is used up."""

import logging
import resource
import time


class _Seldom(logging.Filter):
    """Lets the same complaint of the event loop through once in ten seconds: it would come with every connection refused."""

    def __init__(self) -> None:
        super().__init__()
        self._last = 0.0

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  logging's signature
        now = time.monotonic()
        seldom = now - self._last >= 10.0
        self._last = now if seldom else self._last
        return seldom


def make_room() -> None:
    """Take as many file descriptors as the system allows: silent connections must not use up those that files need."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    loop = logging.getLogger("asyncio")
    if not any(isinstance(each, _Seldom) for each in loop.filters):
        loop.addFilter(_Seldom())
