from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.api.ingest.support import Api, serving


@pytest.fixture
async def api(database, workspace_id) -> AsyncIterator[Api]:
    """A workspace of its own, called with a secret key."""
    async with serving(database, workspace_id) as api:
        yield api
