"""What measuring did: what came from which file, which risks moved by which findings, and what led nowhere."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import rating
from musa_pipeline.domain.evidence import EvidenceKind, day_of
from musa_pipeline.domain.ids import ComponentId, ThreatId
from musa_pipeline.domain.risk import Factor, Risk, RiskProfile
from musa_pipeline.stages import values
from musa_pipeline.stages.words import count
from musa_pipeline.workspace.places import called

if TYPE_CHECKING:
    from musa_pipeline.stages.measured import Measured
    from musa_pipeline.stages.work import Work

MOST = 30
"""Risks and names that are listed; of others the count."""
NOUNS: Final = {EvidenceKind.FAILED: "failed check", EvidenceKind.PASSED: "passed check"} | {
    each: str(each) for each in EvidenceKind if each not in (EvidenceKind.FAILED, EvidenceKind.PASSED)
}


@dataclass(frozen=True, slots=True)
class _Change:
    """One risk before and after, with its factors."""

    before: Risk
    after: Risk
    were: tuple[Factor, ...]
    are: tuple[Factor, ...]

    @property
    def factors(self) -> Iterator[tuple[Factor, Factor]]:
        for was, now in zip(self.were, self.are, strict=True):
            if was.value != now.value or was.moves != now.moves:
                yield was, now


def measured(work: "Work", found: "Measured", *, kept: bool) -> str:
    """The files, the risks that moved with every factor and its reason, and what was left over."""
    changes = list(_changes(found))
    parts = [_title(f"{found.after.application} · measured as of {found.dossier.as_of}"), table(list(_files(found)), _FILES)]
    moved = sum(each.after.likelihood != each.before.likelihood for each in changes)
    still = f", {len(changes) - moved} told of and not likelier" if len(changes) > moved else ""
    parts += ["", _title((f"{count(moved, 'risk')} moved" if moved else "no risk moved") + still)]
    rows = [row for each in changes[:MOST] for row in _rows(work, each)]
    if rows:
        parts.append(table(rows, ("rating", "component", "threat", "likelihood", "why")))
    if len(changes) > MOST:
        parts.append(f"  … and {len(changes) - MOST} more: --format json")
    parts += _left_over(work, found)
    where = work.place.shown(found.path)
    if not kept:
        parts += ["", f"  nothing is written; without --dry-run, {where} would {'change' if found.changed else 'stay as it is'}"]
    elif found.changed:
        parts += ["", f"written   {where}: review and commit it", f"next      musa run {called(work.place)}"]
    else:
        parts += ["", f"  {where} says all that already"]
    return "\n".join(parts)


_FILES = ("from", "form", "tool", "findings", "kept", "new", "not kept")


def _files(found: "Measured") -> Iterator[list[str]]:
    for each in found.gathered.reads:
        account = each.account
        left = ", ".join(f"{number} {reason}" for reason, number in each.left)
        yield [account.file, account.form, account.tool, str(account.found), str(account.kept), str(each.new), left]


def _changes(found: "Measured") -> Iterator[_Change]:
    before = {each.id: each for each in found.before.risks}
    were, are = _factors(found.before), _factors(found.after)
    for each in found.after.risks:
        old = before[each.id]
        change = _Change(old, each, were[old.factors], are[each.factors])
        if any(change.factors):
            yield change


def _factors(profile: RiskProfile) -> dict[str, tuple[Factor, ...]]:
    return {each.id: each.factors for each in profile.factor_sets}


def _rows(work: "Work", change: _Change) -> Iterator[list[str]]:
    risk, was = change.after, change.before
    rated = rating(risk.rating) if risk.rating is was.rating else f"{rating(was.rating)} → {rating(risk.rating)}"
    likelihood = (
        f"{was.likelihood:.1f} → {risk.likelihood:.1f}" if risk.likelihood != was.likelihood else f"{risk.likelihood:.1f}"
    )
    first = [rated, risk.component, work.catalogs.threat[risk.threat].title, likelihood]
    for old, new in change.factors:
        reasons = [each.because.removeprefix("measured: ") for each in new.moves if each.because.startswith("measured: ")]
        why = "; ".join(reasons) or "what moved it has faded or is settled"
        step = f"{old.value} → {new.value}" if old.value != new.value else f"stays {new.value}"
        yield [*first, f"{old.name} {step}: {why}"]
        first = ["", "", "", ""]


def _left_over(work: "Work", found: "Measured") -> list[str]:
    """What nobody may overlook: evidence against an answer, findings about nothing we know, findings that mean nothing to the catalog."""
    parts: list[str] = []
    against = list(_against(work, found))
    if against:
        parts += [
            "",
            click.style("evidence of threats that answers.yaml, or its silence, rules out: one of the two is wrong", fg="yellow"),
        ]
        parts.append(table([[component, work.catalogs.threat[threat].title, why] for component, threat, why in against[:MOST]]))
        parts += [f"  … and {len(against) - MOST} more"] if len(against) > MOST else []
    gathered = found.gathered
    if gathered.nowhere:
        many = count(sum(gathered.nowhere.values()), "finding")
        parts += [
            "",
            f"{many} about no component of the model: say --component NAME, or under `map:` in measured.yaml what these are",
        ]
        parts.append(_counted(gathered.nowhere))
    if gathered.nothing:
        parts += ["", f"{count(sum(gathered.nothing.values()), 'finding')} that the catalog knows no threat for"]
        parts.append(_counted(gathered.nothing))
    return parts


def _against(work: "Work", found: "Measured") -> Iterator[tuple[ComponentId, ThreatId, str]]:
    """Yield the threats that findings name, not a control alone, and that an answer rules out, or silence where one was asked for."""
    no = {(one.component, each.threat) for one in values.answers(work).components for each in one.questions if not each.yes}
    no |= {(each.component, each.threat) for each in found.after.unanswered if not each.assumed}
    risks = {(each.component, each.threat) for each in found.after.risks}
    for key, moved in found.moves.items():
        if key in no - risks and any(each.factor in ("discovery", "awareness") for each in moved):
            yield *key, moved[0].because.removeprefix("measured: ")


def _counted(names: Counter[str]) -> str:
    rows = sorted(names.items(), key=lambda each: (-each[1], each[0]))
    lines = table([[str(number), name] for name, number in rows[:MOST]])
    return lines + (f"\n  … and {len(rows) - MOST} more names" if len(rows) > MOST else "")


def measured_json(work: "Work", found: "Measured") -> str:
    """The same for programs."""
    return json.dumps(
        {
            "application": found.after.application,
            "as_of": str(found.dossier.as_of),
            "reports": [
                {
                    "file": each.account.file,
                    "form": each.account.form,
                    "tool": each.account.tool,
                    "findings": each.account.found,
                    "kept": each.account.kept,
                    "new": each.new,
                    "not_kept": dict(each.left),
                }
                for each in found.gathered.reads
            ],
            "risks": [_change(each) for each in _changes(found)],
            "against": [
                {"component": component, "threat": threat, "because": why} for component, threat, why in _against(work, found)
            ],
            "no_component": dict(sorted(found.gathered.nowhere.items())),
            "no_threat": dict(sorted(found.gathered.nothing.items())),
            "file": work.place.shown(found.path),
        },
        indent=2,
    )


def _change(each: _Change) -> dict[str, Any]:
    return {
        "risk": each.after.id,
        "likelihood": [each.before.likelihood, each.after.likelihood],
        "rating": [str(each.before.rating), str(each.after.rating)],
        "factors": [
            {"factor": new.name, "value": [old.value, new.value], "because": [one.because for one in new.moves]}
            for old, new in each.factors
        ],
    }


def in_short(work: "Work") -> str:
    """One line for the table of risks: what was measured and when; '' if nothing was."""
    dossier = values.dossier(work)
    if not dossier.evidence:
        return ""
    kinds: Counter[EvidenceKind] = Counter()
    for each in dossier.evidence:
        kinds[each.kind] += len(each.ids)
    said = ", ".join(count(kinds[kind], NOUNS[kind]) for kind in EvidenceKind if kinds[kind])
    newest = day_of(max(each.time for each in dossier.evidence))
    return f"measured  {said} as of {dossier.as_of}, newest {newest} ({work.place.shown(work.place.folder / 'measured.yaml')})"


def _title(text: str) -> str:
    return click.style(text, bold=True)
