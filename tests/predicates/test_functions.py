"""What migration 0002 puts into the database."""

from __future__ import annotations

from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from whenever import Instant, available_timezones

from journeys.shifts import Shift
from journeys.zones import resolve_zone
from storage.database import Database
from storage.tables import Workflow, WorkflowVersion
from tests.predicates.people import NOW


async def test_every_zone_of_the_database_shows_the_same_time_in_both(database: Database):
    """Names that PostgreSQL reads as abbreviations or rules must not slip through as zones."""
    names = sorted(available_timezones())
    async with database.engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT name, CAST(:now AS timestamptz) AT TIME ZONE sojourn_zone(name, 'UTC')"
                " FROM unnest(CAST(:names AS text[])) AS name"
            ),
            {"now": NOW.replace(month=7), "names": names},
        )
        by_sql = dict(tuple(row) for row in rows)
    july = NOW.replace(month=7)
    expected = {name: july.astimezone(ZoneInfo(name)).replace(tzinfo=None) for name in names}
    assert by_sql == expected


@pytest.mark.parametrize(
    "name",
    [
        "", "utc0", "PST", "BST", "EST5EDT4", "UTC+3", "Foo/Bar+3", "Etc/GMT+99", "Etc/GMT-15",
        "GMT+3", "Europe", "Europe/", "Europe/Nowhere", "Europe/Kyiv\n", " UTC", "<+03>-3", "now",
        "Europe/Kyiv' --", "x" * 10_000, "2026-01-01",
    ],
)  # fmt: skip
async def test_what_is_no_zone_falls_back_in_both(database: Database, name: str):
    async with database.engine.connect() as connection:
        zone = await connection.scalar(
            text("SELECT sojourn_zone(CAST(:name AS text), 'Asia/Tokyo')"), {"name": name}
        )
    assert zone == "Asia/Tokyo"
    expected = resolve_zone(None, contact_zone=name, workspace_zone="Asia/Tokyo")
    assert zone == expected


async def test_the_case_of_a_zone_does_not_matter(database: Database):
    async with database.engine.connect() as connection:
        local = await connection.scalar(
            text(
                "SELECT CAST(:now AS timestamptz) AT TIME ZONE sojourn_zone('europe/kyiv', 'UTC')"
            ),
            {"now": NOW},
        )
    assert local.hour == 13
    known = resolve_zone(None, contact_zone="europe/kyiv", workspace_zone="UTC")
    assert Instant(NOW).to_tz(known).hour == 13


@pytest.mark.parametrize(
    "duration",
    ["-P1M", "P1M", "-P1Y1M1W1DT1H1M1.000001S", "P999999999D", "-P2025Y", "-P9999Y", "PT0S"],
)
async def test_durations_shift_alike(database: Database, duration: str):
    shift = Shift.parse(duration)
    assert shift is not None
    async with database.engine.connect() as connection:
        moved = await connection.scalar(
            text(
                "SELECT sojourn_moment(to_jsonb(CAST(:d AS text)), CAST(:now AS timestamptz))::text"
            ),
            {"d": duration, "now": NOW},
        )
        # As text: the driver would send the first and the last instant as infinite.
        expected = await connection.scalar(
            text("SELECT CAST(CAST(:at AS text) AS timestamptz)::text"),
            {"at": shift.from_(NOW).isoformat()},
        )
    assert moved == expected


@pytest.fixture
async def version_id(database: Database, workspace_id: UUID) -> UUID:
    workflow, version = uuid4(), uuid4()
    own = {"workspace_id": workspace_id, "definition": {"name": "first"}}
    async with database.transaction() as connection:
        await connection.execute(
            insert(Workflow).values(
                **own, id=workflow, key="w", name="w", state="active", revision=1
            )
        )
        await connection.execute(
            insert(WorkflowVersion).values(**own, id=version, workflow_id=workflow, version=1)
        )
    return version


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE workflow_versions SET definition = '{}' WHERE id = :id",
        "UPDATE workflow_versions SET version = 2 WHERE id = :id",
        "DELETE FROM workflow_versions WHERE id = :id",
    ],
)
async def test_a_published_version_can_be_neither_changed_nor_deleted(
    database: Database, version_id: UUID, statement: str
):
    with pytest.raises(IntegrityError, match="published workflow version"):
        async with database.transaction() as connection:
            await connection.execute(text(statement), {"id": version_id})
    async with database.engine.connect() as connection:
        kept = await connection.scalar(
            text("SELECT definition ->> 'name' FROM workflow_versions WHERE id = :id"),
            {"id": version_id},
        )
    assert kept == "first"


@pytest.mark.parametrize("owner", ["workflows", "workspaces"])
async def test_a_version_goes_with_its_workflow_or_workspace(
    database: Database, workspace_id: UUID, version_id: UUID, owner: str
):
    whose = "id = :w" if owner == "workspaces" else "workspace_id = :w"
    async with database.transaction() as connection:
        await connection.execute(text(f"DELETE FROM {owner} WHERE {whose}"), {"w": workspace_id})
        left = await connection.scalar(
            text("SELECT count(*) FROM workflow_versions WHERE id = :id"), {"id": version_id}
        )
    assert left == 0


@pytest.mark.parametrize("depth", [10, 5_000])
async def test_deeply_nested_data_is_no_error(database: Database, depth: int):
    async with database.engine.connect() as connection:
        found = await connection.scalar(
            text(
                "SELECT count(*) FROM sojourn_walk("
                " CAST(repeat('[', :depth) || '{\"a\": 1}' || repeat(']', :depth) AS jsonb), 'a')"
            ),
            {"depth": depth},
        )
        assert found == 1
        dotted = ".".join("a" * depth)
        assert not await connection.scalar(
            text('SELECT count(*) FROM sojourn_walk(\'{"a": {"a": 1}}\', CAST(:n AS text))'),
            {"n": dotted},
        )
