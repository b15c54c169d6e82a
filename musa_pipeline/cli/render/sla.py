"""The SLA repository as text and as JSON: every SLA with state and dates, one with its history, and why something was not agreed."""

import os.path
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import click

from musa_pipeline.cli.render.summary import by_control
from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.verify import verification
from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.agreement_record import Act, Agreement, History, Record, State
from musa_pipeline.domain.promise_change import PromiseChange, Turn
from musa_pipeline.stages.sla import Departure
from musa_pipeline.stages.sla_acts import Acted
from musa_pipeline.stages.words import count
from musa_pipeline.text.json import readable
from musa_pipeline.workspace.agreements import folder_of
from musa_pipeline.workspace.places import Place, called

_COLORS = {State.AGREED: "green", State.OFFERED: "yellow", State.EXPIRED: "red"}
_SOON = 30
_FEW = 12


def listed(found: Sequence[tuple[Place, History | None]], today: date) -> str:
    """Return the SLAs of each application, newest last; of one without any, what it has. Without a history it was tampered with."""
    return "\n\n".join(_application(place, past, today) for place, past in found) or "there is no model here"


def _application(place: Place, past: History | None, today: date) -> str:
    if past is None:
        said = "what was agreed cannot be believed: records or documents were changed after they were written"
        return f"{click.style(place.application, bold=True)}\n  {click.style(said, fg='red')}"
    rows = [[str(each.number), _state(each, today), _dates(each), _days(each, today), _parties(each)] for each in past.agreements]
    lines = [click.style(place.application, bold=True)]
    if rows:
        lines.append(table(rows, ("no", "state", "holds", "", "by")))
    there = (place.out / place.sla / "sla.xml").exists()
    draft = f"draft: {place.sla}/sla.xml" if there else f"nothing is derived yet: musa run {called(place)}"
    lines.append(f"  {click.style(draft, dim=True)}")
    return "\n".join(lines)


def _state(agreement: Agreement, today: date) -> str:
    state = agreement.state(today)
    return click.style(str(state), fg=_COLORS[state]) if state in _COLORS else click.style(str(state), dim=True)


def _dates(agreement: Agreement) -> str:
    terms = agreement.terms
    return f"{terms.since} to {terms.until}"


def _days(agreement: Agreement, today: date) -> str:
    """Return what the reader would otherwise reckon: how long it still holds, or why no longer."""
    state, terms = agreement.state(today), agreement.terms
    if state is State.SUPERSEDED:
        return f"by {agreement.successor}"
    if state is State.TERMINATED:
        return f"on {agreement.records[-1].day}"
    if state is State.AGREED and terms.since and terms.since > today:
        return f"begins in {count((terms.since - today).days, 'day')}"
    if state is State.AGREED and terms.until:
        left = (terms.until - today).days
        return click.style(f"{count(left, 'day')} left", fg="yellow") if left < _SOON else f"{left} days left"
    return ""


def _parties(agreement: Agreement) -> str:
    return ", ".join(agreement.terms.by)


def listed_json(found: Sequence[tuple[Place, History | None]], today: date) -> str:
    """Return the same for programs."""
    told = [
        {
            "application": place.application,
            "sound": past is not None,
            "slas": [_plain(each, today) for each in past.agreements] if past else [],
        }
        for place, past in found
    ]
    return readable({"applications": told}).rstrip("\n")


def _plain(agreement: Agreement, today: date) -> dict[str, Any]:
    return {
        "number": agreement.number,
        "state": str(agreement.state(today)),
        "since": str(agreement.terms.since or ""),
        "until": str(agreement.terms.until or ""),
        "successor": agreement.successor or None,
        "records": [_record(each) for each in agreement.records],
    }


def _record(record: Record) -> dict[str, Any]:
    said = {key: value for key, value in asdict(record).items() if key != "at" and value not in ("", (), None)}
    return {key: str(value) if isinstance(value, date) else _days_as_text(value) for key, value in said.items()}


def _days_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _days_as_text(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_days_as_text(each) for each in value]
    return str(value) if isinstance(value, date) else value


def shown(
    place: Place, agreement: Agreement, whole: Sla, left: Departure | None, today: date, *, everything: bool = False
) -> str:
    """Return one SLA: what it promises, who agreed, its history, and how the draft departs from it."""
    opening, folder = agreement.opening, folder_of(place, agreement.number)
    head = f"{click.style(f'{place.application} {agreement.number}', bold=True)} · {_state(agreement, today)}"
    days = _days(agreement, today)
    rows = [
        ["holds", _dates(agreement) + (f" · {days}" if days else "")],
        ["promises", f"{count(len(whole.terms), 'control')} · {count(len(whole.slos), 'service level')} · {whole.id}"],
        ["documents", f"{count(len(opening.documents), 'file')}, each with the digest in its record · {folder}"],
    ]
    if opening.waived:
        owners = ", ".join(sorted({each.owner for each in opening.waived}))
        rows.append(
            [
                "waived",
                f"{count(sum(each.gaps for each in opening.waived), 'gap')} of {count(len({each.control for each in opening.waived}), 'control')}, by {owners}",
            ]
        )
    lines = [head, table([[click.style(key, dim=True), said] for key, said in rows]), ""]
    lines.append(table([_told(each) for each in agreement.records]))
    changed = next((each.changes for each in agreement.records if each.changes), ())
    if changed:
        lines += ["", f"  otherwise than agreement {_before(agreement)}", *_some([f"    {each}" for each in changed], everything)]
    if left:
        lines += ["", departed(left, everything=everything)]
    return "\n".join(lines)


