"""Why did this contact not get it: each reason is told, from the rows that the engine writes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text

from engine.dispatch.lane import decide_lane
from engine.lanes import lane_of
from engine.pausing import pause_workflow
from engine.rules import RuleBooks
from engine.stopping import stop_journey
from storage.tables import FailedFact, Launch, Segment, SegmentMember, SegmentStay
from tests.api.management import rows
from tests.support.leaving import drop_workspace
from tests.support.quiet import quiet_others
from tests.support.scenario import Scenario

NOW = datetime.now(UTC).replace(microsecond=0)
LONG = [{"param": "minutes", "op": ">=", "value": 20}]


@pytest.fixture
async def scenario(database: Any, workspace_id: UUID) -> AsyncIterator[Scenario]:
    """The workspace of the caller, gone afterwards: what is left of it would be acted on."""
    await quiet_others(database, workspace_id)
    yield Scenario(database, workspace_id)
    await drop_workspace(database, workspace_id)


def started_by(**parts: Any) -> dict[str, Any]:
    return {"kind": "event", "event": "Begun", **parts}


async def decide(scenario: Scenario, contact: UUID, *, now: datetime | None = None) -> None:
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(77, :lane)"), {"lane": lane_of(contact)}
        )
        await decide_lane(
            connection, lane_of(contact), RuleBooks(), now=now or datetime.now(UTC), limit=100
        )


async def happened(scenario: Scenario, contact: UUID, name: str, **parts: Any) -> UUID:
    event = await scenario.event(contact, name, parts.pop("properties", None), **parts)
    await decide(scenario, contact)
    return event


class Explained:
    """An answer of the API, in short words."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer["answer"]
        self.codes = [finding["code"] for finding in answer["findings"]]
        self.by_code = {finding["code"]: finding for finding in answer["findings"]}


@pytest.fixture
def explained(api: Any) -> Any:
    async def ask(query: str = "contact=ann", workflow: str = "flow") -> Explained:
        return Explained(await api("GET", f"/v1/workflows/{workflow}/explain?{query}"))

    return ask


async def test_a_journey_that_runs_is_told_with_its_way(scenario, explained):
    await scenario.publish()
    ann = await scenario.contact()
    event = await happened(scenario, ann, "Begun")
    [journey] = await scenario.journeys()
    async with scenario.database.transaction() as c:
        await rows.step(c, scenario.workspace_id, journey.id, 1, block="wait")
        await c.execute(
            text("UPDATE journeys SET block = 'wait', visit = 1, due_at = :due WHERE id = :id"),
            {"due": NOW, "id": journey.id},
        )
    found = await explained()
    assert found.answer["code"] == "journey_running"
    assert found.answer["text"].endswith(
        f"is in wait until {NOW:%Y-%m-%d %H:%M:%S} UTC. Its way: wait (is there)."
    )
    assert (found.answer["journey_id"], found.answer["block"]) == (str(journey.id), "wait")
    assert found.codes == ["active", "started", "journey_running"]
    assert found.by_code["started"]["event_id"] == str(event)


async def test_a_filter_that_the_event_did_not_pass_is_told_check_by_check(scenario, explained):
    where = [*LONG, {"param": "kind", "op": "in", "value": ["run", "swim"]},
             {"param": "plan", "op": "exists"}]  # fmt: skip
    await scenario.publish(start=started_by(where=where))
    ann = await scenario.contact()
    event = await happened(scenario, ann, "Begun", properties={"minutes": 5, "plan": 1})
    found = await explained()
    assert found.answer["code"] == "event_filtered"
    assert found.answer["event_id"] == str(event)
    assert found.answer["checks"] == [
        {"param": "minutes", "op": ">=", "wanted": [20], "seen": [5]},
        {"param": "kind", "op": "in", "wanted": [["run", "swim"]], "seen": []},
    ]
    assert (
        "minutes must be >= 20, and is 5; kind must be in ['run', 'swim'], and is missing"
        in (found.answer["text"])
    )


