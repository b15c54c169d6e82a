"""Every reader that is given what people wrote: its seeds, how they are changed, and what must hold of whatever it makes of them."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.errors import MusaError
from musa_pipeline.domain.problems import Problems
from tests.formats.tosca.tosca_bench import CATALOGS, TYPES
from tests.fuzz import text_mutants, xml_mutants, yaml_mutants, zip_mutants
from tests.fuzz.chance import Chance, one
from tests.support import ROOT

HERE = Path(__file__).resolve().parent
SEEDS = HERE / "seeds"
FILE = "models/app/app.yaml"
Found = tuple[Any, Problems]


@dataclass(frozen=True, slots=True)
class Target:
    """One reader."""

    seeds: tuple[str, ...]
    change: Callable[[str, Chance], bytes]
    read: Callable[[bytes], Found]


def _files(*names: str) -> tuple[str, ...]:
    return tuple(str(SEEDS / name) for name in names)


def _ours(pattern: str) -> tuple[str, ...]:
    return tuple(sorted(str(each) for each in ROOT.glob(pattern)))


@cache
def seed(name: str) -> str:
    """Return a seed's text."""
    return Path(name).read_text()


def fetch(name: str, importer: str) -> tuple[str, str] | None:
    """Give imports from among the seeds, so that they may import each other and themselves."""
    del importer
    if name == "musa.yaml":
        return "catalogs/tosca/musa.yaml", TYPES
    known = {each.name: each for each in SEEDS.iterdir()}
    return (f"models/app/{name}", seed(str(known[name]))) if name in known else None


def _text(data: bytes, problems: Problems) -> str | None:
    from musa_pipeline.workspace.files import decoded

    return decoded(data, FILE, problems)


def _yaml_changed(name: str, chance: Chance) -> bytes:
    """Mostly the tree, else words or octets."""
    match chance.below(6):
        case 0:
            return text_mutants.changed(seed(name), chance).encode("utf-8", "replace")
        case 1:
            return text_mutants.spoilt(seed(name).encode(), chance)
        case _:
            return yaml_mutants.changed(seed(name), chance).encode("utf-8", "replace")


def _text_changed(name: str, chance: Chance) -> bytes:
    if not chance.below(8):
        return text_mutants.spoilt(seed(name).encode(), chance)
    return text_mutants.changed(seed(name), chance).encode("utf-8", "replace")


def _xml_changed(name: str, chance: Chance) -> bytes:
    if not chance.below(8):
        return text_mutants.spoilt(seed(name).encode(), chance)
    return xml_mutants.changed(seed(name).encode(), chance)


def _zip_changed(name: str, chance: Chance) -> bytes:
    return zip_mutants.changed(seed(name), chance)


def _yaml(data: bytes) -> Found:
    from musa_pipeline.text.yaml import read_yaml

    problems = Problems()
    text = _text(data, problems)
    if text is not None:
        read_yaml(text, FILE, problems, several=True)
    return None, problems


def _tosca(data: bytes) -> Found:
    from musa_pipeline.formats.tosca import read_tosca

    problems = Problems()
    text = _text(data, problems)
    return (None if text is None else read_tosca(text, FILE, fetch=fetch, catalogs=CATALOGS, problems=problems)), problems


def _camel(data: bytes) -> Found:
    from musa_pipeline.formats.camel import looks_like_camel, read_camel

    problems = Problems()
    text = _text(data, problems)
    if text is None:
        return None, problems
    looks_like_camel(text)
    return read_camel(text, FILE, catalogs=CATALOGS, problems=problems), problems


def _xmi(data: bytes) -> Found:
    from musa_pipeline.formats.camel.xmi.read import looks_like_camel_xmi, read_camel_xmi

    problems = Problems()
    looks_like_camel_xmi(data)
    return read_camel_xmi(data, FILE, fetch=fetch, catalogs=CATALOGS, problems=problems), problems


def _otm(data: bytes) -> Found:
    from musa_pipeline.formats.otm import looks_like_otm, read_otm

    problems = Problems()
    text = _text(data, problems)
    if text is None:
        return None, problems
    looks_like_otm(text)
    return read_otm(text, FILE, catalogs=CATALOGS, problems=problems), problems


def _macm(data: bytes) -> Found:
    from musa_pipeline.formats.macm import looks_like_macm, read_macm

    problems = Problems()
    text = _text(data, problems)
    if text is None:
        return None, problems
    looks_like_macm(text)
    return read_macm(text, FILE, catalogs=CATALOGS, problems=problems), problems


