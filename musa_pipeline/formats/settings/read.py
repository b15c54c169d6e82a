"""The settings of a repository; every key may be left out, and a key that means nothing is a finding."""

from collections.abc import Collection
from ipaddress import ip_network
from typing import Final

from musa_pipeline.domain.cpim import DataClass
from musa_pipeline.domain.ids import ProviderId
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.places import GROUPS
from musa_pipeline.domain.problems import Problems, Severity, near
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.settings import ModelSettings, RiskSettings, RuntimeSettings, SelectionSettings, Settings
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.settings.check import CHECK_KEYS, read_check
from musa_pipeline.formats.settings.money import read_budget
from musa_pipeline.text.expect import form_of, is_nothing, mapping_of, only, read_optional, text_of, value_of
from musa_pipeline.text.quantity import read_quantity
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, plain

_KNOWN: Final = {
    "musa.yaml": ("model", "risk", "selection", "check", "trust", "runtime"),
    "model": ("catalogs", "inputs"),
    "risk": ("impact", "appetite", "profile", "require", "half_life"),
    "selection": ("jurisdictions", "countries", "evidence", "budget", "providers", "time_limit"),
    "selection.providers": ("at_most", "at_least", "excluded"),
    "check": CHECK_KEYS,
    "runtime": ("bus", "store", "period", "window", "late", "samples", "confirm", "recover", "protected", "lists"),
}
_LATER: Final = {"selection": ("order",)}
"""Keys that have a meaning to come: they are told, and do nothing yet."""
_IMPACTS: Final = ("business", "max")
_REQUIRES: Final = ("baseline", "cover")


def read_settings(
    text: str,
    file: str,
    problems: Problems,
    *,
    providers: Collection[ProviderId] | None = None,
    profiles: Collection[str] | None = None,
) -> Settings:
    """Return the settings, with defaults for what is not said or cannot be used; providers and profiles must be among the known.

    Codes: D001 wrong shape, D002 unknown key, D003 not used yet (a note), D004 not one of the words, D005 no such place,
    D006 amount of money or time, D007 number, D008 two settings that exclude each other, D009 unknown provider or
    profile, D010 not a bus or store, D011 not an address, D014 not a condition for a check to fail. D012 is told where the model
    is known.
    """
    reader = _Reader(problems, providers, profiles)
    whole = reader.section(read_optional(text, file, problems), "musa.yaml")
    if whole is None:
        return Settings()
    return Settings(
        model=reader.model(whole.get("model")),
        risk=reader.risk(whole.get("risk")),
        selection=reader.selection(whole.get("selection")),
        runtime=reader.runtime(whole.get("runtime")),
        check=read_check(reader.section(whole.get("check"), "check"), problems),
        trust=reader.trust(whole.get("trust")),
    )


