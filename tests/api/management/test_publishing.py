"""Versions never change, and no journey is lost by pausing, publishing or archiving."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text

from storage.tables import Command, Interest, Workspace
from tests.api.management.drawings import EMAIL, definition, published, sending
from tests.api.management.rows import contact, journey


async def revision_of(database, workspace_id):
    async with database.transaction() as connection:
        return (
            await connection.execute(
                select(Workspace.rules_revision).where(Workspace.id == workspace_id)
            )
        ).scalar_one()


async def interests_of(database, workspace_id):
    async with database.transaction() as connection:
        rows = await connection.execute(
            select(Interest.name).where(
                Interest.workspace_id == workspace_id, Interest.kind == "event"
            )
        )
        return set(rows.scalars())


async def test_publishing_freezes_the_draft_as_a_version(api):
    await api("PUT", "/v1/workflows/hi", 201, json=definition("First"))
    assert await api("POST", "/v1/workflows/hi/publish") == {"version": 1, "state": "active"}
    await api("PUT", "/v1/workflows/hi", json=definition("Second"))
    workflow = await api("GET", "/v1/workflows/hi")
    assert (workflow["version"], workflow["state"]) == (1, "active")
    assert (await api("POST", "/v1/workflows/hi/publish"))["version"] == 2
    versions = (await api("GET", "/v1/workflows/hi/versions"))["data"]
    assert [(v["version"], v["definition"]["name"]) for v in versions] == [
        (2, "Second"),
        (1, "First"),
    ]


async def test_an_unchanged_draft_keeps_its_version_and_tells_nobody(api, database):
    await published(api, "hi")
    before = await revision_of(database, api.workspace_id)
    await api("PUT", "/v1/workflows/hi", json=definition())
    assert (await api("POST", "/v1/workflows/hi/publish"))["version"] == 1
    assert await revision_of(database, api.workspace_id) == before


async def test_true_in_place_of_1_is_a_change(api):
    def drawing(value):
        where = [{"param": "n", "op": "=", "value": value}]
        return definition(start={"kind": "event", "event": "E", "where": where})

    await published(api, "hi", drawing(1))
    await api("PUT", "/v1/workflows/hi", json=drawing(True))
    assert (await api("POST", "/v1/workflows/hi/publish"))["version"] == 2


async def test_two_that_publish_at_once_make_one_version(api):
    await api("PUT", "/v1/workflows/hi", 201, json=definition())
    answers = await asyncio.gather(*(api("POST", "/v1/workflows/hi/publish") for _ in range(5)))
    assert {answer["version"] for answer in answers} == {1}
    assert len((await api("GET", "/v1/workflows/hi/versions"))["data"]) == 1


async def test_what_is_published_is_listened_for_at_once_and_archived_is_not(api, database):
    await api("PUT", "/v1/workflows/hi", 201, json=definition(event="Paid"))
    assert await interests_of(database, api.workspace_id) == set()
    await api("POST", "/v1/workflows/hi/publish")
    assert await interests_of(database, api.workspace_id) == {"Paid"}
    await api("POST", "/v1/workflows/hi/pause")
    assert await interests_of(database, api.workspace_id) == {"Paid"}
    archived = await api("POST", "/v1/workflows/hi/archive")
    assert archived["state"] == "archived"
    assert await interests_of(database, api.workspace_id) == set()
    assert (await api("POST", "/v1/workflows/hi/publish"))["state"] == "active"
    assert await interests_of(database, api.workspace_id) == {"Paid"}


async def test_deleting_ends_the_listening(api, database):
    await published(api, "hi", definition(event="Paid"))
    await api("DELETE", "/v1/workflows/hi", 204)
    assert await interests_of(database, api.workspace_id) == set()


async def test_a_template_deleted_since_the_draft_was_saved_stops_its_publication(api, database):
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    await api("PUT", "/v1/workflows/hi", 201, json=sending("t"))
    await api("POST", "/v1/workflows/hi/archive")
    await api("DELETE", "/v1/templates/t", 204)
    problem = await api("POST", "/v1/workflows/hi/publish", 422)
    assert [issue["path"] for issue in problem["errors"]] == ["$.blocks[0].template"]


@pytest.mark.parametrize("action", ["pause", "resume"])
async def test_only_what_was_published_is_paused_or_resumed(api, action):
    await api("PUT", "/v1/workflows/hi", 201, json=definition())
    problem = await api("POST", f"/v1/workflows/hi/{action}", 409)
    assert "draft" in problem["detail"]
    await api("POST", "/v1/workflows/hi/archive")
    problem = await api("POST", f"/v1/workflows/hi/{action}", 409)
    assert "archived" in problem["detail"]


async def test_pausing_and_resuming_twice_changes_nothing_more(api):
    await published(api, "hi")
    for action, state in [("pause", "paused"), ("pause", "paused"), ("resume", "active"),
                          ("resume", "active")]:  # fmt: skip
        assert (await api("POST", f"/v1/workflows/hi/{action}"))["state"] == state


async def test_publishing_a_paused_workflow_leaves_it_paused(api):
    await published(api, "hi")
    await api("POST", "/v1/workflows/hi/pause")
    await api("PUT", "/v1/workflows/hi", json=definition("New"))
    assert await api("POST", "/v1/workflows/hi/publish") == {"version": 2, "state": "paused"}


@pytest.mark.parametrize("action", ["resume", "archive"])
async def test_who_waited_for_the_end_of_a_pause_is_released(api, database, wakeup, action):
    id_ = await published(api, "hi")
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
        waiting = await journey(connection, api.workspace_id, person, id_, parked=True)
    await api("POST", "/v1/workflows/hi/pause")
    wakeup._event.clear()
    await api("POST", f"/v1/workflows/hi/{action}")
    async with database.transaction() as connection:
        rows = await connection.execute(select(Command.kind).where(Command.journey_id == waiting))
        assert list(rows.scalars()) == ["wake"]
    assert wakeup._event.is_set()


async def test_a_version_survives_its_workflows_new_drafts_for_running_journeys(api, database):
    id_ = await published(api, "hi")
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
        running = await journey(connection, api.workspace_id, person, id_)
    await api("PUT", "/v1/workflows/hi", json=definition("New"))
    await api("POST", "/v1/workflows/hi/publish")
    assert (await api("GET", f"/v1/journeys/{running}"))["version"] == 1


async def test_versions_are_paged(api):
    for name in "abc":
        await api.raw("PUT", "/v1/workflows/hi", json=definition(name))
        await api("POST", "/v1/workflows/hi/publish")
    first = await api("GET", "/v1/workflows/hi/versions?limit=2")
    rest = await api("GET", f"/v1/workflows/hi/versions?limit=2&cursor={first['next']}")
    assert [v["version"] for v in first["data"] + rest["data"]] == [3, 2, 1]


async def test_a_failed_publication_leaves_nothing_behind(api, database):
    await published(api, "hi")
    before = await revision_of(database, api.workspace_id)
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE workflows SET definition = definition - 'blocks' WHERE workspace_id = :w"),
            {"w": api.workspace_id},
        )
    await api("POST", "/v1/workflows/hi/publish", 422)
    assert await revision_of(database, api.workspace_id) == before


async def test_saving_and_publishing_do_not_wait_for_journeys_that_are_being_started(api, database):
    id_ = await published(api, "hi")
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
    async with database.transaction() as connection:
        await journey(connection, api.workspace_id, person, id_)
        async with asyncio.timeout(5):
            await api("PUT", "/v1/workflows/hi", json=definition("New"))
            await api("POST", "/v1/workflows/hi/publish")
            await api("POST", "/v1/workflows/hi/pause")


async def test_a_workflow_is_not_deleted_under_a_journey_that_is_being_started(api, database):
    id_ = await published(api, "hi")
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
    async with database.transaction() as connection:
        await journey(connection, api.workspace_id, person, id_)
        deletion = asyncio.create_task(api.raw("DELETE", "/v1/workflows/hi"))
        await asyncio.sleep(0.3)
        assert not deletion.done()
    assert (await deletion).status_code == 409
