"""Contacts, their timelines, events and orders as they are read."""

from __future__ import annotations

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.api.management.drawings import published
from tests.api.management.rows import (
    after,
    contact,
    event,
    identity,
    journey,
    message,
    order,
    refusal,
)

UNKNOWN = "3b241101-e2bb-4255-8caf-4136c566a962"


@pytest.fixture
async def ada(api, database):
    async with database.transaction() as connection:
        return await contact(
            connection, api.workspace_id, "ada", email="Ada@Example.com", phone="+4412",
            timezone="Europe/London", locale="en", fields={"first_name": "Ada", "plan": "gold"},
            last_seen_at=after(5),
        )  # fmt: skip


async def test_a_contact_is_read_by_user_id_former_user_id_and_id(api, database, ada):
    async with database.transaction() as connection:
        await identity(connection, api.workspace_id, ada, "ada-before")
    read = await api("GET", "/v1/contacts/ada")
    assert read == {
        "id": str(ada),
        "userId": "ada",
        "email": "Ada@Example.com",
        "phone": "+4412",
        "timezone": "Europe/London",
        "locale": "en",
        "fields": {"first_name": "Ada", "plan": "gold"},
        "created_at": "2026-03-01T12:00:00Z",
        "updated_at": "2026-03-01T12:00:00Z",
        "last_seen_at": "2026-03-01T12:00:05Z",
        "identities": [
            {"kind": "user", "value": "ada"},
            {"kind": "user", "value": "ada-before"},
        ],
        "devices": [],
        "groups": [],
    }
    assert await api("GET", "/v1/contacts/ada-before") == read
    assert await api("GET", f"/v1/contacts/{ada}") == read


async def test_a_user_id_that_looks_like_an_id_leads_to_its_contact(api, database):
    user_id = str(uuid4())
    async with database.transaction() as connection:
        id_ = await contact(connection, api.workspace_id, user_id)
    assert (await api("GET", f"/v1/contacts/{user_id}"))["id"] == str(id_)


@pytest.mark.parametrize("user_id", ["a/b", "a b", "ünal", "a?b#c", "100%", "timeline"])
async def test_a_user_id_may_hold_any_character(api, database, user_id):
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, user_id)
        await order(connection, api.workspace_id, person, order_id=user_id)
    address = quote(user_id, safe="")
    assert (await api("GET", f"/v1/contacts/{address}"))["userId"] == user_id
    assert (await api("GET", f"/v1/contacts/{address}/timeline"))["data"] == []
    assert (await api("GET", f"/v1/orders/{address}"))["orderId"] == user_id


@pytest.mark.parametrize("ref", ["nobody", UNKNOWN, "%20", "a%27b", "ü" * 100])
async def test_an_unknown_contact_is_404(api, ref):
    await api("GET", f"/v1/contacts/{ref}", 404)
    await api("GET", f"/v1/contacts/{ref}/timeline", 404)


async def test_a_nul_in_a_reference_is_refused(api):
    await api("GET", "/v1/contacts/a%00b", 422)
    await api("GET", "/v1/contacts?search=a%00b", 422)
    await api("GET", "/v1/events?contact=a%00b", 422)
    await api("GET", "/v1/workflows/a%00b", 422)
    await api("GET", "/v1/orders/a%00b", 422)


async def test_contacts_are_found_by_email_user_id_time_and_text(api, database, ada):
    async with database.transaction() as connection:
        await contact(
            connection, api.workspace_id, "bob_1", email="bob@example.com",
            fields={"first_name": "Bob", "last_name": "100%"}, created_at=after(60),
        )  # fmt: skip

    async def found(query):
        return [one["userId"] for one in (await api("GET", f"/v1/contacts?{query}"))["data"]]

    assert await found("") == ["bob_1", "ada"]
    assert await found("email=ada@example.COM") == ["ada"]
    assert await found("userId=bob_1") == ["bob_1"]
    assert await found("created_from=2026-03-01T12:01:00Z") == ["bob_1"]
    assert await found("created_to=2026-03-01T13:01:00%2B01:00") == ["ada"]
    assert await found("search=ADA") == ["ada"]
    assert await found("search=%2B44") == ["ada"]
    assert await found("search=100%25") == ["bob_1"]
    assert await found("search=%25") == ["bob_1"]
    assert await found("search=b_1") == ["bob_1"]
    assert await found("search=nobody") == []


