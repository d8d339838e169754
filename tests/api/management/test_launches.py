"""Launching over HTTP: once for a double click, one at a time, with a progress that adds up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text

from engine.launches.paging import take_page
from storage.tables import EntryDecision, FailedFact
from tests.api.management.drawings import definition, published
from tests.api.management.rows import contact

SEGMENT_START = {"kind": "segment", "segment": "all", "schedule": {"cron": "0 9 * * mon"}}


async def everyone(api: Any, database: Any, count: int = 3) -> list[UUID]:
    """A static list `all` with this many contacts."""
    await api("POST", "/v1/segments", 201, json={"key": "all", "name": "All"})
    async with database.transaction() as connection:
        ids = [await contact(connection, api.workspace_id, f"u{n}") for n in range(count)]
        await connection.execute(
            text("""
                INSERT INTO segment_members (workspace_id, segment_id, contact_id)
                SELECT workspace_id, id, unnest(CAST(:ids AS uuid[])) FROM segments
                WHERE workspace_id = :w AND key = 'all'
            """),
            {"w": api.workspace_id, "ids": ids},
        )
    return sorted(ids)


async def launched(api: Any, **options: Any) -> Any:
    return await api("POST", "/v1/workflows/promo/launch", 202, **options)


async def take(database: Any, id_: str, rate: float = 1000) -> None:
    async with database.transaction() as connection:
        await take_page(connection, UUID(id_), now=datetime.now(UTC), rate=rate)


async def decided(api: Any, database: Any, launch: Any, *outcomes: tuple[UUID, str]) -> None:
    [workflow] = (await api("GET", "/v1/workflows"))["data"]
    async with database.transaction() as connection:
        await connection.execute(
            insert(EntryDecision),
            [
                {
                    "id": uuid4(), "workspace_id": api.workspace_id,
                    "workflow_id": UUID(workflow["id"]), "contact_id": who,
                    "launch_id": UUID(launch["id"]), "outcome": outcome,
                }
                for who, outcome in outcomes
            ],
        )  # fmt: skip


@pytest.fixture
async def people(api, database):
    """Three members of the list `all`, and the published workflow `promo` that starts with it."""
    members = await everyone(api, database)
    await published(api, "promo", definition(start=SEGMENT_START))
    return members


async def test_a_launch_is_accepted_and_owed_to_temporal(api, database, wakeup, people):
    wakeup._event.clear()
    launch = await launched(api)
    assert (launch["workflow"], launch["segment"], launch["kind"]) == ("promo", "all", "manual")
    assert (launch["state"], launch["total"], launch["taken"]) == ("running", None, 0)
    assert wakeup._event.is_set()
    async with database.transaction() as connection:
        owed = await connection.execute(
            text("SELECT kind FROM commands WHERE journey_id = :id"), {"id": UUID(launch["id"])}
        )
        assert list(owed.scalars()) == ["launch"]
    assert await api("GET", f"/v1/launches/{launch['id']}") == launch


async def test_a_double_click_with_an_idempotency_key_is_one_launch(api, people):
    headers = {"Idempotency-Key": "click-1"}
    answers = await asyncio.gather(*(launched(api, headers=headers) for _ in range(4)))
    assert len({answer["id"] for answer in answers}) == 1
    assert len((await api("GET", "/v1/launches"))["data"]) == 1


async def test_a_repeated_call_is_answered_with_a_launch_that_is_over(api, database, people):
    headers = {"Idempotency-Key": "click-1"}
    first = await launched(api, headers=headers)
    await api("POST", f"/v1/launches/{first['id']}/stop")
    again = await launched(api, headers=headers)
    assert (again["id"], again["state"]) == (first["id"], "stopped")


async def test_a_double_click_without_a_key_is_refused_the_second_time(api, people):
    answers = await asyncio.gather(
        *(api.raw("POST", "/v1/workflows/promo/launch") for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "under way" in refused.json()["detail"]


async def test_after_the_end_of_a_launch_there_may_be_another(api, database, people):
    first = await launched(api)
    await take(database, first["id"])
    assert (await api("GET", f"/v1/launches/{first['id']}"))["state"] == "completed"
    second = await launched(api)
    assert second["id"] != first["id"]


async def test_the_progress_adds_up(api, database, people):
    launch = await launched(api)
    await take(database, launch["id"], rate=2)
    ann, bob, _ = people
    await decided(api, database, launch, (ann, "started"), (bob, "reentry"))
    now = await api("GET", f"/v1/launches/{launch['id']}")
    assert (now["total"], now["taken"], now["started"], now["left"]) == (3, 2, 1, 1)
    assert now["skipped"] == [{"reason": "reentry", "count": 1}]
    async with database.transaction() as connection:
        await connection.execute(
            insert(FailedFact).values(
                seq=int(uuid4().int % 2**40), workspace_id=api.workspace_id, kind="launch",
                ref=UUID(launch["id"]), error="poison",
            )
        )  # fmt: skip
    now = await api("GET", f"/v1/launches/{launch['id']}")
    assert (now["failed"], now["left"]) == (1, 0)
    assert now["started"] + now["failed"] + now["left"] + 1 == now["total"]


async def test_a_stopped_launch_says_who_did_not_start(api, database, people):
    launch = await launched(api)
    await take(database, launch["id"], rate=1)
    await decided(api, database, launch, (people[0], "started"))
    stopped = await api("POST", f"/v1/launches/{launch['id']}/stop", json={"detail": "wrong list"})
    assert (stopped["state"], stopped["reason"]) == ("stopped", "wrong list")
    assert (stopped["started"], stopped["left"]) == (1, 2)
    assert stopped["finished_at"] is not None
    again = await api("POST", f"/v1/launches/{launch['id']}/stop")
    assert again["reason"] == "wrong list", "one that has ended stays as it is"


async def test_only_what_is_published_is_launched(api, database, people):
    await api("PUT", "/v1/workflows/draft", 201, json=definition(start=SEGMENT_START))
    problem = await api("POST", "/v1/workflows/draft/launch", 409)
    assert "not published" in problem["detail"]
    await api("POST", "/v1/workflows/promo/archive")
    await api("POST", "/v1/workflows/promo/launch", 409)
    await api("POST", "/v1/workflows/nothing/launch", 404)


async def test_a_paused_workflows_launch_is_held(api, people):
    await api("POST", "/v1/workflows/promo/pause")
    launch = await launched(api)
    assert (launch["state"], launch["held"]) == ("running", True)
    await api("POST", "/v1/workflows/promo/resume")
    assert (await api("GET", f"/v1/launches/{launch['id']}"))["held"] is False


async def test_archiving_stops_what_is_under_way(api, people):
    launch = await launched(api)
    await api("POST", "/v1/workflows/promo/archive")
    stopped = await api("GET", f"/v1/launches/{launch['id']}")
    assert (stopped["state"], stopped["reason"]) == ("stopped", "the workflow was archived")


async def test_a_workflow_that_an_event_starts_needs_a_segment(api, database, people):
    await published(api, "welcome", definition())
    problem = await api("POST", "/v1/workflows/welcome/launch", 422)
    assert [error["path"] for error in problem["errors"]] == ["$.segment"]
    body = {"segment": "all"}
    launch = await api("POST", "/v1/workflows/welcome/launch", 202, json=body)
    assert launch["segment"] == "all"
    await api("POST", "/v1/workflows/promo/launch", 404, json={"segment": "nobody"})


async def test_a_segment_that_takes_parameters_is_launched_by_events_only(api, people):
    where = {"field": "wish", "op": "=", "value": {"param": "book_id"}}
    await api("POST", "/v1/segments", 201, json={"key": "readers", "name": "R", "where": where})
    problem = await api("POST", "/v1/workflows/promo/launch", 422, json={"segment": "readers"})
    assert "book_id" in problem["detail"]
    drawing = definition(start={**SEGMENT_START, "segment": "readers"})
    problem = await api("PUT", "/v1/workflows/reading", 422, json=drawing)
    assert [error["path"] for error in problem["errors"]] == ["$.start.segment"]


async def test_a_call_may_ask_for_a_spread_and_a_rate(api, people):
    launch = await launched(api, json={"spread": "PT2H", "rate": 5})
    assert (launch["spread_seconds"], launch["rate"]) == (7200, 5)


@pytest.mark.parametrize(
    "body",
    [{"spread": "2h"}, {"spread": "-PT1H"}, {"spread": "PT0S"}, {"rate": 0}, {"rate": 1e9},
     {"speed": 5}],
    ids=["no duration", "negative", "no time", "no rate", "too fast", "unknown field"],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(api, people, body):
    await api("POST", "/v1/workflows/promo/launch", 422, json=body)


async def test_launches_are_listed_by_workflow_and_state_page_by_page(api, database, people):
    await published(api, "other", definition())
    ids = []
    for _ in range(3):
        launch = await launched(api)
        await take(database, launch["id"])
        ids.append(launch["id"])
    other = await api("POST", "/v1/workflows/other/launch", 202, json={"segment": "all"})
    first = await api("GET", "/v1/launches?workflow=promo&limit=2")
    rest = await api("GET", f"/v1/launches?workflow=promo&limit=2&cursor={first['next']}")
    assert [each["id"] for each in first["data"] + rest["data"]] == ids[::-1]
    assert rest["next"] is None
    running = await api("GET", "/v1/launches?state=running")
    assert [each["id"] for each in running["data"]] == [other["id"]]
    assert (await api("GET", "/v1/launches?workflow=nothing"))["data"] == []


async def test_another_workspace_sees_and_stops_nothing_of_it(api, stranger, people):
    launch = await launched(api)
    await stranger("GET", f"/v1/launches/{launch['id']}", 404)
    await stranger("POST", f"/v1/launches/{launch['id']}/stop", 404)
    await stranger("POST", "/v1/workflows/promo/launch", 404)
    assert (await stranger("GET", "/v1/launches"))["data"] == []
