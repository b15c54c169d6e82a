"""Providers' files: regions, attestations, services and their sizes -> Provider and Offering, each control with its evidence."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.cpim import Resources
from musa_pipeline.domain.crosswalk import Crosswalk
from musa_pipeline.domain.ids import ControlId, KindId, OfferingId, ProviderId, control_id, control_key
from musa_pipeline.domain.offering import Evidence, OfferedControl, Offering, Provider, Region
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Source, Span
from musa_pipeline.formats.catalogs.offerings_crosswalk import read_crosswalks
from musa_pipeline.formats.catalogs.offerings_evidence import Attestation, best, derived, provided_by
from musa_pipeline.formats.catalogs.offerings_fields import Fields, read_grade, read_source
from musa_pipeline.formats.catalogs.offerings_prices import read_price, read_rates
from musa_pipeline.text.yaml import Mapping, Node

PROVIDED = (Evidence.E0, Evidence.E2, Evidence.E3, Evidence.E4)
CONFIGURABLE = (Evidence.E0, Evidence.E1)
MODELS = ("IaaS", "PaaS", "SaaS")

_PROVIDER = (
    *("id", "name", "entity", "jurisdiction", "headquarters", "source"),
    *("sources", "regions", "attestations", "services", "offerings"),
)
_ATTESTATION = (
    *("framework", "level", "services", "regions", "date", "valid-from", "valid-to"),
    *("evidence", "because", "source"),
)
_SERVICE = ("id", "title", "model", "kinds", "provided", "configurable")
_OFFERING = ("id", "title", "service", "regions", "resources", "price", "provided", "configurable")


def read_offerings(
    trees: Map[str, Node],
    controls: ControlCatalog,
    problems: Problems,
    *,
    kinds: frozenset[KindId] | None = None,
    crosswalks: dict[str, Crosswalk] | None = None,
) -> tuple[tuple[Provider, ...], tuple[Offering, ...]]:
    """Return providers and offerings, sorted by id, from the trees of `offerings/` and `crosswalks/`, by path.

    An attestation that covers a service in all regions of an offering gives it the controls of the framework's crosswalk;
    `crosswalks` are given when somebody has read them already.
    Codes: O001 wrong shape, O002 missing, O003 unknown field, O004 no source, O005 unknown control, O006 unknown region,
    O007 unknown kind, O008 unknown framework, O009 price, O010 duplicate, O011 unknown service, O012 no valid value,
    O013 evidence not allowed, O014 attestation covers part of an offering, O015 claimed as provided and as configurable.
    """
    known = {each.id: each for each in controls.controls}
    if crosswalks is None:
        crosswalks = read_crosswalks({path: tree for path, tree in trees.items() if _of_crosswalks(path)}, known, problems)
    rates = {"EUR": 1.0}
    files: list[Node] = []
    for path in sorted(trees):
        if _of_crosswalks(path):
            continue
        if path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] == "rates":
            rates |= read_rates(trees[path], problems)
        else:
            files.append(trees[path])
    providers: dict[ProviderId, Provider] = {}
    offerings: list[Offering] = []
    for tree in files:
        reader = _ProviderFile(known, crosswalks, rates, kinds, problems)
        if (provider := reader.read(tree)) is None:
            continue
        if provider.id in providers:
            problems.report("O010", tree.at, f"provider {provider.id!r} is here twice", help="keep one file for each provider")
            continue
        providers[provider.id] = provider
        offerings += reader.offerings.values()
    return tuple(providers[each] for each in sorted(providers)), tuple(sorted(offerings, key=lambda each: each.id))


def _of_crosswalks(path: str) -> bool:
    return path.replace("\\", "/").rpartition("/")[0].endswith("crosswalks")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Service:
    """A service of the provider, whose sizes are its offerings."""

    id: str
    kinds: frozenset[KindId]
    provided: tuple[OfferedControl, ...]
    configurable: tuple[OfferedControl, ...]


@dataclass(slots=True)
class _ProviderFile:
    """Reads one file, top to bottom: sources, regions, services, attestations, offerings."""

    known: dict[ControlId, Control]
    crosswalks: dict[str, Crosswalk]
    rates: dict[str, float]
    kinds: frozenset[KindId] | None
    problems: Problems
    sources: dict[str, Source] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    services: dict[str, _Service] = field(default_factory=dict)
    attestations: list[Attestation] = field(default_factory=list)
    offerings: dict[OfferingId, Offering] = field(default_factory=dict)
    merged: dict[tuple[object, ...], tuple[OfferedControl, ...]] = field(default_factory=dict)

    def read(self, tree: Node) -> Provider | None:
        if not isinstance(tree, Mapping):
            self.problems.report("O001", tree.at, "a provider's file must be a mapping")
            return None
        top = Fields(tree, self.problems, "a provider").known(_PROVIDER)
        provider, name, jurisdiction = ProviderId(top.id()), top.text("name", needed=True), top.country("jurisdiction")
        top.text("entity", needed=True)
        top.country("headquarters")
        self._sources(top)
        source = read_source(top.get("source"), self.sources, self.problems, tree.at, f"provider {provider!r}")
        for entry in top.entries("regions", needed=True):
            self._region(entry)
        for entry in top.entries("services", needed=True):
            self._service(entry)
        for entry in top.entries("attestations"):
            self._attestation(entry)
        for entry in top.entries("offerings", needed=True):
            self._offering(entry, provider)
        if not provider or source is None:
            return None
        regions = tuple(self.regions[each] for each in sorted(self.regions))
        return Provider(id=provider, name=name, jurisdiction=jurisdiction, regions=regions, source=source, at=tree.at)

    def _sources(self, top: Fields) -> None:
        named = top.mapping("sources")
        for name, node in named or ():
            if isinstance(node, Mapping):
                if source := read_source(node, {}, self.problems, node.at, f"entry {name!r}"):
                    self.sources[name] = source
            else:
                self.problems.report("O001", node.at, f"source {name!r} must be a mapping")

    def _region(self, entry: Fields) -> None:
        entry.known(("id", "country", "city"))
        region = Region(id=entry.id(), country=entry.country("country"), city=entry.text("city"))
        if region.id in self.regions:
            entry.report("O010", entry.at("id"), f"region {region.id!r} is here twice")
        elif region.id and region.country:
            self.regions[region.id] = region

    def _service(self, entry: Fields) -> None:
        entry.known(_SERVICE)
        service = entry.id()
        entry.what = f"service {service!r}"
        entry.text("title", needed=True)
        model = entry.text("model", needed=True)
        if model and model not in MODELS:
            entry.report("O012", entry.at("model"), f"model {model!r} is none of {', '.join(MODELS)}")
        if service in self.services:
            entry.report("O010", entry.at("id"), f"{entry.what} is here twice")
        elif service:
            provided, configurable = self._claims(entry)
            self.services[service] = _Service(id=service, kinds=self._kinds(entry), provided=provided, configurable=configurable)

    def _kinds(self, entry: Fields) -> frozenset[KindId]:
        words = entry.words("kinds")
        if not words:
            entry.missing("kinds", "say what it can be, as in [compute] or [database]")
        for word in words:
            if self.kinds is not None and word.text not in self.kinds:
                entry.report("O007", word.at, f"{entry.what} is of unknown kind {word.text!r}", near(word.text, self.kinds))
        return frozenset(KindId(word.text) for word in words)

    def _claims(self, entry: Fields) -> tuple[tuple[OfferedControl, ...], tuple[OfferedControl, ...]]:
        provided = self._rows(entry, "provided", PROVIDED)
        configurable = self._rows(entry, "configurable", CONFIGURABLE)
        both = {each.control for each in provided}
        for row in configurable:
            if row.control in both:
                text = f"{entry.what} claims {row.control} as provided and as configurable"
                entry.report("O015", row.at, text, "always on is provided; what a customer must switch on is configurable")
        return provided, configurable

    def _rows(self, entry: Fields, name: str, allowed: tuple[Evidence, ...]) -> tuple[OfferedControl, ...]:
        rows: dict[ControlId, OfferedControl] = {}
        for written, node in entry.mapping(name) or ():
            at = entry.node.entries[name].keys[written]  # type: ignore[union-attr]
            control = self.known.get(control_id(written) or ControlId(""))
            if control is None or control.withdrawn:
                self._no_control(entry, written, control, at)
                continue
            if not isinstance(node, Mapping):
                entry.report("O001", node.at, f"{written} of {entry.what} must state evidence and source")
                continue
            fields = Fields(node, self.problems, f"{written} of {entry.what}").known(("evidence", "source"))
            grade = read_grade(fields, "evidence", allowed)
            source = read_source(fields.get("source"), self.sources, self.problems, node.at, fields.what)
            if control.id in rows:
                entry.report("O010", at, f"{entry.what} claims {control.id} twice")
            elif grade and source:
                rows[control.id] = OfferedControl(control=control.id, evidence=grade, source=source, at=at)
        return tuple(rows[each] for each in sorted(rows, key=control_key))

    def _no_control(self, entry: Fields, written: str, control: Control | None, at: Span) -> None:
        if control is None:
            entry.report("O005", at, f"{entry.what} names unknown control {written!r}", near(written, self.known))
            return
        moved = ", ".join(control.moved_to)
        entry.report("O005", at, f"{entry.what} names withdrawn control {written!r}", f"it is now in {moved}" if moved else "")

    def _attestation(self, entry: Fields) -> None:
        entry.known(_ATTESTATION)
        framework = entry.text("framework", needed=True)
        entry.what = f"attestation {framework!r}"
        entry.text("level")
        dates = [entry.date(name) for name in ("date", "valid-from", "valid-to")]
        source = read_source(entry.get("source"), self.sources, self.problems, entry.node.at, entry.what)
        services = self._scope(entry, "services", self.services, "O011", "service")
        regions = self._scope(entry, "regions", self.regions, "O006", "region")
        if not any(dates):
            entry.missing("date", "say when it was given or until when it is valid: date, valid-from or valid-to")
        if dates[1] and dates[2] and dates[1] > dates[2]:
            entry.report("O012", entry.at("valid-to"), f"{entry.what} ends before it begins")
        walk = self.crosswalks.get(framework)
        if walk is None and framework:
            known = f"add crosswalks/{framework}.yaml, with controls or with the reason why there is no map"
            entry.report(
                "O008", entry.at("framework"), f"unknown framework {framework!r}", near(framework, self.crosswalks) or known
            )
        if walk and walk.rows and walk.grade is None:
            entry.report(
                "O008", entry.at("framework"), f"nobody is attested to {framework!r}", "its crosswalk has no grade: leave it out"
            )
        if walk and source:
            rows = derived(walk, self._attested_grade(entry, walk), source, entry.node.at)
            attested = Attestation(walk=walk, services=services, regions=regions, controls=rows)
            self.attestations.append(attested)

    def _attested_grade(self, entry: Fields, walk: Crosswalk) -> Evidence:
        """Return the grade of the crosswalk, or E0 where the entry says that scope or certificate could not be read."""
        given = walk.grade or Evidence.E0
        if entry.get("evidence") is None:
            return given
        grade = read_grade(entry, "evidence", (Evidence.E0, given)) or Evidence.E0
        if grade < given and not entry.text("because"):
            entry.missing("because", "say what could not be read: the scope, the edition or the certificate itself")
        return grade

    def _scope(self, entry: Fields, name: str, known: Map[str, object], code: str, what: str) -> frozenset[str] | None:
        words = entry.words(name)
        if not words:
            entry.missing(name, "list what it covers, or write 'all' where the document says so")
        if [word.text for word in words] == ["all"]:
            return None
        for word in words:
            if word.text not in known:
                entry.report(code, word.at, f"{entry.what} covers unknown {what} {word.text!r}", near(word.text, known))
        return frozenset(word.text for word in words)

    def _offering(self, entry: Fields, provider: ProviderId) -> None:
        entry.known(_OFFERING)
        short = entry.id()
        entry.what = f"offering {short!r}"
        id_ = OfferingId(f"{provider}/{short}")
        title, regions = entry.text("title", needed=True), self._regions(entry)
        resources, storage = self._resources(entry)
        price = read_price(entry, storage, self.rates, self.sources)
        service = self._named_service(entry)
        provided, configurable = self._claims(entry)
        if id_ in self.offerings:
            entry.report("O010", entry.at("id"), f"{entry.what} is here twice")
        elif short and service and price:
            duties = best(configurable, service.configurable) if configurable else service.configurable
            self.offerings[id_] = Offering(
                id=id_,
                provider=provider,
                title=title,
                kinds=service.kinds,
                regions=regions,
                resources=resources,
                price=price.value,
                price_source=price.source,
                provided=self._merged(entry, service, regions, provided, duties),
                configurable=duties,
                at=entry.node.at,
            )

    def _named_service(self, entry: Fields) -> _Service | None:
        name = entry.text("service", needed=True)
        if name and name not in self.services:
            entry.report("O011", entry.at("service"), f"{entry.what} is of unknown service {name!r}", near(name, self.services))
        return self.services.get(name)

    def _regions(self, entry: Fields) -> tuple[Region, ...]:
        found = set()
        for word in entry.words("regions"):
            if word.text in self.regions:
                found.add(word.text)
            else:
                entry.report("O006", word.at, f"{entry.what} is in unknown region {word.text!r}", near(word.text, self.regions))
        if entry.get("regions") is None:
            entry.missing("regions")
        return tuple(self.regions[each] for each in sorted(found))

    def _resources(self, entry: Fields) -> tuple[Resources, float]:
        """Return whole GiB of storage for the model, and the exact size for the price."""
        node = entry.mapping("resources")
        if node is None:
            return Resources(), 0.0
        fields = Fields(node, self.problems, f"resources of {entry.what}").known(("cores", "memory", "storage", "os"))
        storage = fields.mib("storage") / 1024
        cores = int(fields.number("cores") or 0)
        return Resources(cores=cores, memory=int(fields.mib("memory")), storage=int(storage), os=fields.text("os")), storage

    def _merged(
        self,
        entry: Fields,
        service: _Service,
        regions: tuple[Region, ...],
        own: tuple[OfferedControl, ...],
        duties: tuple[OfferedControl, ...],
    ) -> tuple[OfferedControl, ...]:
        """Join explicit and derived rows; sizes of one service in equally covered regions share one tuple."""
        ids = frozenset(each.id for each in regions)
        covering = tuple(each for each in self.attestations if each.covers(service.id, ids))
        for each in self.attestations:
            if part := each.part_of(service.id, ids):
                text = f"attestation {each.walk.framework!r} covers only {', '.join(sorted(part))} of {entry.what}"
                self.problems.warn("O014", entry.at("regions"), text, help="nothing is derived; make two offerings by region")
        key = (service.id, own, duties, *(id(each) for each in covering))
        if key not in self.merged:
            self.merged[key] = provided_by(own, service.provided, covering, duties)
        return self.merged[key]
