from __future__ import annotations

import pytest

from tests.support.scenario import Scenario


@pytest.fixture
def scenario(database, workspace_id) -> Scenario:
    return Scenario(database, workspace_id)
