"""Starts by a changed field, as ingestion tells of it: on real PostgreSQL and real Temporal."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.lanes import lane_of
from engine.rules import rules_changed
from tests.engine.test_lane_decisions import NOW, decide
from tests.support.ingesting import send_calls


def on_change(field="plan", **parts):
    return {"kind": "field_change", "field": field, **parts}


async def identify(scenario, contact, /, user="ann", **call):
    await send_calls(
        scenario.database, scenario.workspace_id, {"type": "identify", "userId": user, **call}
    )
    await decide(scenario, contact)


async def changes(scenario):
    """(from, to) of every journey, oldest first."""
    return [(j.params["from"], j.params["to"]) for j in await scenario.journeys()]


async def test_a_changed_field_starts_a_journey_that_knows_the_change(scenario):
    workflow = await scenario.publish(start=on_change())
    ann = await scenario.contact(fields={"plan": "free"})
    await identify(scenario, ann, traits={"plan": "gold", "city": "Oslo"})
    [journey] = await scenario.journeys()
    assert journey.params == {"field": "plan", "from": "free", "to": "gold"}
    assert (journey.workflow_id, journey.contact_id) == (workflow, ann)
    assert (journey.event_id, journey.depth, journey.state) == (None, 0, "running")
    [command] = await scenario.rows("SELECT * FROM commands WHERE workspace_id = :w")
    assert (command.kind, command.journey_id) == ("start", journey.id)
    [decision] = await scenario.rows("SELECT * FROM entry_decisions WHERE workspace_id = :w")
    assert (decision.outcome, decision.journey_id) == ("started", journey.id)


async def test_it_starts_once_per_real_change(scenario):
    await scenario.publish(start=on_change(overlap="parallel"))
    ann = await scenario.contact(fields={"plan": "free"})
    at = NOW
    for plan in ("gold", "gold", "free", "gold"):
        at += timedelta(seconds=1)
        await send_calls(
            scenario.database,
            scenario.workspace_id,
            {"type": "identify", "userId": "ann", "traits": {"plan": plan}},
        )
        await decide(scenario, ann, now=at)
    assert await changes(scenario) == [("free", "gold"), ("gold", "free"), ("free", "gold")]


async def test_two_changes_in_one_batch_are_two_starts(scenario):
    await scenario.publish(start=on_change(overlap="parallel"))
    ann = await scenario.contact()
    calls = [
        {"type": "identify", "userId": "ann", "traits": {"plan": plan}} for plan in ("free", "gold")
    ]
    await send_calls(scenario.database, scenario.workspace_id, *calls)
    await decide(scenario, ann)
    assert sorted(await changes(scenario), key=str) == [("free", "gold"), (None, "free")]


async def test_a_call_sent_twice_and_a_backfilled_one_start_nothing_more(scenario):
    await scenario.publish(start=on_change(overlap="parallel"))
    ann = await scenario.contact()
    for _ in range(2):
        await identify(scenario, ann, messageId="m-1", traits={"plan": "gold"})
    await identify(scenario, ann, traits={"plan": "free"}, backfill=True)
    assert await changes(scenario) == [(None, "gold")]


@pytest.mark.parametrize(
    ("wanted", "started"),
    [
        ({"from": ["free"]}, [("free", "gold")]),
        ({"to": ["gold"]}, [("free", "gold"), (None, "gold")]),
        ({"from": [None]}, [(None, "free"), (None, "gold")]),
        ({"to": [None]}, [("gold", None)]),
        ({"from": ["free"], "to": ["silver"]}, []),
        ({"from": ["silver", None], "to": ["gold", "free"]}, [(None, "free"), (None, "gold")]),
        ({"from": [], "to": []},
         [(None, "free"), ("free", "gold"), ("gold", None), (None, "gold")]),
    ],
)  # fmt: skip
async def test_from_and_to_say_which_changes_count(scenario, wanted, started):
    await scenario.publish(start=on_change(overlap="parallel", **wanted))
    ann = await scenario.contact()
    for plan in ("free", "gold", None, "gold"):
        await identify(scenario, ann, traits={"plan": plan})
    assert sorted(await changes(scenario), key=str) == sorted(started, key=str)


async def test_a_number_counts_as_its_text_but_true_is_not_one(scenario):
    await scenario.publish(start=on_change(to=["1"], overlap="parallel"))
    ann = await scenario.contact()
    for value in (True, 1, "1"):
        await identify(scenario, ann, traits={"plan": value})
    assert sorted(await changes(scenario), key=str) == [(1, "1"), (True, 1)]


async def test_a_built_in_field_starts_too(scenario):
    await scenario.publish(start=on_change("email"))
    ann = await scenario.contact()
    await identify(scenario, ann, traits={"email": "new@example.com"})
    assert await changes(scenario) == [("ann@example.com", "new@example.com")]


async def test_reentry_and_overlap_hold_as_for_events(scenario):
    once = {"reentry": {"mode": "once"}}
    await scenario.publish("once", start=on_change(**once, overlap="parallel"))
    await scenario.publish("skip", start=on_change("city"))
    await scenario.publish("restart", start=on_change("town", overlap="restart"))
    ann = await scenario.contact()
    for n, traits in enumerate(
        ({"plan": 1, "city": 1, "town": 1}, {"plan": 2, "city": 2, "town": 2})
    ):
        await send_calls(
            scenario.database,
            scenario.workspace_id,
            {"type": "identify", "userId": "ann", "traits": traits},
        )
        await decide(scenario, ann, now=NOW + timedelta(seconds=n))
    assert await scenario.decisions() == ["overlap", "reentry", *["started"] * 4]
    ended = [j for j in await scenario.journeys() if j.state == "stopped"]
    assert [(j.params["field"], j.reason_kind, j.reason_detail) for j in ended] == [
        ("town", "restarted", "town changed")
    ]


async def test_its_journey_stops_as_any_other(scenario):
    await scenario.publish(
        start=on_change(), stop=[{"kind": "event", "events": ["Done"]}, {"kind": "order"}]
    )
    ann = await scenario.contact()
    await identify(scenario, ann, traits={"plan": "gold"})
    await scenario.event(ann, "Done")
    await decide(scenario, ann)
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_detail) == ("stopped", "Done")


async def test_who_did_it_within_the_lookback_does_not_start(scenario):
    await scenario.publish(
        start=on_change(), stop=[{"kind": "event", "events": ["Done"], "lookback": "P1D"}]
    )
    ann = await scenario.contact()
    await scenario.event(ann, "Done")
    await decide(scenario, ann)
    await identify(scenario, ann, traits={"plan": "gold"})
    assert await scenario.decisions() == ["stop_lookback"]


async def test_a_change_dispatched_twice_starts_one_journey(scenario):
    await scenario.publish(start=on_change(overlap="parallel"))
    ann = await scenario.contact()
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "identify", "userId": "ann", "traits": {"plan": "gold"}},
    )
    [fact] = await scenario.rows("SELECT * FROM facts WHERE workspace_id = :w")
    await decide(scenario, ann)
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO facts (seq, workspace_id, lane, contact_id, kind, change) OVERRIDING "
                "SYSTEM VALUE VALUES (:seq, :w, :lane, :c, 'field', CAST(:change AS jsonb))"
            ),
            {"seq": fact.seq, "w": scenario.workspace_id, "lane": lane_of(ann), "c": ann,
             "change": '{"plan": [null, "gold"]}'},
        )  # fmt: skip
    await decide(scenario, ann)
    assert len(await scenario.journeys()) == 1
    assert len(await scenario.rows("SELECT 1 FROM commands WHERE workspace_id = :w")) == 1
    assert await scenario.decisions() == ["started"]


async def test_changes_are_queued_only_while_a_rule_mentions_the_field(scenario):
    workflow = await scenario.publish(start=on_change())
    ann = await scenario.contact()
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("UPDATE workflows SET state = 'archived' WHERE id = :id"), {"id": workflow}
        )
        await rules_changed(connection, scenario.workspace_id)
    await identify(scenario, ann, traits={"plan": "gold"})
    assert await scenario.journeys() == []
    assert await scenario.rows("SELECT 1 FROM interests WHERE kind = 'field'  "
                               "AND workspace_id = :w") == []  # fmt: skip


async def test_a_changed_field_becomes_a_mail_that_can_name_the_change(scenario, engine, outbox):
    await scenario.template(subject="Welcome to {{ event.to }}, no more {{ event.from }}")
    await scenario.publish(
        start=on_change(to=["gold"]),
        blocks=[{"id": "hello", "kind": "message", "channel": "email", "template": "hello"}],
    )
    await scenario.contact(fields={"plan": "free"})
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "identify", "userId": "ann", "traits": {"plan": "gold"}},
    )
    await engine.dispatch()
    [journey] = await scenario.journeys()
    async with asyncio.timeout(15):
        await engine.finish(journey.id)
    [mail] = outbox.messages
    assert mail["Subject"] == "Welcome to gold, no more free"