def _csar(data: bytes) -> Found:
    from musa_pipeline.formats.csar import find_entry, read_archive
    from musa_pipeline.formats.tosca import read_tosca

    problems = Problems()
    archive = read_archive(data, FILE, problems)
    if archive is None:
        return None, problems

    def text(name: str) -> str | None:
        octets = archive.read(name, problems)
        return None if octets is None else _text(octets, problems)

    entry = find_entry(archive.names, text, FILE, problems)
    said = text(entry.name) if entry else None
    if said is None or entry is None:
        return None, problems
    model = read_tosca(said, archive.shown(entry.name), fetch=fetch, catalogs=CATALOGS, problems=problems)
    return model, problems


def _settings(data: bytes) -> Found:
    from musa_pipeline.formats.settings import read_settings

    problems = Problems()
    text = _text(data, problems)
    return (None if text is None else read_settings(text, FILE, problems)), problems


@cache
def _shop() -> Cpim:
    model, _ = _tosca((ROOT / "models/shop/shop.yaml").read_bytes())
    assert isinstance(model, Cpim)
    return model


def _answers(data: bytes) -> Found:
    from musa_pipeline.formats.answers import read_answers

    problems = Problems()
    text = _text(data, problems)
    return (None if text is None else read_answers(text, FILE, cpim=_shop(), catalogs=CATALOGS, problems=problems)), problems


def _decisions(data: bytes) -> Found:
    from musa_pipeline.formats.decisions import read_decisions

    problems = Problems()
    text = _text(data, problems)
    return (None if text is None else read_decisions(text, FILE, cpim=_shop(), catalogs=CATALOGS, problems=problems)), problems


def _reports(data: bytes) -> Found:
    from musa_pipeline.formats.measured import read_report

    problems = Problems()
    return read_report(data, FILE, problems), problems


def _measured(data: bytes) -> Found:
    from musa_pipeline.formats.measured import read_measured, write_measured

    problems = Problems()
    text = _text(data, problems)
    if text is None:
        return None, problems
    found = read_measured(text, FILE, cpim=_shop(), catalogs=CATALOGS, problems=problems)
    again = read_measured(write_measured(found, "app").decode(), FILE, cpim=_shop(), catalogs=CATALOGS, problems=Problems())
    assert again == found, "what was kept is another one once it was written"
    return found, problems


def _policies(data: bytes) -> Found:
    from musa_pipeline.formats.policies import read_policy

    problems = Problems()
    text = _text(data, problems)
    return (None if text is None else read_policy(text, FILE, problems)), problems


def _bpf(data: bytes) -> Found:
    from musa_pipeline.formats.bpf import read_program

    problems = Problems()
    text = _text(data, problems)
    return (None if text is None else read_program(text, FILE, problems)), problems


def _catalogs(data: bytes) -> Found:
    from musa_pipeline.formats.catalogs import read_catalogs

    problems = Problems()
    text = _text(data, problems)
    if text is not None:
        for folder in ("threats", "exposures", "metrics", "offerings", "agents", "kinds", "scopes", "controls", "profiles"):
            read_catalogs({f"catalogs/{folder}/a.yaml": text}, problems)
    return None, problems


def _agreement(data: bytes) -> Found:
    from musa_pipeline.formats.wsag import read_agreement

    problems = Problems()
    return read_agreement(data, FILE, problems), problems


def _record(data: bytes) -> Found:
    """Read a record that was sealed after it was changed, as anybody can."""
    from musa_pipeline.formats.records import read_record

    problems, text = Problems(), data.rpartition(b"seal:")[0].rstrip(b"\n") + b"\n"
    return read_record(text + b"seal: " + sha256(text).hexdigest().encode() + b"\n", FILE, problems), problems


def _signature(data: bytes) -> Found:
    from musa_pipeline.formats.signature.document import opened
    from musa_pipeline.formats.signature.profile import claim_of
    from musa_pipeline.formats.signature.refused import Refused

    problems = Problems()
    try:
        envelope = opened(data)
        if envelope.element is not None:
            claim_of(envelope.element)
    except Refused as refused:
        problems.extend([refused.problem(FILE)])
    return None, problems


def _cpim(data: bytes) -> Found:
    from musa_pipeline.formats.values import read_value

    problems = Problems()
    read_value(data, Cpim, FILE, problems)  # what somebody wrote into a derived file need not be sound
    return None, problems


def _events(data: bytes) -> Found:
    from musa_pipeline.formats.events import read_event, read_measurements, read_payload
    from musa_pipeline.formats.events.corrupt import Corrupt

    event = read_event(data)
    if not isinstance(event, Corrupt):
        read_payload(event)
    read_measurements(data)
    return None, Problems()


