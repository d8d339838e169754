"""Segments: saved predicates asked when it matters, and static lists."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import event as listen_to
from sqlalchemy import text

from api.app import create_app
from engine.advance.state import read_state
from engine.advance.versions import Versions
from engine.keys import create_key
from engine.segments import audience, read_where
from engine.wakeup import Wakeup
from runtime.settings import Settings
from storage.repositories.audiences import count
from tests.api.management.conftest import Api
from tests.api.management.drawings import definition, published
from tests.api.management.rows import NOON, after, contact, event, identity, journey

PREMIUM = {"field": "plan", "op": "=", "value": "premium"}
READER = {"event": "Read", "where": [{"param": "book", "op": "=", "value": {"param": "book_id"}}]}


@pytest.fixture
async def people(api, database):
    """Three contacts, the newest last: ada and cy are premium, and only ada has read a book."""
    async with database.transaction() as connection:
        w = api.workspace_id
        ada = await contact(connection, w, "ada", fields={"plan": "premium"}, created_at=after(1))
        bob = await contact(connection, w, "bob", fields={"plan": "free"}, created_at=after(2))
        cy = await contact(connection, w, None, fields={"plan": "premium"}, created_at=after(3))
        await event(connection, w, ada, name="Read", properties={"book": "b1"})
    return {"ada": ada, "bob": bob, "cy": cy}


async def make(api: Any, key: str, where: Any = None, status: int = 201, **more: Any) -> Any:
    body = {"key": key, "name": key.title(), "where": where, **more}
    return await api("POST", "/v1/segments", status, json=body)


async def member_ids(api: Any, key: str) -> list[str]:
    return [one["id"] for one in (await api("GET", f"/v1/segments/{key}/contacts"))["data"]]


def branching(predicate: dict[str, Any]) -> dict[str, Any]:
    return definition(
        blocks=[
            {"id": "if", "kind": "condition", "if": predicate, "then": "yes", "else": "no"},
            {"id": "yes", "kind": "exit"},
            {"id": "no", "kind": "exit"},
        ]
    )


async def test_a_segment_is_made_read_by_key_and_id_changed_and_deleted(api, people):
    made = await make(api, "premium", PREMIUM)
    assert made["name"] == "Premium"
    assert (made["where"], made["count"], made["state"]) == (PREMIUM, 2, "live")
    assert await api("GET", "/v1/segments/premium") == made
    assert await api("GET", f"/v1/segments/{made['id']}") == made
    listed = {name: value for name, value in made.items() if name != "count"}
    assert (await api("GET", "/v1/segments"))["data"] == [listed]

    free = {**PREMIUM, "value": "free"}
    changed = await api("PATCH", "/v1/segments/premium", json={"where": free})
    assert (changed["where"], changed["count"], changed["name"]) == (free, 1, "Premium")
    renamed = await api("PATCH", f"/v1/segments/{made['id']}", json={"name": "Free"})
    assert (renamed["where"], renamed["name"]) == (free, "Free")
    saved = await api("PUT", "/v1/segments/premium", json={"name": "P", "where": PREMIUM})
    assert (saved["id"], saved["name"], saved["count"]) == (made["id"], "P", 2)
    await api("DELETE", "/v1/segments/premium", 204)
    await api("GET", "/v1/segments/premium", 404)


async def test_a_put_makes_what_is_not_there_and_a_key_is_not_taken_twice(api):
    body = {"name": "New", "where": PREMIUM}
    assert (await api("PUT", "/v1/segments/new", 201, json=body))["key"] == "new"
    await api("PUT", "/v1/segments/new", 422, json={**body, "key": "other"})
    await api("PUT", f"/v1/segments/{uuid4()}", 404, json=body)
    await make(api, "new", PREMIUM, 409)


async def test_segments_are_paged_newest_first(api):
    for i in range(5):
        await make(api, f"s{i}", PREMIUM)
    read, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/segments?limit=2{cursor}")
        read += [one["key"] for one in page["data"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert read == ["s4", "s3", "s2", "s1", "s0"]


async def test_members_are_those_for_whom_it_holds_at_this_moment(api, database, people):
    await make(api, "premium", PREMIUM)
    assert await member_ids(api, "premium") == [str(people["cy"]), str(people["ada"])]
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE contacts SET fields = CAST('{\"plan\": \"premium\"}' AS jsonb) "
                 "WHERE id = :id"),
            {"id": people["bob"]},
        )  # fmt: skip
    first = await api("GET", "/v1/segments/premium/contacts?limit=2")
    assert [one["userId"] for one in first["data"]] == [None, "bob"]
    rest = await api("GET", f"/v1/segments/premium/contacts?limit=2&cursor={first['next']}")
    assert [one["userId"] for one in rest["data"]] == ["ada"]
    assert rest["next"] is None
    assert (await api("GET", "/v1/segments/premium"))["count"] == 3


async def test_the_clock_on_the_wall_is_the_workspaces_for_contacts_without_a_zone(
    api, database, people
):
    """Noon in UTC is the next day in the far east."""
    wall = {"now": {"timezone": "contact", "date": "2026-03-02"}}
    async with database.transaction() as connection:
        predicate = await read_where(connection, api.workspace_id, wall)
        at = await audience(connection, api.workspace_id, now=NOON)
        assert await count(connection, at, predicate) == 0
        await connection.execute(
            text("UPDATE workspaces SET timezone = 'Pacific/Kiritimati' WHERE id = :w"),
            {"w": api.workspace_id},
        )
        at = await audience(connection, api.workspace_id, now=NOON)
        assert await count(connection, at, predicate) == 3
        at = await audience(connection, api.workspace_id, now=NOON + timedelta(days=1))
        assert await count(connection, at, predicate) == 0


async def test_a_contact_lists_the_segments_it_is_in(api, people):
    await make(api, "premium", PREMIUM)
    await make(api, "free", {"not": {"segment": "premium"}})
    await make(api, "list")
    await make(api, "not-the-reader", {"not": READER})  # parameterised: nobody can tell
    for i in range(60):
        await make(api, f"zz-{i:02}", PREMIUM if i % 2 else {"field": "plan", "op": "missing"})
    await api("POST", "/v1/segments/list/contacts", json={"add": ["ada", "bob"]})

    async def of(ref: Any) -> list[str]:
        answer = await api("GET", f"/v1/contacts/{ref}/segments")
        assert answer["next"] is None
        return [one["key"] for one in answer["data"]]

    odd = [f"zz-{i:02}" for i in range(60) if i % 2]
    assert await of("ada") == ["list", "premium", *odd]
    assert await of("bob") == ["free", "list"]
    assert await of(people["cy"]) == ["premium", *odd]
    await api("GET", "/v1/contacts/nobody/segments", 404)


async def test_segments_with_long_lists_of_values_can_all_be_asked_about_a_contact(api, people):
    """A statement has at most 32,767 parameters."""
    days = [f"P{day}D" for day in range(1_990)]  # each is six parameters
    await make(
        api, "ids", {"field": "userId", "op": "in", "value": ["ada", *map(str, range(1500))]}
    )
    for i in range(3):
        await make(api, f"days-{i}", {"not": {"field": "created_at", "op": "in", "value": days}})
    await make(api, "too-much", {"all": [{"segment": "days-0"}, {"segment": "ids"}]}, 422)
    answer = await api("GET", "/v1/contacts/ada/segments")
    assert [one["key"] for one in answer["data"]] == ["days-0", "days-1", "days-2", "ids"]


async def test_a_preview_counts_and_shows_ten(api, database, people):
    shown = await api("POST", "/v1/segments/preview", json={"where": PREMIUM})
    assert shown["count"] == 2
    assert [one["id"] for one in shown["contacts"]] == [str(people["cy"]), str(people["ada"])]
    none = {"where": {**PREMIUM, "value": "gold"}}
    assert await api("POST", "/v1/segments/preview", json=none) == {"count": 0, "contacts": []}
    async with database.transaction() as connection:
        for i in range(12):
            await contact(connection, api.workspace_id, f"u{i}")
    everybody = await api("POST", "/v1/segments/preview", json={"where": {"all": []}})
    assert (everybody["count"], len(everybody["contacts"])) == (15, 10)


async def test_a_parameterised_segment_takes_its_values_from_who_names_it(api, people):
    made = await make(api, "readers", READER)
    assert (made["params"], made["count"]) == (["book_id"], None)
    problem = await api("GET", "/v1/segments/readers/contacts", 422)
    assert "book_id" in problem["detail"]
    assert "/v1/segments/preview" in problem["detail"]
    for book, number in (("b1", 1), ("b2", 0)):
        bound = {"segment": "readers", "params": {"book_id": book}}
        preview = {"where": READER, "params": {"book_id": book}}
        assert (await api("POST", "/v1/segments/preview", json=preview))["count"] == number
        assert (await make(api, f"of-{book}", bound))["count"] == number
    passed_on = {"segment": "readers", "params": {"book_id": {"param": "wanted"}}}
    assert (await make(api, "passed-on", passed_on))["params"] == ["wanted"]
    preview = {"where": passed_on, "params": {"wanted": "b1"}}
    assert (await api("POST", "/v1/segments/preview", json=preview))["count"] == 1


async def test_a_static_list_is_changed_by_user_ids_and_ids(api, database, people):
    await make(api, "vip")
    async with database.transaction() as connection:
        await identity(connection, api.workspace_id, people["ada"], "ada-before")
    add = ["ada", "ada-before", str(people["cy"]), "nobody", str(uuid4())]
    change = await api("POST", "/v1/segments/vip/contacts", json={"add": add})
    assert change == {"added": 2, "removed": 0, "unknown": add[3:]}
    again = await api("POST", "/v1/segments/vip/contacts", json={"add": ["ada", "bob"]})
    assert again == {"added": 1, "removed": 0, "unknown": []}
    assert len(await member_ids(api, "vip")) == 3
    body = {"add": ["ada"], "remove": ["ada", "bob", "gone"]}
    change = await api("POST", "/v1/segments/vip/contacts", json=body)
    assert change == {"added": 1, "removed": 2, "unknown": ["gone"]}
    assert await member_ids(api, "vip") == [str(people["cy"]), str(people["ada"])]
    assert (await api("GET", "/v1/segments/vip"))["count"] == 2


async def test_contacts_of_another_workspace_are_unknown_to_a_static_list(api, stranger, people):
    await make(stranger, "theirs")
    add = ["ada", str(people["ada"])]
    change = await stranger("POST", "/v1/segments/theirs/contacts", json={"add": add})
    assert change == {"added": 0, "removed": 0, "unknown": add}
    await make(stranger, "all", {"all": []})
    assert await member_ids(stranger, "all") == []
    preview = await stranger("POST", "/v1/segments/preview", json={"where": {"all": []}})
    assert preview == {"count": 0, "contacts": []}


async def test_a_list_and_a_predicate_do_not_turn_into_each_other(api, people):
    await make(api, "list")
    await make(api, "premium", PREMIUM)
    problem = await api("POST", "/v1/segments/premium/contacts", 409, json={"add": ["ada"]})
    assert "predicate" in problem["detail"]
    for key, body in (("list", {"name": "x", "where": PREMIUM}), ("premium", {"name": "x"})):
        problem = await api("PUT", f"/v1/segments/{key}", 422, json=body)
        assert problem["errors"][0]["path"] == "$.where"
    await api("PATCH", "/v1/segments/premium", 422, json={"where": None})
    await api("PATCH", "/v1/segments/premium", 422, json={"name": None})


async def test_a_thousand_contacts_fit_in_one_change_and_no_more(api, database):
    await make(api, "list")
    users = [f"u{i}" for i in range(1000)]
    async with database.transaction() as connection:
        for statement in (
            (
                "INSERT INTO contacts (workspace_id, id, user_id, fields) "
                "SELECT :w, gen_random_uuid(), u, '{}' FROM unnest(CAST(:u AS text[])) u"
            ),
            (
                "INSERT INTO identities (workspace_id, kind, value, contact_id) "
                "SELECT :w, 'user', user_id, id FROM contacts WHERE workspace_id = :w "
                "AND user_id = ANY(:u)"
            ),
        ):
            await connection.execute(text(statement), {"w": api.workspace_id, "u": users})
    executed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        executed.append(statement)

    listen_to.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        change = await api("POST", "/v1/segments/list/contacts", json={"add": users})
    finally:
        listen_to.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert change["added"] == 1000
    assert sum("segment_members" in statement for statement in executed) == 1
    body = {"add": users, "remove": ["one-more"]}
    await api("POST", "/v1/segments/list/contacts", 422, json=body)


async def test_changes_of_one_list_at_once_in_any_order_all_succeed(api, people):
    await make(api, "list")
    names = ["ada", "bob", str(people["cy"])]
    await asyncio.gather(
        *(
            api("POST", "/v1/segments/list/contacts", json={"add": names[i % 3 :] + names[: i % 3]})
            for i in range(12)
        )
    )
    assert len(await member_ids(api, "list")) == 3


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ({}, "$.where"),
        ({"feild": "plan"}, "$.where"),
        ({"all": [{"field": "plan", "op": "is"}]}, "$.where.all[0].op"),
        ({"any": [{"segment": "unknown"}]}, "$.where.any[0].segment"),
        ({"event": "E", "within": "journey"}, "$.where.within"),
        ({"message": {"block": "hello", "state": "sent"}}, "$.where.message.block"),
        ({"not": {"field": "x", "op": "before", "value": "soon"}}, "$.where.not.value"),
        ({"all": [{"field": "x", "value": "\x00"}]}, "$.where.all[0].value"),
        ({"any": [{"field": "x", "op": "exists"}] * 1001}, "$.where"),
        ({"field": "x", "op": "in", "value": ["v"] * 2000}, "$.where"),
        ([], "$.where"),
        ("plan", "$.where"),
    ],
)
async def test_a_predicate_that_is_wrong_is_refused_with_its_place(api, where, path):
    for problem in (
        await make(api, "wrong", where, 422),
        await api("POST", "/v1/segments/preview", 422, json={"where": where}),
    ):
        assert problem["errors"][0]["path"] == path
    await api("GET", "/v1/segments/wrong", 404)


async def test_a_segment_that_would_contain_itself_is_refused(api):
    problem = await make(api, "a", {"not": {"segment": "a"}}, 422)
    assert "a → a" in problem["errors"][0]["message"]
    await make(api, "a", PREMIUM)
    await make(api, "b", {"any": [{"segment": "a"}, PREMIUM]})
    await make(api, "c", {"all": [{"segment": "b"}]})
    where = {"where": {"not": {"segment": "c"}}}
    problem = await api("PATCH", "/v1/segments/a", 422, json=where)
    assert problem["errors"] == [
        {"path": "$.where", "message": "the segment would contain itself: a → c → b → a"}
    ]
    assert (await api("GET", "/v1/segments/a"))["where"] == PREMIUM
    await make(api, "d", {"all": [{"segment": "a"}, {"segment": "c"}]})  # a diamond is no cycle


async def test_two_changes_at_once_do_not_close_a_cycle(api):
    for _ in range(8):
        for key in ("x", "y"):
            await api.raw("PUT", f"/v1/segments/{key}", json={"name": key, "where": PREMIUM})
        answers = await asyncio.gather(
            *(
                api.raw("PATCH", f"/v1/segments/{key}", json={"where": {"segment": other}})
                for key, other in (("x", "y"), ("y", "x"))
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_segment_may_not_grow_beyond_what_those_that_name_it_can_hold(api):
    parts = {"any": [{"field": "x", "op": "exists"}] * 600}
    await make(api, "a", parts)
    await make(api, "b", {"any": [{"segment": "a"}, PREMIUM]})
    body = {"where": {"any": [{"field": "x", "op": "exists"}] * 998}}
    problem = await api("PATCH", "/v1/segments/a", 422, json=body)
    assert "'b'" in problem["errors"][0]["message"]
    await make(api, "c", {"all": [{"segment": "a"}, {"segment": "b"}]}, 422)


@pytest.mark.parametrize(
    "drawing",
    [
        branching({"any": [{"field": "x", "op": "exists"}, {"not": {"segment": "s"}}]}),
        definition(start={"kind": "segment", "segment": "s", "schedule": "entry"}),
        definition(stop=[{"kind": "segment", "segment": "s"}]),
        definition(
            blocks=[
                {"id": "set", "kind": "update", "add_to": ["s"], "next": "bye"},
                {"id": "bye", "kind": "exit"},
            ]
        ),
    ],
    ids=["condition", "start", "stop", "update"],
)
async def test_what_a_draft_names_is_not_deleted(api, drawing):
    await make(api, "s")
    await api("POST", "/v1/workflows", 201, json={"key": "flow", "definition": drawing})
    problem = await api("DELETE", "/v1/segments/s", 409)
    assert "the workflows flow" in problem["detail"]
    await api("PUT", "/v1/workflows/flow", json={"definition": definition()})
    await api("DELETE", "/v1/segments/s", 204)


async def test_what_another_segment_or_a_running_journey_names_is_not_deleted(api, database):
    await make(api, "s", PREMIUM)
    await make(api, "others", {"not": {"segment": "s"}})
    problem = await api("DELETE", "/v1/segments/s", 409)
    assert "the segments others" in problem["detail"]
    await api("DELETE", "/v1/segments/others", 204)

    workflow = await published(api, "flow", branching({"segment": "s"}))
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
        running = await journey(connection, api.workspace_id, person, workflow)
    await api("PUT", "/v1/workflows/flow", json={"definition": definition()})
    await api("DELETE", "/v1/segments/s", 409)  # the running version names it
    await api("POST", "/v1/workflows/flow/publish")
    await api("DELETE", "/v1/segments/s", 409)  # a journey of the older version names it
    await api("POST", f"/v1/journeys/{running}/stop")
    await api("DELETE", "/v1/segments/s", 204)


async def test_a_word_that_happens_to_be_a_segments_key_holds_it_not(api):
    await make(api, "s", PREMIUM)
    drawing = branching({"field": "segment", "op": "=", "value": "s"})
    await api("POST", "/v1/workflows", 201, json={"key": "flow", "definition": drawing})
    await make(api, "other", {"field": "s", "op": "=", "value": "s"})
    await api("DELETE", "/v1/segments/s", 204)


async def test_a_segment_and_what_names_it_cannot_pass_each_other(api):
    """Whatever the order of a save and a deletion at once, nothing names a missing segment."""
    for round_ in range(6):
        for method, address, body in (
            ("PUT", f"/v1/workflows/w{round_}", {"definition": branching({"segment": "s"})}),
            ("PUT", f"/v1/segments/n{round_}", {"name": "n", "where": {"segment": "s"}}),
        ):
            await make(api, "s", PREMIUM)
            saved, deleted = await asyncio.gather(
                api.raw(method, address, json=body), api.raw("DELETE", "/v1/segments/s")
            )
            assert (saved.status_code, deleted.status_code) in {(201, 409), (422, 204)}
            await api.raw("DELETE", address)
            await api.raw("DELETE", "/v1/segments/s")


async def test_a_changed_segment_is_seen_by_a_condition_at_once(api, database, people):
    """Conditions keep compiled segments: a change must reach those that are already kept."""
    await make(api, "inner", PREMIUM)
    await make(api, "outer", {"all": [{"segment": "inner"}]})
    workflow = await published(api, "flow", branching({"segment": "outer"}))
    async with database.transaction() as connection:
        run = await journey(connection, api.workspace_id, people["ada"], workflow)
    versions = Versions()

    async def holds() -> bool:
        async with database.transaction() as connection:
            state = await read_state(connection, run)
            assert state is not None
            version = await versions.get(connection, state)
            block = version.definition.blocks[0]
            prepared = version.condition(block.id, block.if_)
            return await prepared.holds(
                connection, workspace_id=api.workspace_id, contact_id=people["ada"], now=NOON
            )

    assert await holds()
    await api("PATCH", "/v1/segments/inner", json={"where": {**PREMIUM, "value": "free"}})
    assert not await holds()
    await api("PATCH", "/v1/segments/inner", json={"where": PREMIUM})
    assert await holds()


async def test_what_takes_too_long_is_ended_with_advice(database, workspace_id, api, people):
    slow = {"event": "Read", "where": [{"param": "a.b", "op": "contains", "value": "x"}] * 300}
    await make(api, "slow", slow)
    async with database.transaction() as connection:
        _, key = await create_key(connection, workspace_id, "secret", "test")
        for _ in range(40):
            await event(connection, workspace_id, people["bob"], name="Read")
    app = create_app(Settings(segment_timeout=0.001), database=database, wakeup=Wakeup())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api", auth=(key, "")
    ) as client:
        hurried = Api(client, workspace_id)
        for method, path, body in (
            ("POST", "/v1/segments/preview", {"json": {"where": slow}}),
            ("GET", "/v1/segments/slow/contacts", {}),
        ):
            problem = await hurried(method, path, 422, **body)
            assert "took longer than 0.001 seconds" in problem["detail"]
            assert "within" in problem["errors"][0]["message"]
        assert (await hurried("GET", "/v1/segments/slow"))["count"] is None
    assert (await api("GET", "/v1/segments/slow"))["count"] == 0
