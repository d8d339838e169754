"""Record bulk histories that the corpus lacks: `uv run pytest -n 0 tests/replay/record_bulk.py`.

As in `record.py`, one that exists is never recorded again.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError

from tests.engine.conftest import engine, outbox, scenario  # noqa: F401  (fixtures)
from tests.replay.bulk import BULK_CANCELLED, BULK_SCENARIOS

ROOT = Path(__file__).parents[2]
HISTORIES = Path(__file__).parent / "histories" / "bulk"
MISSING = [name for name in BULK_SCENARIOS if not (HISTORIES / f"{name}.json").exists()]


@pytest.mark.parametrize("name", MISSING)
async def test_record(name, scenario, engine, outbox):  # noqa: F811
    handle = await BULK_SCENARIOS[name](scenario, engine)
    async with asyncio.timeout(30):
        try:
            await handle.result()
        except WorkflowFailureError:
            if name not in BULK_CANCELLED:
                raise
    HISTORIES.mkdir(exist_ok=True)
    history = (await handle.fetch_history()).to_json().replace(f"{ROOT}/", "")
    (HISTORIES / f"{name}.json").write_text(history + "\n")
