"""How answers may name a component: by its id, its name in the model, or another spelling of the id."""

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId, slug


class Names:
    """The components of one model, by every name that means them."""

    def __init__(self, cpim: Cpim) -> None:
        self.ids = {str(each.id): each.id for each in cpim.components}
        self._named = {each.name: each.id for each in cpim.components}

    def find(self, name: str) -> ComponentId | None:
        """Return the component that is meant; None if the model has none of the name."""
        return self.ids.get(name) or self._named.get(name) or self.ids.get(slug(name))