async def test_the_newest_attempt_is_the_answer(scenario, explained):
    await scenario.publish(start=started_by(where=LONG, reentry={"mode": "once"}))
    ann = await scenario.contact()
    await happened(scenario, ann, "Begun", properties={"minutes": 30}, at=NOW - timedelta(hours=2))
    await happened(scenario, ann, "Begun", properties={"minutes": 1}, at=NOW + timedelta(hours=1))
    found = await explained()
    assert found.answer["code"] == "event_filtered"
    await happened(scenario, ann, "Begun", properties={"minutes": 40})
    found = await explained()
    assert {"event_filtered", "skipped_reentry", "started"} <= set(found.codes)


@pytest.mark.parametrize(
    ("start", "code", "words"),
    [
        (started_by(reentry={"mode": "once"}), "skipped_reentry", "once only; entered at"),
        (started_by(reentry={"mode": "after", "after": "P7D"}), "skipped_reentry", "only P7D"),
        (started_by(), "skipped_overlap", "is still running"),
    ],
    ids=["once", "after", "overlap"],
)
async def test_a_refused_start_is_told_in_words(scenario, explained, start, code, words):
    await scenario.publish(start=start)
    ann = await scenario.contact()
    await happened(scenario, ann, "Begun")
    await happened(scenario, ann, "Begun")
    found = await explained()
    assert found.answer["code"] == code
    assert words in found.answer["text"]


async def test_a_stop_that_came_before_the_start_is_told(scenario, explained):
    await scenario.publish(stop=[{"kind": "event", "events": ["Done"], "lookback": "P1D"}])
    ann = await scenario.contact()
    await happened(scenario, ann, "Done")
    await happened(scenario, ann, "Begun")
    found = await explained()
    assert found.answer["code"] == "skipped_stop_lookback"
    assert found.answer["text"].endswith("had already happened: Done.")


async def test_what_the_engine_decided_is_found_by_its_key(scenario, api):
    reentry = {"mode": "once", "key": ["plan", "cart.id"]}
    await scenario.publish(start=started_by(reentry=reentry))
    ann = await scenario.contact()
    for plan in (7, 7, "p-1"):
        await happened(scenario, ann, "Begun", properties={"plan": plan, "cart": {"id": 1}})
        await happened(scenario, ann, "Done")
    found = await api("GET", "/v1/workflows/flow/history?key=1&key=7")
    assert [one["kind"] for one in found["data"]] == ["skipped", "ended", "started"]
    assert {str(one["key"]) for one in found["data"]} == {"{'plan': 7, 'cart.id': 1}"}


async def test_what_stopped_the_journey_is_told(scenario, explained):
    await scenario.publish()
    ann = await scenario.contact()
    await happened(scenario, ann, "Begun")
    await happened(scenario, ann, "Done")
    found = await explained()
    assert found.answer["code"] == "journey_stopped"
    assert "by the event Done." in found.answer["text"]


async def test_a_stop_by_hand_is_told_with_its_words(scenario, explained):
    await scenario.publish()
    ann = await scenario.contact()
    await happened(scenario, ann, "Begun")
    [journey] = await scenario.journeys()
    async with scenario.database.transaction() as c:
        await stop_journey(c, scenario.workspace_id, journey.id, now=NOW, detail="asked by phone")
    assert "by hand (asked by phone)." in (await explained()).answer["text"]


@pytest.mark.parametrize(
    ("state", "words"),
    [("skipped", "was not sent: unreachable"), ("failed", "could not be delivered: unreachable")],
)
async def test_a_message_that_was_not_sent_is_the_answer(scenario, explained, state, words):
    workflow = await scenario.publish()
    ann = await scenario.contact()
    await happened(scenario, ann, "Begun")
    [journey] = await scenario.journeys()
    async with scenario.database.transaction() as c:
        message = await rows.message(
            c, scenario.workspace_id, ann, str(workflow), journey.id, state=state,
            reason="unreachable",
        )  # fmt: skip
    found = await explained()
    assert (found.answer["code"], found.answer["message_id"]) == (f"message_{state}", str(message))
    assert words in found.answer["text"]


