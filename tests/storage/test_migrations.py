"""The migrations and the tables say the same, and a published version cannot be rewritten."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

import storage.tables  # noqa: F401  (fills the metadata)
from storage.migrate import upgrade
from storage.tables.base import SQLModel
from tests.support.leaving import drop_workspace
from tests.support.scenario import Scenario


async def test_the_migrations_make_exactly_the_tables(database):
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), SQLModel.metadata)
        )
    assert differences == []


def test_migrating_a_migrated_database_changes_nothing(database_url):
    upgrade(database_url)


async def test_a_published_version_cannot_be_rewritten(database, workspace_id):
    scenario = Scenario(database, workspace_id)
    await scenario.publish()
    with pytest.raises(DBAPIError, match=r"immutable|unchanged|published"):
        await scenario.rows(
            "UPDATE workflow_versions SET definition = '{}' WHERE workspace_id = :w RETURNING id"
        )
    await drop_workspace(database, workspace_id)