@pytest.mark.parametrize(
    "query",
    [
        "created_from=yesterday",
        "created_from=2026-03-01T12:00:00",
        "created_from=0001-01-01T00:00:00%2B14:00",
        "search=",
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=x",
        "cursor=AAAA",
        "cursor=f_______________________________",
        "cursor=%00",
    ],
)
async def test_a_query_that_makes_no_sense_is_refused_by_name(api, query):
    problem = await api("GET", f"/v1/contacts?{query}", 422)
    assert query.partition("=")[0] in problem["errors"][0]["path"]


async def test_a_timeline_merges_all_that_happened_by_time(api, database, ada):
    workflow = await published(api, "hi")
    async with database.transaction() as connection:
        w = api.workspace_id
        await event(connection, w, ada, name="Signed Up", timestamp=after(1))
        started = await journey(
            connection, w, ada, workflow, started_at=after(2), state="stopped",
            reason_kind="event", reason_detail="Paid", ended_at=after(4),
        )  # fmt: skip
        await message(connection, w, ada, workflow, started, created_at=after(3), subject="Hi")
        await event(connection, w, ada, name="Paid", timestamp=after(4))
        await refusal(connection, w, ada, workflow, decided_at=after(5))
        await refusal(connection, w, ada, workflow, decided_at=after(6), outcome="started")
    whole = await api("GET", "/v1/contacts/ada/timeline")
    assert [(one["kind"], one.get("name")) for one in whole["data"]] == [
        ("refusal", None),
        ("event", "Paid"),
        ("message", None),
        ("journey", None),
        ("event", "Signed Up"),
    ]
    assert whole["data"][3]["reason_detail"] == "Paid"
    assert whole["data"][0]["workflow"] == "hi"
    paged, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/contacts/ada/timeline?limit=2{cursor}")
        assert len(page["data"]) <= 2
        paged += page["data"]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert paged == whole["data"]


async def test_events_are_found_by_contact_name_kind_and_time_of_receipt(api, database, ada):
    async with database.transaction() as connection:
        w = api.workspace_id
        early = await event(connection, w, ada, name="A", received_at=after(1), timestamp=after(-9))
        late = await event(connection, w, ada, name="B", received_at=after(2), kind="page")
        thing = await event(connection, w, None, name="A", received_at=after(3))

    async def found(query):
        return [one["id"] for one in (await api("GET", f"/v1/events?{query}"))["data"]]

    assert await found("") == [str(thing), str(late), str(early)]
    assert await found("contact=ada") == [str(late), str(early)]
    assert await found(f"contact={ada}&name=A") == [str(early)]
    assert await found("kind=page") == [str(late)]
    assert await found("from=2026-03-01T12:00:02Z") == [str(thing), str(late)]
    assert await found("to=2026-03-01T12:00:02Z") == [str(early)]
    assert await found("contact=nobody") == []
    read = await api("GET", f"/v1/events/{early}")
    assert (read["userId"], read["timestamp"]) == ("ada", "2026-03-01T11:59:51Z")
    assert (await api("GET", f"/v1/events/{thing}"))["contact_id"] is None
    await api("GET", "/v1/events?kind=dance", 422)
    await api("GET", "/v1/events/7", 422)


async def test_orders_are_found_by_contact_and_status_and_read_by_their_own_id(api, database, ada):
    async with database.transaction() as connection:
        w = api.workspace_id
        await order(
            connection, w, ada, order_id="A 1", total=12.5, currency="EUR", items=[{"sku": "x"}]
        )
        await order(connection, w, ada, order_id="A 2", status="cancelled", created_at=after(1))

    async def found(query):
        return [one["orderId"] for one in (await api("GET", f"/v1/orders?{query}"))["data"]]

    assert await found("contact=ada") == ["A 2", "A 1"]
    assert await found("status=delivered") == ["A 1"]
    read = await api("GET", "/v1/orders/A%201")
    assert (read["total"], read["currency"], read["items"]) == (12.5, "EUR", [{"sku": "x"}])
    await api("GET", "/v1/orders/A%203", 404)
    await api("GET", "/v1/orders?status=lost", 422)