def _before(agreement: Agreement) -> int:
    return next((each.supersedes.number for each in agreement.records if each.supersedes), 0)


def _told(record: Record) -> list[str]:
    return [
        str(record.day),
        str(record.act),
        ", ".join(record.by),
        record.reason,
        click.style(f"seal {record.seal[:16]}…", dim=True),
    ]


def shown_json(place: Place, agreement: Agreement, whole: Sla, left: Departure | None, today: date) -> str:
    """Return the same for programs."""
    changes = [{"turn": str(each.turn), "text": each.text} for each in left.changes] if left else []
    promised = {"controls": [each.control for each in whole.terms], "metrics": [each.metric for each in whole.slos]}
    told = _plain(agreement, today) | {"application": place.application, "promises": promised, "draft": changes}
    return readable(told).rstrip("\n")


def departed(left: Departure, *, everything: bool = False) -> str:
    """Return how the draft departs from the agreement that stands, broken promises first."""
    lost = [each for each in left.changes if each.turn is Turn.BROKEN]
    head = f"differs from agreement {left.number}: {_counted(left.changes)}"
    lines = [f"  {click.style(head, fg='red' if lost else 'yellow')}"]
    return "\n".join([*lines, *_some([f"    {_turned(each)}" for each in left.changes], everything)])


def _turned(change: PromiseChange) -> str:
    color = {Turn.BROKEN: "red", Turn.NEW: "green"}.get(change.turn)
    return f"{click.style(f'{change.turn:<6}', fg=color)}  {change.text}"


def _counted(changes: Sequence[PromiseChange]) -> str:
    lost, won = (sum(each.turn is turn for each in changes) for turn in (Turn.BROKEN, Turn.NEW))
    told = [count(lost, "broken promise")] if lost else ["no promise is broken"]
    return ", ".join([*told, *([f"{won} new"] if won else []), *(each.text for each in changes if each.turn is Turn.OTHER)])


def _some(lines: list[str], everything: bool) -> list[str]:
    if everything or len(lines) <= _FEW:
        return lines
    return [*lines[: _FEW - 1], click.style(f"    … and {len(lines) - _FEW + 1} more (musa -v tells all)", dim=True)]


_DONE = {Act.OFFERED: "offered", Act.AGREED: "agreed", Act.TERMINATED: "terminated"}


def done(place: Place, acted: Acted, app: str) -> str:
    """Return what was done, what it changes, and what comes next."""
    record = acted.record
    assert record  # noqa: S101  else it was refused
    what = f"{click.style(_DONE[record.act], fg='green', bold=True)}  {place.application} {record.number}"
    holds = f" · {record.since} to {record.until}" if record.until else ""
    before = f" · supersedes {record.supersedes.number}" if record.supersedes else ""
    lines = [f"{what}{holds}{before} · by {', '.join(record.by)}"]
    if acted.waived:
        lines.append(f"  {_missing(acted)}, by decision, named in the record")
    if acted.changes:
        lines += [f"  {_counted(acted.changes)}", *_some([f"    {_turned(each)}" for each in acted.changes], everything=False)]
    lines.append(f"written {_from_here(place, acted.file)}")
    then = f"musa sla agree {app} {record.number}" if record.act is Act.OFFERED else f"musa sla show {app} {record.number}"
    lines.append(f"next    commit {_from_here(place, folder_of(place, record.number))} · {then}")
    return "\n".join(lines)


def _missing(acted: Acted) -> str:
    gaps = sum(each.gaps for each in acted.waived)
    return f"{count(len({each.control for each in acted.waived}), 'required control')} missing in {count(gaps, 'place')}"


def _from_here(place: Place, name: str) -> str:
    shown = os.path.relpath(place.out / name)
    return shown if not shown.startswith("../..") else str(place.out / name)


def refused(acted: Acted, app: str, *, everything: bool = False) -> str:
    """Return why nothing was frozen, and the way out."""
    if acted.failed:
        way = (
            f"nothing was frozen: nobody agrees to what does not hold; musa run {app} first, and musa sign {app} if it was signed"
        )
        return f"{verification(acted.failed, everything=everything)}\n{way}"
    if not acted.gaps:
        owners = ", ".join(sorted({each.owner for each in acted.waived}))
        return f"nothing was frozen: {_missing(acted)}, by decision of {owners}\n  if the parties know: --with-gaps; the record names each"
    rows = []
    for gaps in by_control(acted.gaps):
        where = gaps[0].component + (f" (+{len(gaps) - 1} more)" if len(gaps) > 1 else "")
        rows.append([click.style("missing", fg="red"), str(gaps[0].control), where, gaps[0].reason])
    some = rows if everything else rows[:_FEW]
    more = [f"  … and {len(rows) - len(some)} more (musa -v tells all)"] if len(rows) > len(some) else []
    head = f"nothing was frozen: {count(len(acted.gaps), 'gap')} that nobody answers for"
    way = f"  mend them (musa compose {app}), or waive each in decisions.yaml (musa check {app} prints lines to paste) and agree --with-gaps"
    return "\n".join([head, table(some), *more, way])
