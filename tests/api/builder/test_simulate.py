"""Dry runs: the path and the dates, told before anything happens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.management.drawings import EMAIL, definition, published
from tests.api.management.rows import contact, event, journey

ANN = {"userId": "ann", "email": "ann@example.com", "timezone": "Europe/Kyiv"}
NIGHT = "2026-03-01T20:30:00Z"
REMINDER = definition(
    blocks=[
        {"id": "nine", "kind": "timer", "wait": {"until": {"time": "09:00"}}, "next": "hello"},
        {"id": "hello", "kind": "message", "channel": "email", "template": "t", "next": "day"},
        {"id": "day", "kind": "timer", "wait": {"for": "P1D"}, "next": "seen"},
        {"id": "seen", "kind": "condition", "if": {"message": {"block": "hello",
         "state": "opened"}}, "then": "bye", "else": "read"},
        {"id": "read", "kind": "wait_for", "event": "Read", "timeout": "PT2H", "then": "bye"},
        {"id": "bye", "kind": "exit", "reason": "enough"},
    ],
)  # fmt: skip


@pytest.fixture(autouse=True)
async def template(api) -> None:
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})


async def simulated(api: Any, drawn: dict[str, Any], status: int = 200, **body: Any) -> Any:
    body = {"contact": ANN, "start_at": NIGHT, "definition": drawn, **body}
    return await api("POST", "/v1/workflows/simulate", status, json=body)


def path(answer: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(step["block"], step["entered_at"], step["outcome"]) for step in answer["steps"]]


async def test_the_path_and_the_dates_follow_the_contacts_clock(api):
    answer = await simulated(api, REMINDER)
    assert answer["start"] == {"outcome": "started", "reason": None}
    assert path(answer) == [
        ("nine", NIGHT, "done"),
        ("hello", "2026-03-02T07:00:00Z", "sent"),
        ("day", "2026-03-02T07:00:00Z", "done"),
        ("seen", "2026-03-03T07:00:00Z", "else"),
        ("read", "2026-03-03T07:00:00Z", "timeout"),
    ]
    assert answer["steps"][1]["message"] == {
        "channel": "email", "template": "t", "to": "ann@example.com", "subject": "Hello there",
        "state": "sent", "reason": None,
    }  # fmt: skip
    assert answer["steps"][3]["edge"] == "else"
    end = {"state": "completed", "kind": "completed", "detail": None, "at": "2026-03-03T09:00:00Z"}
    assert answer["end"] == end
    assert answer["assumptions"] == ["Nothing new happens to the contact while the workflow runs."]


async def test_a_message_waits_for_its_hours(api):
    hours = {"from": "10:00", "to": "18:00", "weekdays": ["tue"]}
    hello = {"id": "hello", "kind": "message", "channel": "email", "template": "t"}
    answer = await simulated(api, definition(blocks=[{**hello, "allowed_hours": hours}]))
    [step] = answer["steps"]
    assert step["entered_at"] == NIGHT
    assert "2026-03-03T08:00:00Z" <= step["left_at"] <= "2026-03-03T08:05:00Z"


@pytest.mark.parametrize(
    ("assume", "ends"),
    [
        ({"hello": "opened"}, ["seen", "bye"]),
        ({"seen": "then"}, ["seen", "bye"]),
        ({"read": "then"}, ["read", "bye"]),
        ({"hello": "skipped"}, ["seen", "read"]),
    ],
    ids=["opened", "condition", "event", "skipped"],
)
async def test_what_is_assumed_changes_the_path(api, assume, ends):
    answer = await simulated(api, REMINDER, assume=assume)
    assert [step["block"] for step in answer["steps"]][-2:] == ends
    [block] = assume
    note = next(step["note"] for step in answer["steps"] if step["block"] == block)
    assert note == f"assumed: {assume[block]}"


@pytest.mark.parametrize(
    "assume",
    [{"nine": "then"}, {"read": "opened"}, {"hello": "then"}, {"nowhere": "then"}],
    ids=["timer", "wait", "message", "unknown"],
)
async def test_an_assumption_that_fits_no_block_is_refused(api, assume):
    problem = await simulated(api, REMINDER, 422, assume=assume)
    assert problem["errors"][0]["path"] == f"$.assume.{next(iter(assume))}"


async def test_nothing_is_written_and_nothing_sent(api, database):
    await published(api, "w", REMINDER)
    async with database.transaction() as connection:
        await contact(connection, api.workspace_id, "u1", email="u1@example.com")
    before = await api("GET", "/v1/contacts/u1")
    answer = await api("POST", "/v1/workflows/w/simulate", json={"userId": "u1"})
    assert answer["end"]["state"] == "completed"
    assert await api("GET", "/v1/contacts/u1") == before
    assert (await api("GET", "/v1/journeys"))["data"] == []
    assert (await api("GET", "/v1/messages"))["data"] == []
    assert (await api("GET", "/v1/workflows/w/stats"))["totals"]["started"] == 0


async def test_who_cannot_be_reached_is_skipped_with_the_reason(api):
    answer = await simulated(api, REMINDER, contact={"userId": "bob"})
    assert answer["steps"][1]["outcome"] == "skipped"
    assert answer["steps"][1]["note"] == "unreachable: no email"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({"event": {"event": "Something Else"}}, "event"),
        ({"event": {"properties": {"minutes": 5}}}, "filter"),
        ({"event": {"properties": {"minutes": 30}}}, "started"),
    ],
)
async def test_the_starts_filter_is_looked_at(api, body, outcome):
    start = {
        "kind": "event", "event": "Signed Up",
        "where": [{"param": "minutes", "op": ">=", "value": 20}],
    }  # fmt: skip
    answer = await simulated(api, definition(start=start), **body)
    assert answer["start"]["outcome"] == outcome
    assert (answer["end"] is None) == (outcome != "started")
    whole = await simulated(api, definition(start=start), even_if_refused=True, **body)
    assert whole["end"]["state"] == "completed"


async def test_what_already_happened_keeps_the_contact_out(api, database):
    stop = [{"kind": "event", "events": ["Song Played"], "lookback": "P1D"}]
    await published(api, "w", definition(stop=stop))
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
        await event(connection, api.workspace_id, person)
    body = {"userId": "u1", "start_at": "2026-03-02T11:00:00Z"}
    answer = await api("POST", "/v1/workflows/w/simulate", json=body)
    assert answer["start"] == {"outcome": "stop_lookback", "reason": "Song Played"}
    later = {"userId": "u1", "start_at": "2026-03-02T13:00:00Z"}
    answer = await api("POST", "/v1/workflows/w/simulate", json=later)
    assert answer["start"]["outcome"] == "started"


async def test_a_running_journey_of_the_contact_is_in_the_way(api, database):
    workflow = await published(api, "w")
    async with database.transaction() as connection:
        from engine.dispatch.decisions import NO_KEY

        person = await contact(connection, api.workspace_id, "u1")
        await journey(connection, api.workspace_id, person, workflow, key_hash=NO_KEY)
    answer = await api("POST", "/v1/workflows/w/simulate", json={"userId": "u1"})
    assert answer["start"]["outcome"] == "overlap"
    answer = await api(
        "POST", "/v1/workflows/w/simulate", json={"userId": "u1", "definition": definition()}
    )
    assert answer["start"]["outcome"] == "overlap"


async def test_a_segment_that_takes_the_contact_in_by_time_alone_stops_the_path(api):
    where = {"field": "last_seen_at", "op": "before", "value": "-P9D"}
    await api("POST", "/v1/segments", 201, json={"key": "gone", "name": "Gone", "where": where})
    drawn = definition(
        stop=[{"kind": "segment", "segment": "gone"}],
        blocks=[{"id": "wait", "kind": "timer", "wait": {"for": "P30D"}}],
    )
    seen = {**ANN, "last_seen_at": "2026-02-25T12:00:00Z"}
    answer = await simulated(api, drawn, contact=seen)
    end = answer["end"]
    assert (end["state"], end["kind"], end["detail"]) == ("stopped", "segment", "entered gone")
    assert end["at"].startswith("2026-03-06T12:00:0")
    assert answer["steps"][-1]["outcome"] == "stopped"


async def test_what_the_workflow_does_itself_is_seen_by_its_later_blocks(api):
    blocks = [
        {"id": "set", "kind": "update", "set": {"plan": "pro", "score": {"+": 2}}, "next": "is"},
        {"id": "is", "kind": "condition", "if": {"all": [
            {"field": "plan", "op": "=", "value": "pro"},
            {"field": "score", "op": "=", "value": 3}]}, "then": "emit"},
        {"id": "emit", "kind": "emit", "event": "Done", "next": "wait"},
        {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}},
    ]  # fmt: skip
    drawn = definition(blocks=blocks, stop=[{"kind": "event", "events": ["Done"]}])
    answer = await simulated(api, drawn, contact={**ANN, "fields": {"score": 1}})
    outcomes = [(step["block"], step["outcome"]) for step in answer["steps"]]
    assert outcomes == [("set", "updated"), ("is", "then"), ("emit", "emitted"),
                        ("wait", "stopped")]  # fmt: skip
    assert answer["end"]["detail"] == "Done"


async def test_a_drawing_that_loops_is_cut_off(api):
    blocks = [{"id": "day", "kind": "timer", "wait": {"for": "P1D"}, "next": "day"}]
    answer = await simulated(api, definition(blocks=blocks))
    assert answer["end"]["state"] == "unfinished"
    assert len(answer["steps"]) == 300


async def test_a_version_and_a_wrong_draft(api):
    await published(api, "w", definition())
    unfinished = {"definition": {"name": "x", "blocks": []}}
    await api("PUT", "/v1/workflows/w", params={"check": "later"}, json=unfinished)
    await api("POST", "/v1/workflows/w/simulate", 422, json={"contact": ANN})
    answer = await api("POST", "/v1/workflows/w/simulate", json={"contact": ANN, "version": 1})
    assert answer["end"]["kind"] == "exit"
    await api("POST", "/v1/workflows/w/simulate", 404, json={"contact": ANN, "version": 2})
    await api("POST", "/v1/workflows/w/simulate", 404, json={"userId": "nobody", "version": 1})
    await api("POST", "/v1/workflows/w/simulate", 422, json={})
    await api("POST", "/v1/workflows/simulate", 422, json={"contact": ANN})
