"""Contacts as people look for them, read them and change them by hand."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from sqlalchemy import insert, select

from storage.tables import Fact, OrderState, SegmentStay, Workspace
from tests.api.management.drawings import definition, published
from tests.api.management.rows import NOON, after, contact, event, identity, order


@pytest.fixture
async def ada(api, database):
    async with database.transaction() as connection:
        ada = await contact(
            connection, api.workspace_id, "ada", email="ada@example.com", timezone="Europe/Berlin",
            fields={"plan": "gold", "visits": 3},
        )  # fmt: skip
        await identity(connection, api.workspace_id, ada, "aaa-before")
    return ada


@pytest.fixture
async def unknown(api, database):
    """Somebody of whom only an anonymous id is known."""
    await api("POST", "/v1/identify", json={"anonymousId": "a-1", "traits": {"plan": "free"}})
    return (await api("GET", "/v1/contacts?limit=1"))["data"][0]["id"]


async def test_what_is_given_changes_and_the_rest_stays(api, ada):
    body = {
        "phone": "+4912",
        "email": None,
        "fields": {"plan": "free", "visits": None, "vip": True},
    }
    changed = await api("PATCH", "/v1/contacts/ada", json=body)
    assert changed["fields"] == {"plan": "free", "vip": True}
    assert (changed["email"], changed["phone"]) == (None, "+4912")
    assert (changed["userId"], changed["timezone"]) == ("ada", "Europe/Berlin")
    assert await api("GET", "/v1/contacts/ada") == changed


async def test_a_change_starts_workflows_as_any_other_does(api, ada, database):
    start = {"kind": "field_change", "field": "plan", "to": ["free"]}
    await published(api, "churn", definition(start=start))
    await api("PATCH", "/v1/contacts/ada", json={"fields": {"plan": "free"}})
    async with database.transaction() as connection:
        kinds = await connection.scalars(select(Fact.kind).where(Fact.contact_id == ada))
        assert kinds.all() == ["field"]


async def test_somebody_known_by_an_anonymous_id_is_changed_and_erased_by_id(api, unknown):
    changed = await api("PATCH", f"/v1/contacts/{unknown}", json={"email": "a@example.com"})
    assert (changed["userId"], changed["email"]) == (None, "a@example.com")
    assert changed["identities"] == [{"kind": "anonymous", "value": "a-1"}]
    await api("DELETE", f"/v1/contacts/{unknown}", 204)
    await api("GET", f"/v1/contacts/{unknown}", 404)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        pytest.param({"timezone": "Mars/One"}, "$.timezone", id="zone"),
        pytest.param({"email": 3}, "$.email", id="type"),
        pytest.param({"fields": {"phone": {}}}, "$.fields.phone", id="inside fields"),
        pytest.param({"plan": "gold"}, "$.plan", id="unknown"),
        pytest.param({"fields": {"long": "x" * 300_000}}, "$", id="size"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_changes(api, ada, body, path):
    problem = await api("PATCH", "/v1/contacts/ada", 422, json=body)
    assert problem["errors"][0]["path"] == path
    assert (await api("GET", "/v1/contacts/ada"))["fields"] == {"plan": "gold", "visits": 3}


async def test_others_contacts_are_not_changed_or_erased(callers, database, api, ada):
    async with database.transaction() as connection:
        other = await connection.scalar(
            insert(Workspace)
            .values(id="3b241101-e2bb-4255-8caf-4136c566a000", name="x")
            .returning(Workspace.id)
        )
    stranger = await callers(other, "secret")
    await stranger("PATCH", f"/v1/contacts/{ada}", 404, json={"email": "x@example.com"})
    await stranger("DELETE", f"/v1/contacts/{ada}", 404)
    assert (await api("GET", "/v1/contacts/ada"))["email"] == "ada@example.com"


async def test_a_contact_is_read_with_its_ids_devices_and_groups(api, ada):
    await api("POST", "/v1/devices", json={"userId": "ada", "token": "t-1", "platform": "iOS"})
    body = {"userId": "ada", "groupId": "acme", "traits": {"size": 5}}
    await api("POST", "/v1/group", json=body)
    read = await api("GET", "/v1/contacts/ada")
    assert [one["value"] for one in read["identities"]] == ["aaa-before", "ada"]
    assert [(one["token"], one["platform"]) for one in read["devices"]] == [("t-1", "ios")]
    assert [(one["groupId"], one["traits"]) for one in read["groups"]] == [("acme", {"size": 5})]


async def test_contacts_are_found_by_predicate_segment_and_text_together(api, database, ada):
    async with database.transaction() as connection:
        for user, plan in (("bob", "gold"), ("cleo", "free")):
            await contact(connection, api.workspace_id, user, fields={"plan": plan})
    await api("POST", "/v1/segments", 201, json={"key": "vip", "name": "VIP"})
    await api("POST", "/v1/segments/vip/contacts", json={"add": ["ada", "cleo"]})

    async def found(where=None, **query):
        if where is not None:
            query["where"] = json.dumps(where)
        text = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        return sorted(one["userId"] for one in (await api("GET", f"/v1/contacts?{text}"))["data"])

    gold = {"field": "plan", "op": "=", "value": "gold"}
    assert await found(gold) == ["ada", "bob"]
    assert await found(segment="vip") == ["ada", "cleo"]
    assert await found(gold, segment="vip") == ["ada"]
    assert await found(gold, search="BO") == ["bob"]
    assert await found({"not": {"segment": "vip"}}) == ["bob"]
    assert await found(segment="nobody") == []
    page = await api("GET", f"/v1/contacts?limit=1&where={quote(json.dumps(gold))}")
    more = await api("GET", f"/v1/contacts?cursor={page['next']}&where={quote(json.dumps(gold))}")
    assert sorted(one["userId"] for one in page["data"] + more["data"]) == ["ada", "bob"]


@pytest.mark.parametrize(
    ("where", "path"),
    [
        pytest.param("{", "$.where", id="no JSON"),
        pytest.param("[]", "$.where", id="no object"),
        pytest.param('{"all": [{"field": "x", "op": "~"}]}', "$.where.all[0].op", id="operator"),
        pytest.param('{"segment": "gone"}', "$.where.segment", id="segment"),
    ],
)
async def test_a_predicate_that_cannot_be_is_refused_at_its_place(api, where, path):
    problem = await api("GET", f"/v1/contacts?where={quote(where)}", 422)
    assert problem["errors"][0]["path"] == path


async def test_a_timeline_holds_orders_and_segments_and_is_cut_by_kind(api, database, ada):
    await api("POST", "/v1/segments", 201, json={"key": "vip", "name": "VIP"})
    segment = (await api("GET", "/v1/segments/vip"))["id"]
    async with database.transaction() as connection:
        bought = await order(connection, api.workspace_id, ada, order_id="o-1", total=20)
        states = [("initialized", 1), ("delivered", 4)]
        await connection.execute(
            insert(OrderState),
            [
                {"workspace_id": api.workspace_id, "order_id": bought, "status": status,
                 "total": 20, "timestamp": after(at), "received_at": NOON}
                for status, at in states
            ],
        )  # fmt: skip
        await connection.execute(
            insert(SegmentStay).values(
                workspace_id=api.workspace_id, segment_id=segment, contact_id=ada,
                entered_at=after(2), left_at=after(5),
            )
        )  # fmt: skip
        await event(connection, api.workspace_id, ada, timestamp=after(3))

    async def kinds(query):
        rows = (await api("GET", f"/v1/contacts/ada/timeline?{query}"))["data"]
        return [(row["kind"], row.get("move") or row.get("status") or row["name"]) for row in rows]

    whole = [
        ("segment", "left"), ("order", "delivered"), ("event", "Song Played"),
        ("segment", "entered"), ("order", "initialized"),
    ]  # fmt: skip
    assert await kinds("") == whole
    assert await kinds("kind=order&kind=event") == [one for one in whole if one[0] != "segment"]
    assert await kinds("kind=message") == []
    await api("GET", "/v1/contacts/ada/timeline?kind=rumour", 422)
    paged, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/contacts/ada/timeline?limit=1{cursor}")
        paged += page["data"]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert paged == (await api("GET", "/v1/contacts/ada/timeline"))["data"]
