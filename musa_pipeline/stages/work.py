"""One run over one application: what is known so far, from this run or from the files of the last one."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from musa_pipeline.domain.errors import FilesWrong, UsageWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.files import OURS, read_text
from musa_pipeline.workspace.given import NOTHING, Given
from musa_pipeline.workspace.inputs import Inputs
from musa_pipeline.workspace.memory import Memory
from musa_pipeline.workspace.places import Place

if TYPE_CHECKING:  # a run that has nothing to do must not pay for the whole vocabulary
    from musa_pipeline.domain.catalog import Catalogs
    from musa_pipeline.domain.settings import Settings

T = TypeVar("T")


class Work:
    """Values of one run by name. A value is made by its stage, or read from the stage's file when the stage had nothing to do."""

    def __init__(self, place: Place, given: Given | None = None) -> None:
        """`given` is what flags add to the model; None for a command without such flags: as in the last run."""
        self.place = place
        self.problems = Problems()
        self.memory = Memory(place)
        before = self.memory.stages["read"].inputs.get("given") if given is None and "read" in self.memory.stages else None
        self.inputs = Inputs(place, self.problems, given or NOTHING, before)
        self.asks_again = bool(before)
        self._values: dict[str, Any] = {}

    def take_catalogs_of(self, other: "Work") -> None:
        """Use the catalogs that another work on the same repository has read; what is wrong with them was told there."""
        self.inputs.share(other.inputs)
        vars(self)["catalogs"] = other.catalogs

    def set(self, name: str, value: object) -> None:
        """Remember a value that a stage made."""
        self._values[name] = value

    def get(self, name: str, type_: type[T], file: str) -> T:
        """Return a value, read from a derived file of an earlier run if no stage of this run made it."""
        if name not in self._values:
            from musa_pipeline.formats.values import read_value

            text = read_text(self.place.out / file, file, self.problems, most=OURS)
            self._values[name] = read_value(text.encode(), type_, file, self.problems) if text is not None else None
            self.stop_if_wrong()
            if self._values[name] is None:
                raise UsageWrong(f"{file} is not there or not ours", "run `musa run` again")
        found: T = self._values[name]
        return found

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return a value, made now if nobody made it yet."""
        if name not in self._values:
            self._values[name] = make()
        found: T = self._values[name]
        return found

    def stop_if_wrong(self) -> None:
        """Raise what was found so far if any of it is an error; nothing is written after that."""
        if self.problems.errors:
            raise FilesWrong(self.problems)

    @cached_property
    def catalogs(self) -> "Catalogs":
        """All catalogs: shipped, then the user's."""
        from musa_pipeline.formats.catalogs import read_catalogs

        return read_catalogs(self.inputs.catalogs(), self.problems)

    @cached_property
    def settings(self) -> "Settings":
        """What `musa.yaml` says, or the defaults."""
        from musa_pipeline.domain.settings import Settings

        text = self.inputs.text(self.place.root / "musa.yaml", optional=True)
        if text is None:
            return Settings()
        from musa_pipeline.formats.settings import read_settings

        known = self.catalogs
        return read_settings(
            text, "musa.yaml", self.problems, providers=known.provider.keys(), profiles={*known.profile, *known.selected}
        )

    @property
    def model_at(self) -> Span:
        """The model file as a place."""
        return Span(self.place.shown(self.place.model))
