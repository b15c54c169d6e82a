"""`musa verify APP|FILE…`: whether Security SLAs hold as documents."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.clock import now
from musa_pipeline.cli.commands.common import is_document, models_here, out_option, reading_options, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import FilesWrong, UsageWrong

if TYPE_CHECKING:
    from musa_pipeline.domain.verification import Verified
    from musa_pipeline.stages.document_checks import Against
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.given import Given


_SIGNED = ("sla.xml", "signed/sla.xml")
"""Documents that a repository with `trust` wants signed; the members are by the digests that these name."""


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return models_here(incomplete)


@click.command()
@click.argument("what", metavar="APP|FILE…", nargs=-1, required=True, shell_complete=_complete)
@click.option(
    "--trust", metavar="FILE", multiple=True, help="A public key, certificate or authority whose signatures count; repeatable."
)
@click.option(
    "--require-signature", is_flag=True, help="Fail if nobody signed; so it is too when `trust` in musa.yaml names a file."
)
@click.option(
    "--expect", metavar="SHA256", multiple=True, help="The digest of the version you agreed on; any other fails. Repeatable."
)
@click.option("--model", metavar="MODEL", help="The model that a FILE must follow from, where it does not lie in sla/<app>/.")
@out_option
@reading_options
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="How the checks are printed.")
@click.pass_obj
def verify(
    outlet: Outlet,
    what: tuple[str, ...],
    trust: tuple[str, ...],
    require_signature: bool,
    expect: tuple[str, ...],
    model: str | None,
    out: str | None,
    given: "Given",
    format_: str,
) -> int:
    """Verify Security SLAs: schema, signature, the digests of their members, and that they follow from the model.

    APP is an application whose SLA lies in sla/APP, derived and, if somebody signed it, signed; FILE is any SLA document.
    Exit code 1 if a check fails.
    """
    found: list[Verified] = []
    for each in what:
        if len(what) > 1 and model:
            raise UsageWrong("--model is for one file", "verify each file with its own model")
        found += _verified(_Asked(each, trust, require_signature, expect, model, out, given))
    from musa_pipeline.cli.render.verify import verification, verification_json

    outlet.out(verification_json(found) if format_ == "json" else verification(found, everything=outlet.verbose))
    return 0 if all(each.holds for each in found) else 1


class _Asked:
    """One thing to verify, and all that was said about it."""

    def __init__(
        self,
        what: str,
        trust: tuple[str, ...],
        required: bool,
        expected: tuple[str, ...],
        model: str | None,
        out: str | None,
        given: "Given",
    ) -> None:
        self.what, self.trust, self.required, self.model, self.out, self.given = what, trust, required, model, out, given
        self.expected = frozenset(each.lower().removeprefix("sha256:") for each in expected)
        for each in self.expected:
            if not re.fullmatch("[0-9a-f]{64}", each):
                raise UsageWrong(f"{each!r} is no SHA-256", "musa verify shows the digest of a document: 64 signs of 0-9 and a-f")


def _verified(asked: _Asked) -> "tuple[Verified, ...]":
    from musa_pipeline.stages import verify as stage
    from musa_pipeline.stages.document_checks import SIGNED

    path = Path(asked.what)
    if not is_document(path):
        application = start(asked.what, asked.out, asked.given)
        if not (application.place.out / application.place.sla / "sla.xml").exists():
            raise UsageWrong(f"{application.place.sla}/sla.xml is not there", f"musa run {asked.what} writes it")
        return stage.verified(application, against=_against(asked, application, stage.given(application)))
    work, name = _model_of(asked, path)
    against = _against(asked, work, stage.given(work) if work else {}, name)
    signed = f"{SIGNED}/{name}"
    among = (signed,) if name and (path.parent / signed).is_file() else ()
    return (stage.verify(path, asked.what, name, against, among=among),)


def _model_of(asked: _Asked, path: Path) -> "tuple[Work | None, str]":
    """Return the work on the model that a file must follow from, and the file's name below `sla/<app>/`; None: no model is known."""
    from musa_pipeline.workspace.places import repository

    whole = path.absolute()
    root = repository(whole.parent)
    parts = whole.relative_to(root).parts if whole.is_relative_to(root) else ()
    inside = len(parts) > 2 and parts[0] == "sla"
    if asked.model:
        work = start(asked.model, asked.out, asked.given)
        below = parts[2:] if inside and parts[1] == work.place.application else (path.name,)
        return work, "/".join(below)
    if inside and (root / "models" / parts[1]).is_dir():
        return start(str(root / "models" / parts[1]), asked.out, asked.given), "/".join(parts[2:])
    return None, ""


def _against(asked: _Asked, work: "Work | None", given: "dict[str, bytes]", name: str = "sla.xml") -> "Against":
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.stages.document_checks import Against
    from musa_pipeline.stages.trust import trusted

    problems = Problems()
    said = work.settings.trust if work else ()
    root = work.place.root if work else Path.cwd()
    keys = trusted(said, root, problems, flags=asked.trust)
    if problems.errors:
        raise FilesWrong(problems)
    return Against(
        now=now(),
        trusted=keys,
        required=asked.required or (bool(said) and name in ("", *_SIGNED)),
        digests=asked.expected,
        application=work.place.application if work else "",
        given=given,
    )
