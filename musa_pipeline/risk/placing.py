"""Which component a finding is about: by people's word, by name, by machine; what cannot be told apart is nobody's."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId, slug


class Places:
    """The names that lead to components. `said` are those of `map`, which win; `addresses` those of machines, by component."""

    def __init__(
        self, cpim: Cpim, said: Iterable[tuple[str, ComponentId]] = (), addresses: Mapping[str, ComponentId] | None = None
    ) -> None:
        named: dict[str, set[ComponentId]] = defaultdict(set)
        for each in cpim.components:
            for name in (each.id, each.name, slug(each.name)):
                named[name.casefold()].add(each.id)
        for address, component in (addresses or {}).items():
            named[address.casefold()].add(component)
        self._named = {name: found for name, found in named.items() if len(found) == 1}
        self._said = {name.casefold(): component for name, component in said}

    def of(self, places: Iterable[str]) -> ComponentId | None:
        """Return the component that the first telling name means: as written, as an id, or as the first part of a host name."""
        known = [each.casefold() for each in places]
        for each in known:
            if each in self._said:
                return self._said[each]
        for each in known:
            for form in dict.fromkeys((each, slug(each), each.partition(".")[0])):
                if found := self._named.get(form):
                    return next(iter(found))
        return None
