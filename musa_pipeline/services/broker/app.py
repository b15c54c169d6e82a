"""The broker as a web application, to be mounted at `/context/v1`: answers in JSON, refusals after RFC 9457."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.services.broker.doors import DOORS, Door, Refused
from musa_pipeline.services.broker.openapi import document
from musa_pipeline.services.broker.roles import Role, Roles, may
from musa_pipeline.services.broker.shapes import Problem

MOST_OCTETS = 1 << 20
PATIENCE = 20.0
"""Seconds for a body to arrive."""

_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_encoder = msgspec.json.Encoder()


def broker_app(context: Context, roles: Roles) -> Starlette:
    """Return the application; mount it at `/context/v1`. `roles` tells the role of who bears a token, and of who bears none."""

    async def described(request: Request) -> Response:
        _allow(request, roles, Role.VIEWER)
        return Response(document(), media_type="application/json", headers=_HEADERS)

    routes: list[BaseRoute] = [_route(door, context, roles) for door in DOORS]
    routes.append(Route("/openapi.json", described))
    handlers: dict[Any, Callable[[Request, Any], Any]] = {
        Refused: lambda _, problem: _refusal(problem.status, problem.detail),
        HTTPException: _from_starlette,
        ContextAway: lambda _, problem: _refusal(503, f"what is known cannot be read now: {problem}", {"Retry-After": "2"}),
        OutsideFailed: lambda _, problem: _refusal(503, f"what is known cannot be read: {problem}", {"Retry-After": "30"}),
        Exception: lambda _, _problem: _refusal(500, "our own mistake; the log of the platform says more"),
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    # An address is right or wrong: a redirect is in no description.
    app.router.redirect_slashes = False
    return app


def _route(door: Door, context: Context, roles: Roles) -> Route:
    async def answer(request: Request) -> Response:
        _allow(request, roles, door.role)
        asked = _asked(request, door)
        body = await _body(request, door) if door.body else None
        found = await run_in_threadpool(door.open, context, request.path_params, asked, body)
        return Response(_encoder.encode(found), media_type="application/json", headers=_HEADERS)

    endpoint: Callable[[Request], Awaitable[Response]] = answer
    return Route(door.path.replace("{id}", "{id:path}"), endpoint, methods=[door.method], name=door.name)


def _allow(request: Request, roles: Roles, needed: Role) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise Refused(401, "who you are is told by a bearer token")
    role = roles(token.strip())
    if role is None or (not token.strip() and not may(role, needed)):
        raise Refused(401, "this needs a token that is known here: Authorization: Bearer …")
    if not may(role, needed):
        raise Refused(403, f"this needs the role {needed}, yours is {role}")


def _asked(request: Request, door: Door) -> Any:
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(400, f"{twice[0]} is there twice")
    try:
        return msgspec.convert(dict(pairs), door.asked, strict=False)
    except msgspec.ValidationError as problem:
        raise Refused(400, str(problem)) from problem


async def _body(request: Request, door: Door) -> Any:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "the body must be application/json")
    octets = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                octets += part
                if len(octets) > MOST_OCTETS:
                    raise Refused(413, f"the body is larger than {MOST_OCTETS} octets")
        return msgspec.json.decode(bytes(octets), type=door.body)
    except TimeoutError as problem:
        raise Refused(408, f"the body did not come within {PATIENCE:.0f} seconds") from problem
    except ClientDisconnect as problem:
        raise Refused(400, "the body ended early") from problem
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise Refused(400, str(problem) or "the body is nested too deeply") from problem


def _from_starlette(_: Request, problem: HTTPException) -> Response:
    return _refusal(problem.status_code, problem.detail, dict(problem.headers or {}))


def _refusal(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    more = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return Response(_encoder.encode(body), status, {**_HEADERS, **more, **(headers or {})}, media_type="application/problem+json")
