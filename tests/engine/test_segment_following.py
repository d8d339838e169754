"""What moves a contact in and out of segments, through ingestion: each kind of fact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.contacts import erase_contact
from engine.ingest.items import Envelope
from engine.ingest.upserts import parse_device
from engine.ingest.writer import store
from engine.segments import create_segment
from tests.support.ingesting import upsert_orders
from tests.support.segments import PREMIUM, Segments, entry, identify, track

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def segments(scenario):
    return Segments(scenario)


async def order(segments, order_id, user, status="delivered", **more):
    scenario = segments.scenario
    one = {"orderId": order_id, "userId": user, "status": status, **more}
    await upsert_orders(scenario.database, scenario.workspace_id, one)
    await segments.settle()


async def device(segments, user, token, **more):
    envelope = Envelope(segments.scenario.workspace_id, received_at=datetime.now(UTC))
    item = parse_device({"userId": user, "token": token, **more}, envelope)
    async with segments.scenario.database.transaction() as connection:
        await store(connection, envelope.workspace_id, [item], now=envelope.received_at, path="$")
    await segments.settle()


async def test_an_event_moves_in(segments):
    await segments.make("ran", {"event": "Ran", "where": [{"param": "km", "op": ">", "value": 5}]})
    await segments.send(track("ann", "Ran", km=4), track("bob", "Ran", km="5.5"))
    assert await segments.members("ran") == {"bob"}


async def test_an_order_moves_in_and_its_next_state_out(segments):
    await segments.make("open", {"order": {"status": ["in_progress"]}})
    await order(segments, "o-1", "ann", "in_progress", total=10)
    assert await segments.members("open") == {"ann"}
    await order(segments, "o-1", "ann", "delivered", total=10)
    assert await segments.members("open") == set()
    assert len(await segments.stays("open")) == 1


async def test_an_order_that_goes_to_another_contact_moves_both(segments):
    await segments.make("open", {"order": {"status": ["in_progress"]}})
    await order(segments, "o-1", "ann", "in_progress")
    await order(segments, "o-1", "bob", "in_progress")
    assert await segments.members("open") == {"bob"}


async def test_a_device_registered_and_lost_to_another_contact_moves_both(segments):
    await segments.make("pushable", {"reachable": "push"})
    await device(segments, "ann", "token-1")
    assert await segments.members("pushable") == {"ann"}
    await device(segments, "bob", "token-1")
    assert await segments.members("pushable") == {"bob"}


async def test_an_address_and_its_loss_move_who_is_reachable_by_email(segments):
    await segments.make("mailable", {"reachable": "email"})
    await segments.send(identify("ann", email="ann@mail.example"))
    assert await segments.members("mailable") == {"ann"}
    await segments.send(identify("ann", email=None))
    assert await segments.members("mailable") == set()


async def test_a_sign_of_life_moves_by_the_time_of_the_last_one(segments):
    await segments.make("seen", {"field": "last_seen_at", "op": "after", "value": "-P1D"})
    moment = datetime.now(UTC)
    await segments.send(track("ann", "Anything"), track("bob", "Any", moment - timedelta(days=9)))
    assert await segments.members("seen") == {"ann"}


async def test_any_change_of_the_contact_moves_by_the_time_of_the_last_one(segments):
    await segments.send(identify("ann", city="Oslo"))
    moment = datetime.now(UTC).isoformat()
    await segments.make("changed", {"field": "updated_at", "op": "after", "value": moment})
    assert await segments.members("changed") == set()
    await segments.send(identify("ann", city="Rome"))
    assert await segments.members("changed") == {"ann"}


async def test_who_was_created_when_moves_as_that_is_corrected(segments):
    await segments.make("old", {"field": "created_at", "op": "before", "value": "2020-01-01"})
    await segments.send(identify("ann"))
    assert await segments.members("old") == set()
    await segments.send(identify("ann", createdAt="2019-05-05T10:00:00Z"))
    assert await segments.members("old") == {"ann"}


async def test_an_anonymous_contact_that_becomes_known_moves(segments):
    await segments.make("known", {"field": "userId", "op": "exists"})
    await segments.send(
        {"type": "track", "anonymousId": "a-1", "event": "Opened", "properties": {}}
    )
    assert await segments.members("known") == set()
    await segments.send({"type": "identify", "userId": "ann", "anonymousId": "a-1"})
    assert await segments.members("known") == {"ann"}


async def test_merging_two_contacts_brings_both_histories_into_segments(segments):
    twice = {"event": "Ran", "times": {"op": ">=", "value": 2}}
    await segments.make("twice", twice)
    await segments.make("list", None)
    await segments.make("listed", {"segment": "list"})
    await segments.send(
        track("ann", "Ran"),
        {"type": "track", "anonymousId": "a-1", "event": "Ran", "properties": {}},
    )
    [stray] = await segments.scenario.rows(
        "SELECT id FROM contacts WHERE workspace_id = :w AND user_id IS NULL"
    )
    await segments.put("list", str(stray.id))
    assert await segments.members("twice") == set()
    await segments.send({"type": "identify", "userId": "ann", "anonymousId": "a-1"})
    assert await segments.members("twice") == {"ann"}
    assert await segments.members("list") == await segments.members("listed") == {"ann"}


async def test_an_erased_contact_is_in_no_segment_and_nothing_of_it_falls_due(segments):
    await segments.make("silent", {"not": {"event": "Ran", "within": "P9D"}}, now=NOW)
    await segments.send(track("ann", "Ran", at=NOW), identify("bob"), now=NOW)
    scenario = segments.scenario
    async with scenario.database.transaction() as connection:
        for user in ("ann", "bob"):
            assert await erase_contact(connection, scenario.workspace_id, user, now=NOW)
    assert await segments.members("silent") == set()
    assert await scenario.rows("SELECT 1 FROM segment_instants WHERE workspace_id = :w") == []
    assert await segments.pass_time(NOW + timedelta(days=10)) is None


async def test_segments_that_name_segments_follow_through_two_levels(segments):
    await segments.make("premium", PREMIUM)
    await segments.make("others", {"not": {"segment": "premium"}})
    await segments.make("wanted", {"all": [{"segment": "others"}, {"event": "Ran"}]})
    await segments.send(identify("ann", plan="premium"), track("ann", "Ran"), track("bob", "Ran"))
    assert await segments.members("wanted") == {"bob"}
    await segments.send(identify("ann", plan="free"), identify("bob", plan="premium"))
    assert await segments.members("wanted") == {"ann"}


async def test_segments_that_name_segments_follow_by_time_through_two_levels(segments):
    await segments.make("ran", {"event": "Ran", "within": "P9D"}, now=NOW)
    await segments.make("idle", {"not": {"segment": "ran"}}, now=NOW)
    await segments.make("lost", {"all": [{"segment": "idle"}, PREMIUM]}, now=NOW)
    await segments.send(identify("ann", plan="premium"), track("ann", "Ran", at=NOW), now=NOW)
    assert await segments.members("lost") == set()
    due = await segments.pass_time(NOW)
    await segments.pass_time(due)
    assert await segments.members("ran") == set()
    assert await segments.members("idle") == await segments.members("lost") == {"ann"}


async def test_a_parameterised_segment_is_not_stored_and_who_binds_it_is(segments):
    reader = {"event": "Read", "where": [{"param": "b", "op": "=", "value": {"param": "book"}}]}
    async with segments.scenario.database.transaction() as connection:
        await create_segment(
            connection, segments.scenario.workspace_id, key="readers", name="r", where=reader,
            now=NOW,
        )  # fmt: skip
    await segments.make("of-1", {"segment": "readers", "params": {"book": "b1"}})
    await segments.send(track("ann", "Read", b="b1"), track("bob", "Read", b="b2"))
    assert await segments.members("readers") == set()
    assert await segments.members("of-1") == {"ann"}


NAMES = [
    "select",
    "order by",
    "quo\"ted's",
    "a.b.c",
    "%s :x {y} $1",
    "\\backslash\n",
    "naïve 🚀 поле",
    "constructor",
    "userid",
    "x" * 10_000,
]


@pytest.mark.parametrize("name", NAMES, ids=[f"{i}-{n[:9]!r}" for i, n in enumerate(NAMES)])
async def test_a_field_named_like_a_keyword_with_quotes_dots_unicode_or_10_kb_moves(segments, name):
    await segments.make("s", {"field": name, "op": "=", "value": "yes"})
    await segments.send(identify("ann", **{name: "yes"}), identify("bob", **{name: "no"}))
    assert await segments.members("s") == {"ann"}
    await segments.send(identify("ann", **{name: "no"}), identify("bob", **{name: "yes"}))
    assert await segments.members("s") == {"bob"}


async def test_a_part_of_a_field_moves_with_the_field(segments):
    await segments.make("s", {"field": "address.city", "op": "=", "value": "Oslo"})
    await segments.send(identify("ann", address={"city": "Oslo"}))
    assert await segments.members("s") == {"ann"}
    await segments.send(identify("ann", address={"city": "Rome"}))
    assert await segments.members("s") == set()


async def test_numbers_sent_as_strings_move(segments):
    await segments.make("rich", {"field": "score", "op": ">=", "value": 20})
    await segments.send(identify("ann", score="20"), identify("bob", score="19.99"))
    assert await segments.members("rich") == {"ann"}
    await segments.send(identify("bob", score="2e1"), identify("ann", score="a lot"))
    assert await segments.members("rich") == {"bob"}


async def test_dates_as_local_strings_move_and_fall_due(segments):
    await segments.make("over", {"field": "ends", "op": "before", "value": "PT0S"}, now=NOW)
    await segments.send(
        identify("ann", ends="2026-03-05"),
        identify("bob", ends="2026-03-01 09:30"),
        identify("cy", ends="5/3/2026"),
        now=NOW,
    )
    assert await segments.members("over") == {"bob"}
    await segments.pass_time(datetime(2026, 3, 5, tzinfo=UTC) + timedelta(seconds=1))
    assert await segments.members("over") == {"ann", "bob"}


async def test_leaving_a_start_segment_is_not_a_stop(segments):
    await segments.make("premium", PREMIUM)
    await segments.scenario.publish(start=entry("premium"))
    await segments.send(identify("ann", plan="premium"))
    await segments.send(identify("ann", plan="free"))
    [journey] = await segments.scenario.journeys()
    assert journey.state == "running"


async def test_entering_again_starts_again_and_repeating_the_data_does_not(segments):
    await segments.make("premium", PREMIUM)
    await segments.scenario.publish(
        start={**entry("premium"), "overlap": "parallel", "reentry": {"mode": "always"}}
    )
    for plan in ("premium", "premium", "free", "premium"):
        await segments.send(identify("ann", plan=plan))
    assert len(await segments.scenario.journeys()) == 2


async def test_time_alone_starts_and_stops(segments):
    await segments.make("silent", {"not": {"event": "Ran", "within": "P9D"}}, now=NOW)
    await segments.scenario.publish("winback", start=entry("silent"))
    await segments.scenario.publish(
        "active", start={"kind": "event", "event": "Ran"},
        stop=[{"kind": "segment", "segment": "silent"}],
    )  # fmt: skip
    await segments.send(track("ann", "Ran", at=NOW), now=NOW)
    [active] = await segments.scenario.journeys()
    due = await segments.pass_time(NOW)
    await segments.pass_time(due)
    journeys = {j.id: j for j in await segments.scenario.journeys()}
    assert journeys.pop(active.id).reason_detail == "entered silent"
    [winback] = journeys.values()
    assert winback.state == "running"


async def test_a_static_list_starts_stops_and_wakes(segments):
    scenario = segments.scenario
    await segments.make("vip", None)
    await scenario.publish("welcome", start=entry("vip"))
    await scenario.publish("offer", stop=[{"kind": "segment", "segment": "vip"}])
    await scenario.publish(
        "patient", start={"kind": "event", "event": "Asked"},
        blocks=[{"id": "w", "kind": "wait_for", "segment": "vip", "timeout": "P9D"}],
    )  # fmt: skip
    await segments.send(track("ann", "Begun"), track("ann", "Asked"))
    offer, patient = sorted(await scenario.journeys(), key=lambda j: "word" in j.params)
    assert len(await scenario.journeys()) == 2
    await scenario.rows("UPDATE journeys SET block = 'w' WHERE workspace_id = :w RETURNING id")
    await segments.put("vip", "ann")
    states = sorted(j.state for j in await scenario.journeys())
    assert states == ["running", "running", "stopped"], "offer stopped, welcome began"
    woken = await scenario.rows("SELECT journey_id FROM commands WHERE kind = 'wake' "
                                "AND workspace_id = :w")  # fmt: skip
    assert len(woken) == 1
    assert woken[0].journey_id in (offer.id, patient.id)
    await segments.take("vip", "ann")
    assert sorted(j.state for j in await scenario.journeys()) == states, "leaving stops nobody"
    await segments.send(track("bob", "Begun"))
    await segments.put("vip", "bob")
    assert [j.state for j in await segments.journeys_of("bob")] == ["stopped", "running"]


async def backfilled_events(segments):
    await segments.send({**track("ann", "Ran"), "backfill": True})


async def backfilled_fields(segments):
    await segments.send({**identify("ann", plan="premium"), "backfill": True})


async def backfilled_orders(segments):
    await order(segments, "o-1", "ann", backfill=True)


async def backfilled_devices(segments):
    await device(segments, "ann", "token-1", backfill=True)


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
@pytest.mark.parametrize("watched", [False, True], ids=["alone", "beside-updated-at"])
@pytest.mark.parametrize(
    ("where", "arrive"),
    [
        ({"event": "Ran"}, backfilled_events),
        (PREMIUM, backfilled_fields),
        ({"order": {"status": ["delivered"]}}, backfilled_orders),
        ({"reachable": "push"}, backfilled_devices),
    ],
    ids=["event", "field", "order", "device"],
)
async def test_backfilled_data_moves_silently_it_stops_and_does_not_start(
    segments, where, arrive, watched, known
):
    await segments.make("s", where)
    if watched:
        await segments.make("fresh", {"field": "updated_at", "op": "after", "value": "-P1D"})
    await segments.scenario.publish("entered", start=entry("s"))
    await segments.scenario.publish("begun", stop=[{"kind": "segment", "segment": "s"}])
    if known:
        await segments.send(track("ann", "Begun"))
    await arrive(segments)
    assert await segments.members("s") == {"ann"}
    states = [journey.state for journey in await segments.scenario.journeys()]
    assert states == (["stopped"] if known else [])


@pytest.mark.parametrize("first", ["past", "news"])
async def test_past_data_beside_news_that_may_have_moved_somebody_does_not_keep_them_from_starting(
    segments, first
):
    await segments.make("ran", {"event": "Ran", "times": {"op": ">=", "value": 2}})
    await segments.scenario.publish("entered", start=entry("ran"))
    await segments.send(identify("ann"))
    calls = [{**track("ann", "Ran"), "backfill": True}, track("ann", "Ran")]
    await segments.send(*(calls if first == "past" else reversed(calls)))
    assert await segments.members("ran") == {"ann"}
    assert len(await segments.scenario.journeys()) == 1
