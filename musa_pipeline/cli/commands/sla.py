"""`musa sla list | show | offer | agree | amend | terminate`: the SLA repository, and what becomes of an SLA in it."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from musa_pipeline.cli.clock import now
from musa_pipeline.cli.commands.common import models_here, out_option, reading_options, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import FilesWrong, UsageWrong

if TYPE_CHECKING:
    from musa_pipeline.stages.document_checks import Against
    from musa_pipeline.stages.sla_acts import Acted, Said
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.given import Given

_LONGEST: Final = 1_000


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return models_here(incomplete)


app_argument = click.argument("app", shell_complete=_complete)
number_argument = click.argument("number", type=click.IntRange(min=1), required=False)
format_option = click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", help="How it is printed."
)
_PARTIES = click.option(
    "--by", multiple=True, required=True, metavar="'NAME <MAIL>'", help="Who does it; repeatable, for each party."
)
_TERMS = (
    _PARTIES,
    click.option("--until", metavar="DAY", default="", help="The last day on which it holds: YYYY-MM-DD."),
    click.option("--since", metavar="DAY", default="", help="The first day on which it holds, instead of today."),
    click.option("--reason", default="", help="Why; kept in the record."),
)
_FREEZING = (
    *_TERMS,
    click.option(
        "--with-gaps", is_flag=True, help="Although required controls are missing; each must be waived in decisions.yaml."
    ),
    click.option(
        "--trust", metavar="FILE", multiple=True, help="Whose signature counts, beside `trust` in musa.yaml; repeatable."
    ),
)


def _with(options: tuple[Callable[..., Any], ...]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    def give(command: Callable[..., int]) -> Callable[..., int]:
        for option in reversed(options):
            command = option(command)
        return command

    return give


@click.group()
def sla() -> None:
    """The SLA repository: what was offered, agreed, amended and terminated, in sla/APP/agreements.

    What a run derives is a draft. Once offered or agreed it is frozen there with a record, and no run touches it; commit it.
    """


@sla.command("list")
@click.argument("apps", metavar="[APP]...", nargs=-1, shell_complete=_complete)
@out_option
@format_option
@click.pass_obj
def list_(outlet: Outlet, apps: tuple[str, ...], out: str | None, format_: str) -> int:
    """List the SLAs of applications, of all here by default, with state and dates. Exit code 2 if a record was tampered with."""
    from musa_pipeline.cli.render.sla import listed, listed_json
    from musa_pipeline.domain.problems import Problem, Problems
    from musa_pipeline.stages.applications import applications
    from musa_pipeline.stages.sla import history_of

    problems, found = Problems(), []
    for each in applications(apps, out):
        if isinstance(each, Problem):
            problems.extend([each])
        else:
            own = Problems()
            past = history_of(each, own)
            found.append((each, None if own.errors else past))
            problems.extend(own)
    today = now().date()
    outlet.out(listed_json(found, today) if format_ == "json" else listed(found, today))
    return _told(outlet, problems)


@sla.command()
@app_argument
@number_argument
@out_option
@format_option
@click.pass_obj
def show(outlet: Outlet, app: str, number: int | None, out: str | None, format_: str) -> int:
    """Show one SLA with its history: the one that stands, else the last; and what the draft promises otherwise.

    Exit code 1 if the draft breaks a promise of the agreement that stands.
    """
    from musa_pipeline.cli.render.sla import shown, shown_json
    from musa_pipeline.domain.promise_change import broken
    from musa_pipeline.stages.sla import departure, documents_of, sound_history
    from musa_pipeline.workspace.places import called

    work, today = start(app, out), now().date()
    past = sound_history(work.place)
    if not past.agreements:
        raise UsageWrong(
            f"nothing of {work.place.application} was offered or agreed yet",
            f"musa sla agree {called(work.place)} --by … --until …",
        )
    standing = past.standing(today)
    chosen = past.numbered(number) if number else standing or past.agreements[-1]
    if chosen is None:
        raise UsageWrong(
            f"there is no SLA {number}", f"in the repository: {', '.join(str(each.number) for each in past.agreements)}"
        )
    whole, _ = documents_of(work, chosen)
    left = departure(work, today) if standing and chosen.number == standing.number else None
    outlet.out(
        shown_json(work.place, chosen, whole, left, today)
        if format_ == "json"
        else shown(work.place, chosen, whole, left, today, everything=outlet.verbose)
    )
    return 1 if left and broken(left.changes) else 0


@sla.command()
@app_argument
@_with(_FREEZING)
@out_option
@reading_options
@click.pass_obj
def offer(outlet: Outlet, /, app: str, trust: tuple[str, ...], out: str | None, given: "Given", **said: Any) -> int:
    """Freeze the draft as an offer; `musa sla agree APP NUMBER` accepts it as it is."""
    from musa_pipeline.stages.sla_acts import propose

    terms = _said(**said)
    work = _ready(app, out, given)
    return _outcome(outlet, work, propose(work, terms, _against(work, trust)))


@sla.command()
@app_argument
@number_argument
@_with(_FREEZING)
@out_option
@reading_options
@click.pass_obj
def agree(
    outlet: Outlet, /, app: str, number: int | None, trust: tuple[str, ...], out: str | None, given: "Given", **said: Any
) -> int:
    """Freeze the draft as an agreement, or accept the offer NUMBER as it was frozen.

    The draft must hold as `musa verify` sees it, and be signed if musa.yaml has `trust`: musa sign first, then agree.
    """
    from musa_pipeline.stages import sla_acts

    terms = _said(**said)
    if number:
        work = start(app, out, given)
        return _outcome(outlet, work, sla_acts.accept(work, number, terms))
    work = _ready(app, out, given)
    return _outcome(outlet, work, sla_acts.agree(work, terms, _against(work, trust)))


@sla.command()
@app_argument
@_with(_FREEZING)
@out_option
@reading_options
@click.pass_obj
def amend(outlet: Outlet, /, app: str, trust: tuple[str, ...], out: str | None, given: "Given", **said: Any) -> int:
    """Freeze the draft as the agreement that supersedes the one that stands, from today; --reason is needed.

    Without --until it ends when its predecessor would. The record lists every promise that is another than before.
    """
    from musa_pipeline.stages import sla_acts

    if said["since"]:
        raise UsageWrong("an amendment holds from the day it is made", "leave --since out")
    if not said["reason"].strip():
        raise UsageWrong("an amendment needs a reason", "give --reason '…'")
    terms = _said(**said)
    work = _ready(app, out, given)
    return _outcome(outlet, work, sla_acts.amend(work, terms, _against(work, trust)))


@sla.command()
@app_argument
@number_argument
@_PARTIES
@click.option("--reason", required=True, help="Why; kept in the record.")
@out_option
@click.pass_obj
def terminate(outlet: Outlet, app: str, number: int | None, out: str | None, by: tuple[str, ...], reason: str) -> int:
    """End an agreement, or withdraw an offer, today: the one that stands, else the only open offer. Its documents stay."""
    from musa_pipeline.stages import sla_acts

    if not reason.strip():
        raise UsageWrong("a termination needs a reason", "give --reason '…'")
    terms = _said(by=by, reason=reason)
    work = start(app, out)
    return _outcome(outlet, work, sla_acts.terminate(work, number, terms))


def _said(by: tuple[str, ...], reason: str = "", since: str = "", until: str = "", with_gaps: bool = False) -> "Said":
    from musa_pipeline.stages.sla_acts import Said

    return Said(
        today=now().date(),
        by=tuple(_line(each, "--by") for each in by),
        reason=_line(reason, "--reason") if reason.strip() else "",
        since=_day(since, "--since"),
        until=_day(until, "--until"),
        with_gaps=with_gaps,
    )


def _line(words: str, flag: str) -> str:
    found = " ".join(words.split())
    if not found or len(found) > _LONGEST or not found.isprintable():
        raise UsageWrong(f"{flag} {words[:60]!r} is no line of text", f"at most {_LONGEST} letters, none of them a control sign")
    return found


def _day(words: str, flag: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError as error:
        raise UsageWrong(f"{flag} {words!r} is no day", "write year, month and day: 2027-04-30") from error


def _ready(app: str, out: str | None, given: "Given") -> "Work":
    from musa_pipeline.workspace.places import called

    work = start(app, out, given)
    if not (work.place.out / work.place.sla / "sla.xml").exists():
        raise UsageWrong(f"{work.place.sla}/sla.xml is not there", f"musa run {called(work.place)} writes it")
    return work


def _against(work: "Work", trust: tuple[str, ...]) -> "Against":
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.stages.document_checks import Against
    from musa_pipeline.stages.trust import trusted
    from musa_pipeline.stages.verify import given

    problems = Problems()
    keys = trusted(work.settings.trust, work.place.root, problems, flags=trust)
    if problems.errors:
        raise FilesWrong(problems)
    return Against(
        now=now(),
        trusted=keys,
        required=bool(work.settings.trust),
        application=work.place.application,
        given=given(work),
    )


def _outcome(outlet: Outlet, work: "Work", acted: "Acted") -> int:
    from musa_pipeline.cli.render.sla import done, refused
    from musa_pipeline.workspace.places import called

    app = called(work.place)
    if acted.record is None:
        outlet.out(refused(acted, app, everything=outlet.verbose))
        return 1
    outlet.out(done(work.place, acted, app))
    return 0


def _told(outlet: Outlet, problems: Any) -> int:
    if not len(problems):
        return 0
    code = outlet.wrong(FilesWrong(problems))
    return code if problems.errors else 0
