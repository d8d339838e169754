"""Members that are stored, since when, and who came and went: as the API shows them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.management.drawings import definition, published
from tests.api.management.rows import NOON, after, contact
from tests.support.scenario import Scenario
from tests.support.segments import Segments

PREMIUM = {"field": "plan", "op": "=", "value": "premium"}


def identify(user, **traits):
    return {"type": "identify", "userId": user, "traits": traits}


@pytest.fixture
def segments(database, workspace_id):
    return Segments(Scenario(database, workspace_id))


async def made(api, key, where=None, **more):
    body = {"key": key, "name": key, "where": where, **more}
    return await api("POST", "/v1/segments", 201, json=body)


async def history(api, key, query=""):
    page = await api("GET", f"/v1/segments/{key}/history{query}")
    return [(move["kind"], move["userId"]) for move in page["data"]]


async def test_a_segment_says_how_far_its_backfill_is_and_is_live_after_it(api, segments):
    await segments.send(identify("ann", plan="premium"), identify("bob", plan="free"))
    before = await made(api, "premium", PREMIUM)
    assert (before["state"], before["progress"]) == ("backfilling", {"done": 0, "total": 2})
    assert before["count"] == 1, "evaluated until every contact was looked at"
    [listed] = (await api("GET", "/v1/segments"))["data"]
    assert listed["progress"] == {"done": 0, "total": 2}
    await segments.backfill("premium")
    now = await api("GET", "/v1/segments/premium")
    assert (now["state"], now["progress"], now["count"]) == ("live", None, 1)


async def test_a_static_list_and_a_parameterised_segment_are_live_at_once(api):
    assert (await made(api, "list"))["state"] == "live"
    reader = await made(api, "readers", {"event": "Read", "where": [
        {"param": "book", "op": "=", "value": {"param": "book_id"}}
    ]})  # fmt: skip
    assert (reader["state"], reader["progress"], reader["count"]) == ("live", None, None)


async def test_members_are_listed_by_when_they_entered_and_paged(api, segments):
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    for hour, user in enumerate("abcde"):
        await segments.send(identify(user, plan="premium"), now=NOON + timedelta(hours=hour))
    await segments.send(identify("b", plan="free"), now=NOON + timedelta(days=1))
    await segments.send(identify("b", plan="premium"), now=NOON + timedelta(days=2))
    read, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/segments/premium/contacts?limit=2{cursor}")
        read += page["data"]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert [one["userId"] for one in read] == ["b", "e", "d", "c", "a"]
    assert read[0]["entered_at"] == "2026-03-03T12:00:00Z"
    assert read[-1]["entered_at"] == "2026-03-01T12:00:00Z"
    assert (await api("GET", "/v1/segments/premium"))["count"] == 5


async def test_while_it_is_backfilled_members_are_those_for_whom_it_holds(api, segments):
    await segments.send(identify("ann", plan="premium"), identify("bob", plan="free"))
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    await api("PATCH", "/v1/segments/premium", json={"where": {**PREMIUM, "value": "free"}})
    [member] = (await api("GET", "/v1/segments/premium/contacts"))["data"]
    assert (member["userId"], member["entered_at"]) == ("bob", None)
    assert (await api("GET", "/v1/segments/premium"))["count"] == 1


async def test_renaming_a_segment_looks_nobody_through(api, segments):
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    await api("PATCH", "/v1/segments/premium", json={"name": "Payers"})
    await api("PUT", "/v1/segments/premium", json={"name": "P", "where": PREMIUM})
    assert (await api("GET", "/v1/segments/premium"))["state"] == "live"


async def test_entries_and_exits_are_kept_newest_first(api, segments):
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    for hour, (user, plan) in enumerate(
        [("ann", "premium"), ("bob", "premium"), ("ann", "free"), ("ann", "premium")]
    ):
        await segments.send(identify(user, plan=plan), now=NOON + timedelta(hours=hour))
    everything = [("entered", "ann"), ("left", "ann"), ("entered", "bob"), ("entered", "ann")]
    assert await history(api, "premium") == everything
    assert await history(api, "premium", "?contact=bob") == [("entered", "bob")]
    assert await history(api, "premium", "?contact=nobody") == []
    within = "?from=2026-03-01T13:00:00Z&to=2026-03-01T15:00:00Z"
    assert await history(api, "premium", within) == everything[1:3]
    read, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/segments/premium/history?limit=1{cursor}")
        read += [(move["kind"], move["userId"]) for move in page["data"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert read == everything
    await api("GET", "/v1/segments/nothing/history", 404)


async def test_moves_of_one_moment_are_all_listed_however_they_are_paged(api, segments):
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    for plan in ("premium", "free", "premium", "free"):
        await segments.send(*(identify(user, plan=plan) for user in "abc"), now=NOON)
    read, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/segments/premium/history?limit=5{cursor}")
        read += [(move["kind"], move["userId"]) for move in page["data"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert sorted(read) == sorted(2 * [(kind, u) for kind in ("entered", "left") for u in "abc"])


async def test_a_contacts_segments_tell_since_when_and_on_request_which_ended(api, segments):
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    await segments.send(identify("ann", plan="premium"), now=NOON)
    await segments.send(identify("ann", plan="free"), now=NOON + timedelta(hours=1))
    await made(api, "list")
    await api("POST", "/v1/segments/list/contacts", json={"add": ["ann"]})
    await made(api, "free", {**PREMIUM, "value": "free"})  # still to be looked through
    present = (await api("GET", "/v1/contacts/ann/segments"))["data"]
    assert [one["key"] for one in present] == ["free", "list"]
    assert present[0]["entered_at"] is None
    assert present[1]["entered_at"] is not None
    every = (await api("GET", "/v1/contacts/ann/segments?history=true"))["data"]
    assert every[:2] == present
    assert [(one["key"], one["entered_at"], one["left_at"]) for one in every[2:]] == [
        ("premium", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z")
    ]


async def test_a_deleted_segment_leaves_no_trace_at_a_contact(api, segments):
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    await segments.send(identify("ann", plan="premium"))
    await segments.send(identify("ann", plan="free"))
    await api("DELETE", "/v1/segments/premium", 204)
    assert (await api("GET", "/v1/contacts/ann/segments?history=true"))["data"] == []


async def test_a_strangers_members_are_not_shown(api, stranger, segments):
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    await segments.send(identify("ann", plan="premium"))
    await made(stranger, "theirs", {"all": []})
    await stranger("GET", "/v1/segments/premium/history", 404)
    assert (await stranger("GET", "/v1/segments/theirs/history?contact=ann"))["data"] == []


@pytest.mark.parametrize("asked", [True, False])
async def test_those_inside_already_start_only_if_that_is_asked(api, segments, asked):
    await made(api, "premium", PREMIUM)
    await segments.backfill("premium")
    await segments.scenario.publish(
        start={"kind": "segment", "segment": "premium", "schedule": "entry"}
    )
    await segments.send(identify("ann", plan="gold"), identify("bob", plan="free"))
    gold = {"where": {**PREMIUM, "value": "gold"}, "start_members": asked}
    await api("PATCH", "/v1/segments/premium", json=gold)
    await segments.backfill("premium")
    await segments.settle()
    assert len(await segments.scenario.journeys()) == (1 if asked else 0)


async def test_a_list_with_many_members_is_counted_and_paged_from_what_is_stored(
    api, database, workspace_id
):
    """Its predicate is not asked: nobody looked these contacts through."""
    await made(api, "list")
    async with database.transaction() as connection:
        for number in range(7):
            await contact(connection, workspace_id, f"u{number}", created_at=after(-number))
    for number in range(7):
        await api("POST", "/v1/segments/list/contacts", json={"add": [f"u{number}"]})
    page = await api("GET", "/v1/segments/list/contacts?limit=3")
    assert [one["userId"] for one in page["data"]] == ["u6", "u5", "u4"]
    assert (await api("GET", "/v1/segments/list"))["count"] == 7


@pytest.mark.parametrize(
    "drawing",
    [
        definition(start={"kind": "segment", "segment": "s", "schedule": "entry"}),
        definition(stop=[{"kind": "segment", "segment": "s"}]),
    ],
    ids=["start", "stop"],
)
async def test_a_segment_that_starts_or_stops_journeys_comes_to_take_no_parameters(api, drawing):
    reader = {"event": "Read", "where": [
        {"param": "book", "op": "=", "value": {"param": "book_id"}}
    ]}  # fmt: skip
    await made(api, "s", reader)
    body = {"key": "flow", "definition": drawing}
    problem = await api("POST", "/v1/workflows", 422, json=body)
    assert "takes parameters" in problem["errors"][0]["message"]
    await api("PATCH", "/v1/segments/s", json={"where": PREMIUM})
    await published(api, "flow", drawing)
    problem = await api("PATCH", "/v1/segments/s", 422, json={"where": reader})
    assert "the workflows flow" in problem["errors"][0]["message"]