class _Reader:
    def __init__(
        self, problems: Problems, providers: Collection[ProviderId] | None, profiles: Collection[str] | None = None
    ) -> None:
        self.problems, self.providers, self.profiles = problems, providers, profiles

    def section(self, node: Node | None, name: str) -> Mapping | None:
        mapping = mapping_of(node, name if name == "musa.yaml" else repr(name), "D001", self.problems)
        if mapping is None:
            return None
        later = [key for key in _LATER.get(name, ()) if key in mapping.entries]
        for key in later:
            whole = key if name == "musa.yaml" else f"{name}.{key}"
            self.problems.report("D003", mapping.keys[key], f"{whole!r} is not used yet", severity=Severity.NOTE)
        now = Mapping(mapping.entries, {key: at for key, at in mapping.keys.items() if key not in later}, mapping.at)
        only(now, _KNOWN[name], name, "D002", self.problems)
        return mapping

    def model(self, node: Node | None) -> ModelSettings:
        section = self.section(node, "model")
        if section is None:
            return ModelSettings()
        catalogs = self._items(section.get("catalogs"), "model.catalogs")
        by_name = mapping_of(section.get("inputs"), "'model.inputs'", "D001", self.problems)
        inputs: list[tuple[str, dict[str, object] | str, Span]] = []
        for application, values in by_name or ():
            if isinstance(values, Mapping):
                inputs.append((application, plain(values), values.at))
            elif text_of(values).strip():
                inputs.append((application, text_of(values).strip(), values.at))
            elif not is_nothing(values):
                text = f"'model.inputs.{application}' must be a mapping or the name of a file, not {form_of(values)}"
                self.problems.report("D001", values.at, text, help="write 'name: value' lines, or the file that has them")
        return ModelSettings(catalogs=tuple((each.text.strip(), each.at) for each in catalogs), inputs=tuple(inputs))

    def trust(self, node: Node | None) -> tuple[tuple[str, Span], ...]:
        return tuple((each.text.strip(), each.at) for each in self._items(node, "trust"))

    def risk(self, node: Node | None) -> RiskSettings:
        section = self.section(node, "risk")
        if section is None:
            return RiskSettings()
        word = self._word(section.get("impact"), "risk.impact", _IMPACTS)
        general, by_data = self._appetite(section.get("appetite"))
        return RiskSettings(
            impact=word or RiskSettings().impact,
            appetite=general,
            appetite_by_data=by_data,
            profile=self._profile(section.get("profile")),
            require=self._word(section.get("require"), "risk.require", _REQUIRES) or RiskSettings().require,
            half_life=self._time(section.get("half_life"), "risk.half_life", RiskSettings().half_life),
        )

    def _profile(self, node: Node | None) -> str:
        if node is None or is_nothing(node):
            return ""
        name = text_of(node).strip()
        if not name:
            text = f"'risk.profile' must be the id of a profile, not {form_of(node)}"
            self.problems.report("D001", node.at, text, help="musa catalog list profiles shows them")
        elif self.profiles is None or name in self.profiles:
            return name
        else:
            way_out = near(name, self.profiles) or f"known are {', '.join(sorted(self.profiles)) or 'none'}"
            self.problems.report("D009", node.at, f"no catalog has the profile {name!r}", help=way_out)
        return ""

    def _appetite(self, node: Node | None) -> tuple[Rating, tuple[tuple[DataClass, Rating], ...]]:
        """Return the general bar and those of classes of data; a bare word is the general one."""
        if not isinstance(node, Mapping):
            return self._bar(node, "risk.appetite", RiskSettings().appetite), ()
        only(node, ("default", *map(str, DataClass)), "risk.appetite", "D002", self.problems)
        general = self._bar(node.get("default"), "risk.appetite.default", RiskSettings().appetite)
        said = [each for each in DataClass if not is_nothing(node.get(each))]
        bars = {each: self._bar(node.get(each), f"risk.appetite.{each}", general) for each in said}
        for each, bar in bars.items():
            if bar.score > general.score:
                text = f"a bar of {bar} for {each} data never counts: the general one is {general}"
                self.problems.report("D008", node.keys[each], text, help="lower it, or raise default")
        return general, tuple(bars.items())

    def _bar(self, node: Node | None, name: str, default: Rating) -> Rating:
        word = self._word(node, name, tuple(map(str, Rating)))
        return Rating(word) if word else default

    def selection(self, node: Node | None) -> SelectionSettings:
        default = SelectionSettings()
        section = self.section(node, "selection")
        if section is None:
            return default
        evidence = self._word(section.get("evidence"), "selection.evidence", tuple(map(str, Evidence)))
        at_most, at_least, excluded = self._providers(section.get("providers"))
        return SelectionSettings(
            jurisdictions=self._places(section.get("jurisdictions"), "selection.jurisdictions"),
            countries=self._places(section.get("countries"), "selection.countries"),
            evidence=Evidence(evidence) if evidence else default.evidence,
            budget=self._budget(section.get("budget")),
            providers_at_most=at_most,
            providers_at_least=at_least,
            excluded=excluded,
            time_limit=self._time(section.get("time_limit"), "selection.time_limit", default.time_limit),
        )

    def runtime(self, node: Node | None) -> RuntimeSettings:
        default = RuntimeSettings()
        section = self.section(node, "runtime")
        if section is None:
            return default
        period = self._time(section.get("period"), "runtime.period", default.period)
        window = self._time(section.get("window"), "runtime.window", default.window)
        samples = self._count(section.get("samples"), "runtime.samples") or default.samples
        protected = self._items(section.get("protected"), "runtime.protected")
        if window < period * samples:
            text = f"a window of {window:g} s never holds {samples} samples of every {period:g} s"
            said = next((key for key in ("window", "period", "samples") if key in section.keys), "")
            self.problems.report("D008", section.keys.get(said, section.at), text, help="lengthen window, or shorten period")
        return RuntimeSettings(
            bus=self._server(section.get("bus"), "runtime.bus", ("kafka",)),
            store=self._server(section.get("store"), "runtime.store", ("http", "https")),
            period=period,
            window=window,
            late=self._time(section.get("late"), "runtime.late", default.late),
            samples=samples,
            confirm=self._count(section.get("confirm"), "runtime.confirm") or default.confirm,
            recover=self._count(section.get("recover"), "runtime.recover") or default.recover,
            protected=tuple(each.text.strip() for each in protected),
            protected_at=tuple(each.at for each in protected),
            lists=self._lists(section.get("lists")),
        )

    def _server(self, node: Node | None, name: str, schemes: tuple[str, ...]) -> str:
        if node is None or is_nothing(node):
            return "embedded"
        said = text_of(node).strip()
        scheme, found, rest = said.partition("://")
        if said == "embedded" or (found and scheme in schemes and rest):
            return said
        way_out = f"write embedded, or {schemes[0]}://host:port"
        self.problems.report("D010", node.at, f"{name!r} cannot be {form_of(node)}", help=way_out)
        return "embedded"

    def _lists(self, node: Node | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
        lists = mapping_of(node, "'runtime.lists'", "D001", self.problems)
        if lists is None:
            return ()
        return tuple((key, self._addresses(each, f"runtime.lists.{key}")) for key, each in lists.entries.items())

    def _addresses(self, node: Node, name: str) -> tuple[str, ...]:
        found = []
        for each in self._items(node, name):
            try:
                found.append(str(ip_network(each.text.strip())).removesuffix("/32").removesuffix("/128"))
            except ValueError:
                way_out = "write an address such as 192.0.2.7, or a network such as 192.0.2.0/24"
                self.problems.report("D011", each.at, f"{name!r} has no address {each.text!r}", help=way_out)
        return tuple(found)

    def _word(self, node: Node | None, name: str, words: tuple[str, ...]) -> str | None:
        if node is None or is_nothing(node):
            return None
        word = text_of(node).strip()
        for each in words:
            if each.lower() == word.lower():
                return each
        way_out = near(word, words) or f"one of {', '.join(words)}"
        self.problems.report("D004", node.at, f"{name!r} cannot be {form_of(node)}", help=way_out)
        return None

    def _items(self, node: Node | None, name: str) -> list[Scalar]:
        """Return the words of a list; one word alone is a list too."""
        if node is None or is_nothing(node):
            return []
        found = []
        for each in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(each, Scalar) and text_of(each).strip():
                found.append(each)
            else:
                self.problems.report("D001", each.at, f"{name!r} must be a list of words, not {form_of(each)}")
        return found

    def _places(self, node: Node | None, name: str) -> frozenset[str]:
        found = set()
        for each in self._items(node, name):
            code = each.text.strip().upper()
            if code in GROUPS or (len(code) == 2 and code.isascii() and code.isalpha()):
                found.add(code)
            else:
                way_out = near(code, GROUPS) or f"an ISO 3166 code such as DE, or one of {', '.join(GROUPS)}"
                self.problems.report("D005", each.at, f"{name!r} has no place {each.text!r}", help=way_out)
        return frozenset(found)

    def _budget(self, node: Node | None) -> float | None:
        if node is None or is_nothing(node):
            return None
        budget = read_budget(value_of(node))
        if budget is None:
            text = f"'selection.budget' cannot be {form_of(node)}"
            self.problems.report("D006", node.at, text, help="write an amount such as 900 EUR/month")
        return budget

    def _providers(self, node: Node | None) -> tuple[int | None, int | None, frozenset[ProviderId]]:
        section = self.section(node, "selection.providers")
        if section is None:
            return None, None, frozenset()
        at_most = self._count(section.get("at_most"), "selection.providers.at_most")
        at_least = self._count(section.get("at_least"), "selection.providers.at_least")
        if at_most is not None and at_least is not None and at_least > at_most:
            text = f"at least {at_least} providers and at most {at_most} exclude each other"
            self.problems.report("D008", section.keys["at_least"], text, help="raise at_most or lower at_least")
            at_least = None
        return at_most, at_least, self._excluded(section.get("excluded"))

    def _count(self, node: Node | None, name: str) -> int | None:
        if node is None or is_nothing(node):
            return None
        number = value_of(node)
        if isinstance(number, int) and not isinstance(number, bool) and number >= 1:
            return number
        self.problems.report("D007", node.at, f"{name!r} cannot be {form_of(node)}", help="write a whole number from 1")
        return None

    def _excluded(self, node: Node | None) -> frozenset[ProviderId]:
        found = set()
        for each in self._items(node, "selection.providers.excluded"):
            provider = ProviderId(each.text.strip())
            if self.providers is None or provider in self.providers:
                found.add(provider)
            else:
                way_out = near(provider, self.providers) or f"known are {', '.join(sorted(self.providers))}"
                self.problems.report("D009", each.at, f"no catalog has the provider {each.text!r}", help=way_out)
        return frozenset(found)

    def _time(self, node: Node | None, name: str, default: float) -> float:
        if node is None or is_nothing(node):
            return default
        seconds = read_quantity(value_of(node), "s")
        if seconds is not None and seconds > 0:
            return float(seconds)
        text = f"{name!r} cannot be {form_of(node)}"
        self.problems.report("D006", node.at, text, help="write a time such as 60 s, 5 min or 30 d")
        return default
