"""The context on a server that asks who comes: over TLS with its own authority, by name and password from the environment."""

from pathlib import Path

import pytest

from musa_pipeline.context.open import open_context
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.errors import OutsideFailed
from tests.servers.elasticsearch import PASSWORD, elasticsearch

CHANGE = Change(id="a", kind=Kind.SERVICE, entity="web", time=1.0)


def test_who_may_comes_in_and_nobody_else(tmp_path: Path) -> None:
    with elasticsearch(secure=True) as server:

        def opened(user: str, password: str, query: str = f"?ca={server.ca}") -> bool:
            store = open_context(
                server.url + query, tmp_path, environment={"MUSA_STORE_USER": user, "MUSA_STORE_PASSWORD": password}
            )
            try:
                return store.apply([CHANGE]) == 1
            finally:
                store.close()

        assert opened("admin", PASSWORD)
        for user, password in (("admin", "wrong"), ("", ""), ("reader", PASSWORD)):
            with pytest.raises(OutsideFailed, match="the store lets us not in") as refused:
                opened(user, password)
            assert PASSWORD not in str(refused.value)
        with pytest.raises(OutsideFailed, match="the certificate of the store is not trusted"):
            opened("admin", PASSWORD, query="")