TARGETS = {
    "yaml": Target(_files("tosca13.yaml", "types.yaml"), _yaml_changed, _yaml),
    "tosca": Target(
        (*_files("tosca13.yaml", "tosca20.yaml", "alien.yaml", "cloudify.yaml", "nfv.yaml"), str(ROOT / "models/shop/shop.yaml")),
        _yaml_changed,
        _tosca,
    ),
    "camel": Target(
        (*_files("camel2015.camel", "camel3.camel"), str(ROOT / "models/smart-mobility/app.camel")), _text_changed, _camel
    ),
    "xmi": Target(_files("camel2014.xmi", "camel2015.xmi", "camel3.xmi"), _xml_changed, _xmi),
    "otm": Target(_files("otm.yaml"), _yaml_changed, _otm),
    "macm": Target(_files("shop.macm"), _text_changed, _macm),
    "csar": Target(_files("tosca13.yaml", "tosca20.yaml"), _zip_changed, _csar),
    "settings": Target((str(ROOT / "musa.yaml"),), _yaml_changed, _settings),
    "answers": Target(_ours("models/*/answers.yaml"), _yaml_changed, _answers),
    "decisions": Target(_files("decisions.yaml"), _yaml_changed, _decisions),
    "policies": Target(_ours("catalogs/policies/*.yaml"), _yaml_changed, _policies),
    "bpf": Target(_ours("bpf/*.yaml"), _yaml_changed, _bpf),
    "catalogs": Target(
        _ours("catalogs/agents/*.yaml")
        + _ours("catalogs/metrics/*.yaml")[:5]
        + _ours("catalogs/threats/*.yaml")[:5]
        + _ours("catalogs/exposures/*.yaml")[:2],
        _yaml_changed,
        _catalogs,
    ),
    "agreement": Target((str(ROOT / "sla/shop/sla.xml"), *_ours("sla/shop/slat/*.xml")), _xml_changed, _agreement),
    "records": Target(_files("agreed.yaml"), _yaml_changed, _record),
    "signature": Target(_files("signed.xml"), _xml_changed, _signature),
    "cpim": Target(_ours("sla/*/cpim.json"), _text_changed, _cpim),
    "events": Target(_files("event.json", "measurements.json"), _text_changed, _events),
    "reports": Target(_files("report.sarif", "findings.ocsf"), _text_changed, _reports),
    "checklists": Target(_files("results.xccdf"), _xml_changed, _reports),
    "measured": Target(_files("measured.yaml"), _yaml_changed, _measured),
}


def mutant(target: Target, chance: Chance) -> bytes:
    """Return a changed seed of a reader."""
    return target.change(one(chance, target.seeds), chance)


def check(target: Target, data: bytes) -> Found:
    """Read and hold the result to what is promised: no exception but ours, placed findings of one line, a model that is sound."""
    try:
        found, problems = target.read(data)
    except MusaError:
        return None, Problems()
    for each in problems:
        assert each.at.file and each.at.line >= 1 and each.at.column >= 1, f"{each} has no place"
        for text in (each.text, each.help):
            assert text == text.strip() and (not text.endswith(".") or text.endswith("...")), f"{text!r} is no sentence of ours"
            wrong = [sign for sign in text if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}]
            assert not wrong, f"{text!r} has {wrong!r}"
        assert each.text, "a finding says nothing"
    if isinstance(found, Cpim):
        sound(found)
    return found, problems


def sound(model: Cpim) -> None:
    """Hold a model to what every stage after it takes for granted."""
    ids = [each.id for each in model.components]
    assert len(ids) == len(set(ids)) and ids == sorted(ids), "ids are not in order, each once"
    hosts = {each.id: each.host for each in model.components}
    for start in ids:
        path = [start]
        while (above := hosts[path[-1]]) is not None:
            assert above in hosts, f"{path[-1]} runs on {above}, which is not there"
            assert above not in path, f"{above} runs on itself"
            path.append(above)
    for link in model.connections:
        assert link.source in hosts and link.target in hosts and link.source != link.target, f"{link} leads nowhere"
    for each in model.agents:
        assert set(each.protects) <= set(ids)
    for some in (*model.apart, *model.together):
        assert some <= set(ids)
    from musa_pipeline.formats.values import read_value, write_value

    problems = Problems()
    again = read_value(write_value(model, "cpim"), Cpim, FILE, problems)
    assert again == model, [str(each) for each in problems] or "the model is another one once it was written"
