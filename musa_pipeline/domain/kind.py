"""Kinds of components: what a component is, for threats, controls and offerings."""

from dataclasses import dataclass, field
from typing import Final

from musa_pipeline.domain.ids import KindId
from musa_pipeline.domain.source import NOWHERE, Source, Span

COMPUTE: Final = KindId("compute")
"""Machines: what runs there is ours, agents included; every other kind of offering is a managed service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind; `category` is MUSA's (custom web app, storage as service, external software as service), '' if none.

    `types` are type names of model languages that mean this kind; `words` are parts of names that hint at it.
    """

    id: KindId
    title: str
    source: Source
    category: str = ""
    types: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)
