"""The gateway as a web application: three doors, each behind a token.

POST /agent/v1/measurements, GET /agent/v1/commands, POST /agent/v1/results. What is refused is counted, logged, and the connection ended.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from musa_pipeline.bus.port import Bus, BusAway
from musa_pipeline.domain.event import MachineId, Topic
from musa_pipeline.services.gateway.accounts import Account, Accounts
from musa_pipeline.services.gateway.counts import Counts
from musa_pipeline.services.gateway.desk import Desk
from musa_pipeline.services.gateway.limits import Limits, Ration
from musa_pipeline.services.gateway.messages import Malformed, NotYours, read_batch, read_results

MOST_OCTETS = 1024 * 1024
LONGEST_WAIT = 25.0
PATIENCE = 20.0
"""Seconds for a body to arrive."""

_json = msgspec.json.Encoder()
Door: TypeAlias = Callable[[Request, MachineId, Account], Awaitable[Response]]


class Refused(Exception):
    """The request is not answered as asked: status, reason to count, a word for the agent, seconds after which to come again."""

    def __init__(self, status: int, reason: str, detail: str = "", after: float = 0.0) -> None:
        super().__init__(reason)
        self.status, self.reason, self.detail, self.after = status, reason, detail, after


def gateway_app(
    bus: Bus,
    accounts: Accounts,
    *,
    counts: Counts | None = None,
    limits: Limits | None = None,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """Return the application. `clock`: UTC seconds since 1970. `state.let_go()` ends what waits, before a stop."""
    gateway = _Gateway(bus, accounts, counts or Counts(), limits or Limits(), clock)
    routes = [
        Route("/agent/v1/measurements", gateway.behind(gateway.measurements), methods=["POST"]),
        Route("/agent/v1/commands", gateway.behind(gateway.commands), methods=["GET"]),
        Route("/agent/v1/results", gateway.behind(gateway.results), methods=["POST"]),
    ]
    app = Starlette(routes=routes, lifespan=gateway.lifespan, exception_handlers={404: gateway.no_door, 405: gateway.no_door})
    app.router.redirect_slashes = False
    app.state.let_go = gateway.desk.close
    app.state.counts = gateway.counts
    return app


class _Gateway:
    def __init__(self, bus: Bus, accounts: Accounts, counts: Counts, limits: Limits, clock: Callable[[], float]) -> None:
        self.bus, self.accounts, self.counts, self.clock = bus, accounts, counts, clock
        self.ration, self.desk = Ration(limits), Desk(bus, clock, counts)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self.desk.start(asyncio.get_running_loop())
        try:
            yield
        finally:
            self.desk.close()

    def behind(self, door: Door) -> Callable[[Request], Awaitable[Response]]:
        """Return a door that opens to a good token only, and not too often."""

        async def opened(request: Request) -> Response:
            name = ""
            try:
                machine, account = self._who(request)
                name = machine
                after = self.ration.request(machine)
                if after or not self.ration.begin(machine):
                    raise Refused(429, "too-often", after=after or 1.0)
                try:
                    return await door(request, machine, account)
                finally:
                    self.ration.end(machine)
            except Refused as why:
                self.counts.refuse(why.reason, name, request.client.host if request.client else "?", why.detail)
                return _refusal(why)
            except ClientDisconnect:
                return Response(status_code=400)

        return opened

    async def no_door(self, request: Request, error: Exception) -> Response:
        """Send away who asks for what is not here: no token was asked for, so no connection is kept."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        self.counts.refuse("no-door", "", request.client.host if request.client else "?", "")
        return _refusal(Refused(status, "no-door"))

    def _who(self, request: Request) -> tuple[MachineId, Account]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "no-token")
        found = self.accounts.of(token.strip())
        if found is None:
            raise Refused(401, "wrong-token")
        return found

    async def measurements(self, request: Request, machine: MachineId, account: Account) -> Response:
        body = await self._body(request, machine)
        events, accepted, early = await self._read(read_batch, body, machine, account, self.clock())
        if events:
            await self._publish(Topic.MEASUREMENTS, events)
        self.counts.add("measurements", more=accepted)
        self.counts.add("batches")
        if early:
            address = request.client.host if request.client else "?"
            self.counts.refuse("from-the-future", machine, address, f"{early} measurements; its clock is ahead", early)
        return JSONResponse({"accepted": accepted} | ({"from_the_future": early} if early else {}), 202)

    async def results(self, request: Request, machine: MachineId, _account: Account) -> Response:
        told = await self._read(read_results, await self._body(request, machine), machine)
        if told:
            await self._publish(Topic.RESULTS, [event for event, _ in told])
        for _, outcome in told:
            self.counts.add("results", outcome.value)
        return JSONResponse({"accepted": len(told)}, 202)

    async def commands(self, request: Request, machine: MachineId, _account: Account) -> Response:
        try:
            after = int(request.query_params.get("after", "0"))
            wait = min(max(0.0, float(request.query_params.get("wait", "0"))), LONGEST_WAIT)
        except ValueError:
            raise Refused(400, "malformed", "after and wait are numbers") from None
        # Who waits does not count as being under way: its next request must not be refused for it.
        if not self.ration.wait(machine):
            raise Refused(429, "too-often", after=1.0)
        try:
            found = await self.desk.wait(machine, after, wait if wait == wait else 0.0)
        finally:
            self.ration.waited(machine)
        self.counts.add("commands", more=len(found))
        return Response(_json.encode({"commands": found}), media_type="application/json")

    async def _body(self, request: Request, machine: MachineId) -> bytes:
        """Return the body; not an octet more than the bound is read."""
        told = request.headers.get("content-length", "")
        if told.isdecimal() and (len(told) > 15 or int(told) > MOST_OCTETS):
            raise Refused(413, "too-large", f"{told[:20]} octets")
        data = bytearray()
        try:
            async with asyncio.timeout(PATIENCE):
                async for chunk in request.stream():
                    data += chunk
                    if len(data) > MOST_OCTETS:
                        raise Refused(413, "too-large", f"more than {MOST_OCTETS} octets")
        except TimeoutError:
            raise Refused(408, "too-slow") from None
        after = self.ration.body(machine, len(data))
        if after:
            raise Refused(429, "too-much", after=after)
        return bytes(data)

    async def _read(self, reader: Callable[..., Any], *told: object) -> Any:
        try:
            return await run_in_threadpool(reader, *told)
        except Malformed as wrong:
            raise Refused(400, "malformed", str(wrong)[:300]) from wrong
        except NotYours as wrong:
            raise Refused(403, wrong.reason, str(wrong)) from wrong

    async def _publish(self, topic: Topic, events: list[Any]) -> None:
        try:
            await run_in_threadpool(self.bus.publish, topic, events)
        except BusAway as away:
            raise Refused(503, "bus-away", str(away)[:300], after=2.0) from away


def _refusal(why: Refused) -> Response:
    headers = {"Connection": "close"} if why.status not in (429, 503) else {}
    if why.after:
        headers["Retry-After"] = str(max(1, round(why.after)))
    if why.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    told = {"status": why.status, "title": why.reason} | ({"detail": why.detail} if why.status in (400, 403) else {})
    return Response(_json.encode(told), why.status, headers, media_type="application/problem+json")
