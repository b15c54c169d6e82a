"""The pages as an ASGI application: board, picture, the same as JSON, health, figures of the promises and the platform itself."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from musa_pipeline.assurance.board import Board, board
from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.domain.context import Entity, Kind
from musa_pipeline.services.pages.promises import openmetrics

if TYPE_CHECKING:
    from jinja2 import Template
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

HERE: Final = Path(__file__).parent
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
SHOWN: Final = (
    Kind.APPLICATION,
    Kind.SERVICE,
    Kind.HOST,
    Kind.LINK,
    Kind.SLO,
    Kind.INCIDENT,
    Kind.ACTION,
    Kind.BLOCK,
    Kind.PROGRAM,
)


def everything(context: Context) -> list[Entity]:
    """Return what the board needs of the Context Broker."""
    return [each for kind in SHOWN for each in context.find(kind)]


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    from musa_pipeline.services.pages import words

    # markup in names of the user's model must stay text
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(clock=words.clock, ago=words.ago, figure=words.figure, bound=words.bound, lasted=words.lasted)
    return made.from_string((HERE / "board.html.j2").read_text(encoding="utf-8"))


def page(shown: Board) -> str:
    """Return the board as HTML."""
    return _template().render(board=shown)


def board_app(
    application: str,
    context: Context,
    clock: Callable[[], float],
    health: Callable[[], dict[str, str]],
    figures: Callable[[], str],
) -> "list[BaseRoute]":
    """Return the routes. `health`: each part of the platform and how it is; `figures`: OpenMetrics text."""
    from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route

    def seen() -> Board:
        return board(application, everything(context), clock())

    def guarded(make: "Callable[[], Response]") -> "Callable[[Request], Response]":
        def answer(_: "Request") -> "Response":
            try:
                response = make()
            except ContextAway as error:
                response = PlainTextResponse(f"what is known cannot be read now: {error}\n", 503, {"Retry-After": "2"})
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer

    def graph() -> "Response":
        from musa_pipeline.formats.graph import graph_of_context, svg

        entities = everything(context)
        now = board(application, entities, clock())
        picture = svg(graph_of_context(application, entities, now.states(), now.blocked()))
        # the picture brings its own style, and nothing else
        only_style = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(picture, media_type="image/svg+xml", headers=only_style)

    def status() -> "Response":
        import msgspec

        return Response(msgspec.json.encode(seen()), media_type="application/json")

    def healthy() -> "Response":
        parts = health()
        return JSONResponse(parts, 200 if set(parts.values()) <= {"running"} else 503)

    return [
        Route("/", guarded(lambda: HTMLResponse(page(seen())))),
        Route("/graph.svg", guarded(graph)),
        Route("/style.css", guarded(lambda: Response((HERE / "style.css").read_bytes(), media_type="text/css"))),
        Route("/status.json", guarded(status)),
        Route("/healthz", guarded(healthy)),
        Route(
            "/metrics",
            guarded(
                lambda: PlainTextResponse(
                    openmetrics(seen()) + figures(), media_type="application/openmetrics-text; version=1.0.0; charset=utf-8"
                )
            ),
        ),
    ]