async def test_a_message_that_was_sent_is_told(scenario, explained):
    workflow = await scenario.publish()
    ann = await scenario.contact()
    await happened(scenario, ann, "Begun")
    [journey] = await scenario.journeys()
    async with scenario.database.transaction() as c:
        await rows.message(c, scenario.workspace_id, ann, str(workflow), journey.id, sent_at=NOW)
    found = await explained()
    assert found.answer["code"] == "journey_running"
    assert f"was sent at {NOW:%Y-%m-%d}" in found.by_code["message_sent"]["text"]


async def test_what_is_still_to_be_decided_on_is_told(scenario, explained):
    await scenario.publish()
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    found = await explained()
    assert found.answer["code"] == "decision_pending"


async def test_a_decision_that_failed_is_told(scenario, explained):
    await scenario.publish()
    ann = await scenario.contact()
    event = await scenario.event(ann, "Begun")
    async with scenario.database.transaction() as c:
        await c.execute(text("DELETE FROM facts WHERE contact_id = :c"), {"c": ann})
        await c.execute(
            insert(FailedFact).values(
                seq=uuid4().int % 2**60, workspace_id=scenario.workspace_id, contact_id=ann,
                kind="event", ref=event, error="ValueError: no",
            )
        )  # fmt: skip
    found = await explained()
    assert found.answer["code"] == "decision_failed"
    assert "event_not_taken" not in found.codes


async def test_an_event_from_before_the_publishing_is_told(scenario, explained):
    ann = await scenario.contact()
    async with scenario.database.transaction() as c:
        await rows.event(c, scenario.workspace_id, ann, name="Begun")
    await scenario.publish()
    assert (await explained()).answer["code"] == "event_before_publishing"


async def test_past_data_is_told(scenario, explained):
    """A backfilled event is stored and starts nobody."""
    await scenario.publish()
    ann = await scenario.contact()
    async with scenario.database.transaction() as c:
        await rows.event(c, scenario.workspace_id, ann, name="Begun",
                         received_at=NOW + timedelta(hours=1))  # fmt: skip
    found = await explained()
    assert found.answer["code"] == "event_not_taken"
    assert "backfill" in found.answer["text"]


async def test_an_event_that_never_came_is_told(scenario, explained):
    await scenario.publish()
    await scenario.contact()
    found = await explained()
    assert (found.answer["code"], found.codes) == ("no_event", ["active", "no_event"])
    assert "'Begun'" in found.answer["text"]


async def test_one_event_is_looked_at_alone(scenario, explained):
    await scenario.publish(start=started_by(where=LONG))
    ann = await scenario.contact()
    first = await happened(scenario, ann, "Begun", properties={"minutes": 1})
    second = await happened(scenario, ann, "Begun", properties={"minutes": 30})
    other = await happened(scenario, ann, "Other")
    found = await explained(f"contact=ann&event={first}")
    assert found.codes == ["active", "event_filtered"]
    assert (await explained(f"contact=ann&event={second}")).answer["code"] == "journey_running"
    assert (await explained(f"contact=ann&event={other}")).answer["code"] == "other_event"
    assert (await explained("contact=ann&event=Other")).answer["text"].startswith("'Other' of")
    assert (await explained(f"contact=ann&event={uuid4()}")).answer["code"] == "no_event"


@pytest.mark.parametrize(
    ("entered", "code"),
    [(timedelta(days=2), "reentry_from"), (timedelta(days=9), "reentry_allowed")],
    ids=["within", "after"],
)
async def test_when_the_contact_may_enter_again_is_told(scenario, explained, entered, code):
    reentry = {"mode": "after", "after": "P7D", "key": ["plan"]}
    await scenario.publish(start=started_by(reentry=reentry))
    ann = await scenario.contact()
    await scenario.event(ann, "Begun", {"plan": 7})
    await decide(scenario, ann, now=NOW - entered)
    finding = (await explained()).by_code[code]
    assert datetime.fromisoformat(finding["at"]) == NOW - entered + timedelta(days=7)
    assert "with the same plan" in finding["text"]


async def test_once_is_told_for_good(scenario, explained):
    await scenario.publish(start=started_by(reentry={"mode": "once"}))
    ann = await scenario.contact()
    await happened(scenario, ann, "Begun")
    assert "reentry_never" in (await explained()).codes


