"""Which store a setting means: `embedded`, or the address of an Elasticsearch."""

import os
from collections.abc import Mapping
from pathlib import Path

from musa_pipeline.context.port import Context
from musa_pipeline.domain.errors import UsageWrong


def open_context(store: str, place: Path, *, name: str = "musa", environment: Mapping[str, str] = os.environ) -> Context:
    """Return the context of one application: in the file `place`, or on a server under its `name`. Raises ContextAway, OutsideFailed, UsageWrong.

    A server's address may name the file of its authority: `https://host:9200?ca=/etc/musa/ca.pem`. What gives access is read from the
    environment: MUSA_STORE_API_KEY, or MUSA_STORE_USER with MUSA_STORE_PASSWORD.
    """
    if store == "embedded":
        from musa_pipeline.context.sqlite import SqliteContext

        return SqliteContext(place)
    if store.startswith(("http://", "https://")):
        from musa_pipeline.context.elasticsearch import connect

        return connect(store, name, environment)
    raise UsageWrong(f"no store is called {store!r}", "give embedded, or the address of an Elasticsearch: https://host:9200")
