"""Record histories that the corpus lacks: `uv run pytest -n 0 tests/replay/record.py`.

An existing history is never recorded again: it stands for journeys that began on that day's code.
A new way of doing things gets a new scenario and so a new file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import engine, outbox, scenario  # noqa: F401  (fixtures)
from tests.replay.scenarios import CANCELLED, SCENARIOS

HISTORIES = Path(__file__).parent / "histories"
MISSING = [name for name in SCENARIOS if not (HISTORIES / f"{name}.json").exists()]


@pytest.mark.parametrize("name", MISSING)
async def test_record(name, scenario, engine, outbox):  # noqa: F811
    journey = await SCENARIOS[name](scenario, engine, outbox)
    await scenario.until_ended()
    handle = engine.execution(journey)
    try:
        await handle.result()
    except Exception:
        if name not in CANCELLED:
            raise
    (HISTORIES / f"{name}.json").write_text((await handle.fetch_history()).to_json() + "\n")
