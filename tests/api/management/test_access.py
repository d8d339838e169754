"""Who may call what: nothing of a workspace is seen or touched with another one's key."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.management.drawings import EMAIL, definition, published, sending
from tests.api.management.rows import contact, event, journey, message, order

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
MANAGEMENT = {
    "workflows", "templates", "contacts", "journeys", "messages", "events", "orders", "keys",
    "segments", "promo-pools",
}  # fmt: skip
ELSEWHERE = {("POST", "/v1/contacts"), ("POST", "/v1/orders"), ("DELETE", "/v1/contacts/{user_id}")}
"""Ingestion's part of the same addresses."""
QUERIES = {"/v1/workflows/{ref}/explain": "?contact=u1"}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", "/v1/workflows/{ref}"): {"definition": definition()},
    ("PATCH", "/v1/workflows/{ref}"): {"name": "Theirs"},
    ("POST", "/v1/workflows/{ref}/test"): {"userId": "u1", "to": "me@example.com"},
    ("POST", "/v1/workflows/{ref}/simulate"): {"contact": {"userId": "u1"}},
    ("PUT", "/v1/promo-pools/{ref}"): {"name": "Theirs"},
    ("POST", "/v1/promo-pools/{ref}/codes"): {"codes": ["A"]},
    ("PUT", "/v1/templates/{ref}"): EMAIL,
    ("PATCH", "/v1/templates/{ref}"): {"text": "Theirs"},
    ("PUT", "/v1/segments/{ref}"): {"name": "Theirs"},
    ("PATCH", "/v1/segments/{ref}"): {"name": "Theirs"},
    ("POST", "/v1/segments/{ref}/contacts"): {"add": ["u1"]},
    ("PATCH", "/v1/contacts/{ref}"): {"email": "theirs@example.com"},
    ("PATCH", "/v1/contacts/{ref}/subscriptions"): {"unsubscribed": True},
}


def operations(app: Any) -> list[tuple[str, str]]:
    found = [
        (method.upper(), path)
        for path, item in app.openapi()["paths"].items()
        for method in item
        if path.startswith("/v1/")
        and path.split("/")[2] in MANAGEMENT
        and (method.upper(), path) not in ELSEWHERE
    ]
    assert len(found) >= 30
    return found


@pytest.fixture
async def everything(api, database):
    """One of each thing; the id by the first part of its address."""
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    template = await api("GET", "/v1/templates/t")
    workflow = await published(api, "w", sending("t"))
    key = await api("POST", "/v1/keys", 201, json={"kind": "write", "name": "App"})
    pool = await api("POST", "/v1/promo-pools", 201, json={"key": "p", "name": "Pool"})
    segment = await api("POST", "/v1/segments", 201, json={"key": "s", "name": "List"})
    async with database.transaction() as connection:
        w = api.workspace_id
        person = await contact(connection, w, "u1", email="u1@example.com")
        happened = await event(connection, w, person)
        run = await journey(connection, w, person, workflow)
        sent = await message(connection, w, person, workflow, run)
        await order(connection, w, person, order_id="o-1")
    return {
        "templates": template["id"], "workflows": workflow, "keys": key["id"],
        "contacts": str(person), "events": str(happened), "journeys": str(run),
        "messages": str(sent), "orders": "o-1", "segments": segment["id"],
        "promo-pools": pool["id"],
    }  # fmt: skip


async def test_another_workspaces_ids_lead_nowhere_on_any_route(app, api, stranger, everything):
    tried = 0
    for method, path in operations(app):
        if "{" not in path:
            continue
        tried += 1
        id_ = everything[path.split("/")[2]]
        address = path.replace(path[path.index("{") : path.index("}") + 1], id_)
        address = address.replace("{version}", "1").replace("{block}", "hello")
        address += QUERIES.get(path, "")
        body = BODIES.get((method, path))
        await stranger(method, address, 404, **({"json": body} if body else {}))
    assert tried >= 20
    await stranger("GET", "/v1/contacts/u1", 404)
    await stranger("GET", "/v1/workflows/w", 404)
    preview = {"template": everything["templates"]}
    await stranger("POST", "/v1/templates/preview", 404, json=preview)
    preview = {"template": {"channel": "sms", "text": "x"}, "userId": everything["contacts"]}
    await stranger("POST", "/v1/templates/preview", 404, json=preview)
    assert (await api("GET", "/v1/workflows/w"))["state"] == "active"
    assert (await api("GET", f"/v1/journeys/{everything['journeys']}"))["state"] == "running"


async def test_another_workspaces_lists_hold_nothing_of_it(app, api, stranger, everything):
    for method, path in operations(app):
        if method != "GET" or "{" in path:
            continue
        mine = (await api("GET", path))["data"]
        assert mine, path
        theirs = (await stranger("GET", path))["data"]
        assert not {one["id"] for one in mine} & {one["id"] for one in theirs}, path
    for query in (f"contact={everything['contacts']}", f"workflow={everything['workflows']}"):
        assert (await stranger("GET", f"/v1/journeys?{query}"))["data"] == []
        assert (await stranger("GET", f"/v1/messages?{query}"))["data"] == []
    assert (await stranger("GET", f"/v1/messages?journey={everything['journeys']}"))["data"] == []
    assert (await stranger("GET", f"/v1/events?contact={everything['contacts']}"))["data"] == []


async def test_a_write_key_may_do_nothing_of_this(app, writer, everything):
    for method, path in operations(app):
        id_ = everything[path.split("/")[2]]
        address = path.replace("{version}", "1").replace("{block}", "hello")
        if "{" in path:
            address = address.split("{")[0] + id_ + address.split("}")[1]
        problem = await writer(method, address, 403)
        assert "secret key" in problem["detail"]


async def test_nobody_may_do_anything_without_a_key(app):
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api"
    ) as client:
        for method, path in operations(app):
            answer = await client.request(method, path.replace("{", "").replace("}", ""))
            assert answer.status_code == 401, (method, path)
            assert "www-authenticate" in answer.headers


async def test_a_key_is_shown_once_works_and_is_refused_once_revoked(app, api):
    made = await api("POST", "/v1/keys", 201, json={"kind": "secret", "name": "CI"})
    listed = (await api("GET", "/v1/keys"))["data"]
    assert listed[0]["id"] == made["id"]
    assert "key" not in listed[0]
    assert made["key"].startswith(listed[0]["prefix"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api", auth=(made["key"], "")
    ) as client:
        assert (await client.get("/v1/keys")).status_code == 200
        await api("DELETE", f"/v1/keys/{made['id']}", 204)
        assert (await client.get("/v1/keys")).status_code == 401
    assert (await api("GET", "/v1/keys"))["data"][0]["revoked_at"] is not None
    await api("DELETE", f"/v1/keys/{made['id']}", 404)


@pytest.mark.parametrize(
    "body",
    [{}, {"kind": "root", "name": "x"}, {"kind": "write"}, {"kind": "write", "name": ""},
     {"kind": "write", "name": "\x00"}, {"kind": "write", "name": "x", "hash": "y"}],
)  # fmt: skip
async def test_a_key_that_makes_no_sense_is_refused(api, body):
    await api("POST", "/v1/keys", 422, json=body)
