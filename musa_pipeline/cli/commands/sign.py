"""`musa sign APP|FILE --key KEY`: an SLA with its signature."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.clock import now
from musa_pipeline.cli.commands.common import is_document, out_option, reading_options, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import UsageWrong

if TYPE_CHECKING:
    from musa_pipeline.runners.signing.key import SigningKey
    from musa_pipeline.workspace.given import Given


@click.command()
@click.argument("what", metavar="APP|FILE")
@click.option(
    "--key", "named", metavar="FILE|pkcs11:URI", required=True, help="The private key: a file, or a key on a token (RFC 7512)."
)
@click.option("--cert", metavar="FILE", help="Its certificate, then those that issued it, to go with the signature.")
@click.option("--to", metavar="FILE", help="Where a signed FILE goes; else beside it, as NAME.signed.xml.")
@out_option
@reading_options
@click.pass_obj
def sign(outlet: Outlet, what: str, named: str, cert: str | None, to: str | None, out: str | None, given: "Given") -> int:
    """Sign an application's SLA, or any SLA document: an XML signature over the whole of it.

    The SLA of APP is signed as sla/APP/signed/sla.xml, its members beside it; runs never touch that folder. It must hold first.
    A passphrase or PIN is taken from MUSA_KEY_PASSPHRASE or MUSA_KEY_PIN, else asked for.
    """
    path = Path(what)
    if is_document(path):
        return _file(outlet, path, what, Path(to) if to else path.with_suffix(".signed.xml"), _key(named, cert))
    if to:
        raise UsageWrong("--to is for a file", "the SLA of an application is signed into sla/APP/signed")
    from musa_pipeline.stages import verify
    from musa_pipeline.stages.document_checks import SIGNED, Against
    from musa_pipeline.stages.sign import sign_application

    work = start(what, out, given)
    if not (work.place.out / work.place.sla / "sla.xml").exists():
        raise UsageWrong(f"{work.place.sla}/sla.xml is not there", f"musa run {what} writes it")
    key = _key(named, cert)
    against = Against(now=now(), application=work.place.application, given=verify.given(work))
    failed, changed = sign_application(work, key, against)
    if failed:
        from musa_pipeline.cli.render.verify import verification

        outlet.out(verification(failed, everything=outlet.verbose))
        outlet.err(f"nothing was signed: nobody signs what does not hold; musa run {what} first")
        return 1
    outlet.out(f"{'signed' if changed else 'unchanged'}  {work.place.sla}/{SIGNED}/sla.xml · {key.method} · key {key.name}")
    outlet.out(f"next    commit {work.place.sla}/{SIGNED} · musa verify {what} --trust FILE, with the public key or certificate")
    return 0


def _file(outlet: Outlet, path: Path, shown: str, target: Path, key: "SigningKey") -> int:
    from musa_pipeline.stages.sign import sign_file

    _spare(path, target)
    sign_file(path, shown, target, key)
    outlet.out(f"signed  {target} · {key.method} · key {key.name}")
    return 0


def _spare(path: Path, target: Path) -> None:
    """Refuse a place where the signature would be lost, or something else.

    That is over the document itself, over what is no agreement (a key, a model), among what was agreed, or among files that runs
    keep in order.
    """
    whole = target.absolute()
    if whole == path.absolute():
        raise UsageWrong(f"{target} would replace the document that is signed", "give another name with --to")
    if target.is_file() and not _is_agreement(target):
        raise UsageWrong(f"{target} is there, and it is no agreement", "give another name with --to, or remove it")
    if _is_frozen(whole):
        raise UsageWrong(
            f"{target} would lie among what was agreed, which nothing is written over", "give another folder with --to"
        )
    if whole.parent.name in ("sla", "slat") and whole.parent.parent.parent.name == "sla":
        text = f"{target} would lie among derived documents, where the next run removes what it did not make"
        raise UsageWrong(text, "give another folder with --to, or sign the whole application: musa sign APP")


def _is_frozen(whole: Path) -> bool:
    """Tell whether a place is in an SLA repository: `sla/<app>/agreements/<n>/`."""
    from musa_pipeline.workspace.agreements import FOLDER

    return any(each.name == FOLDER and each.parent.parent.name == "sla" for each in whole.resolve().parents)


def _is_agreement(target: Path) -> bool:
    with target.open("rb") as file:
        begins = file.read(4096)
    return b"/ws-agreement" in begins or (not begins and target.suffix == ".xml")


def _key(named: str, cert: str | None) -> "SigningKey":
    if named.lower().startswith("pkcs11:"):
        from musa_pipeline.runners.signing.token import key_on_token

        return key_on_token(named, cert, lambda what: _secret("MUSA_KEY_PIN", what))
    from musa_pipeline.runners.signing.file import key_in_file

    return key_in_file(named, cert, lambda what: _secret("MUSA_KEY_PASSPHRASE", what))


def _secret(variable: str, what: str) -> str:
    found = os.environ.get(variable)
    if found is not None:
        return found
    if not sys.stdin.isatty():
        raise UsageWrong(f"the {what} is needed, and nobody is there to ask", f"put it into {variable}")
    return str(click.prompt(what, hide_input=True, err=True))