async def test_a_pause_is_the_answer_while_a_journey_waits(scenario, explained):
    workflow = await scenario.publish()
    ann = await scenario.contact()
    await happened(scenario, ann, "Begun")
    async with scenario.database.transaction() as c:
        await pause_workflow(c, scenario.workspace_id, workflow)
        await c.execute(
            text("UPDATE journeys SET parked = true, block = 'wait' WHERE contact_id = :c"),
            {"c": ann},
        )
    found = await explained()
    assert found.answer["code"] == "paused"
    assert "while the workflow was paused" in found.by_code["journey_parked"]["text"]


@pytest.mark.parametrize(
    ("state", "code"), [("draft", "not_published"), ("archived", "archived")], ids=str
)
async def test_a_workflow_that_nobody_enters_is_told(scenario, explained, state, code):
    await scenario.publish()
    await scenario.contact()
    await scenario.rows(
        "UPDATE workflows SET state = :s WHERE workspace_id = :w RETURNING id", s=state
    )
    assert (await explained()).answer["code"] == code


async def _segment(scenario: Scenario, key: str, contact: UUID, **when: datetime) -> UUID:
    id_ = uuid4()
    async with scenario.database.transaction() as c:
        shared = {"workspace_id": scenario.workspace_id}
        await c.execute(insert(Segment).values(id=id_, key=key, name=key, definition=None,
                                               **shared))  # fmt: skip
        table = SegmentStay if "left_at" in when else SegmentMember
        if when:
            await c.execute(
                insert(table).values(segment_id=id_, contact_id=contact, **shared, **when)
            )
    return id_


async def test_a_start_at_the_end_of_too_long_a_chain_is_told(scenario, explained):
    await scenario.publish(start=started_by())
    await happened(scenario, await scenario.contact(), "Begun", depth=11)
    found = await explained()
    assert found.answer["code"] == "skipped_too_deep"
    assert "11 emit and update blocks" in found.answer["text"]


async def test_membership_of_the_starts_and_the_stops_segments_is_told(scenario, explained):
    ann = await scenario.contact()
    await _segment(scenario, "idle", ann, entered_at=NOW - timedelta(days=3), left_at=NOW)
    await _segment(scenario, "buyers", ann, entered_at=NOW)
    await _segment(scenario, "vip", ann)
    await scenario.publish(
        start={"kind": "segment", "segment": "idle", "schedule": "entry"},
        stop=[{"kind": "segment", "segment": "buyers"}, {"kind": "segment", "segment": "vip"}],
    )
    found = await explained()
    assert found.answer["code"] == "not_in_start_segment"
    assert "it left at" in found.answer["text"]
    assert found.by_code["in_stop_segment"]["segment"] == "buyers"
    assert found.by_code["not_in_stop_segment"]["segment"] == "vip"


@pytest.mark.parametrize(
    ("state", "code"), [("completed", "not_in_launch"), ("running", "launch_running")], ids=str
)
async def test_a_launch_that_did_not_take_the_contact_is_told(scenario, explained, state, code):
    ann = await scenario.contact()
    segment = await _segment(scenario, "idle", ann)
    workflow = await scenario.publish(
        start={"kind": "segment", "segment": "idle", "schedule": {"cron": "0 9 * * *"}}
    )
    launch = uuid4()
    async with scenario.database.transaction() as c:
        await c.execute(
            insert(Launch).values(
                id=launch, workspace_id=scenario.workspace_id, workflow_id=workflow, kind="cron",
                params={}, segment_id=segment, state=state, total=3, taken=2,
            )
        )  # fmt: skip
    found = await explained()
    assert (found.answer["code"], found.answer["launch_id"]) == (code, str(launch))


async def test_what_is_not_there_is_not_found(scenario, api, stranger):
    await scenario.publish()
    await scenario.contact()
    await api("GET", "/v1/workflows/none/explain?contact=ann", 404)
    await api("GET", "/v1/workflows/flow/explain?contact=bob", 404)
    await api("GET", "/v1/workflows/flow/explain", 422)
    await stranger("GET", "/v1/workflows/flow/explain?contact=ann", 404)
