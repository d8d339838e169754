"""Who may call: keys as Basic user name, Bearer token, or in a browser's body."""

from __future__ import annotations

import base64

import httpx
import pytest

from api.app import create_app
from engine.keys import create_key, revoke_key
from runtime.settings import Settings
from tests.api.ingest.support import serving

TRACK = {"userId": "ada", "event": "X"}


@pytest.fixture
async def keys(database, workspace_id):
    async with database.transaction() as connection:
        write, write_plain = await create_key(connection, workspace_id, "write", "sdk")
        _, secret_plain = await create_key(connection, workspace_id, "secret", "server")
    return write, write_plain, secret_plain


@pytest.fixture
async def client(database):
    app = create_app(Settings(), database=database)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api"
    ) as client:
        yield client


def basic(user: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:".encode()).decode()}


async def test_a_key_works_as_basic_user_name_as_bearer_and_in_the_body(client, keys):
    _, write, _ = keys
    assert (await client.post("/v1/track", json=TRACK, headers=basic(write))).status_code == 200
    assert (
        await client.post("/v1/track", json=TRACK, headers={"Authorization": f"bearer {write}"})
    ).status_code == 200
    assert (await client.post("/v1/track", json={**TRACK, "writeKey": write})).status_code == 200


async def test_the_key_is_shown_once_and_stored_as_a_hash(client, keys, database):
    from sqlalchemy import text

    row, write, secret = keys
    assert write.startswith("sjn_write_")
    assert secret.startswith("sjn_secret_")
    assert len(write) >= len("sjn_write_") + 43
    async with database.transaction() as connection:
        stored = (
            await connection.execute(text("SELECT * FROM api_keys WHERE id = :id"), {"id": row.id})
        ).one()
    assert write.encode() not in repr(stored).encode()
    assert write.startswith(stored.prefix)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": "Basic !!!"}, {"Authorization": "Digest x"},
     {"Authorization": "Bearer"},
     basic("nobody"), {"Authorization": "Bearer sjn_write_nobody"}, basic("\x00")],
)  # fmt: skip
async def test_a_missing_malformed_or_unknown_key_is_a_401(client, headers):
    for path in ("/v1/track", "/v1/contacts", "/v1/devices"):
        answer = await client.post(path, json=TRACK, headers=headers)
        assert answer.status_code == 401
        assert "Basic" in answer.headers["WWW-Authenticate"]
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_write_key_can_only_ingest(client, keys):
    _, write, secret = keys
    for method, path in (
        ("POST", "/v1/contacts"),
        ("POST", "/v1/orders"),
        ("DELETE", "/v1/contacts/ada"),
    ):
        answer = await client.request(method, path, headers=basic(write))
        assert answer.status_code == 403
        assert answer.json()["detail"]
    assert (
        await client.post("/v1/contacts", json={"userId": "ada"}, headers=basic(secret))
    ).status_code == 200


async def test_a_revoked_key_is_refused_at_once(client, keys, database, workspace_id):
    from datetime import UTC, datetime

    row, write, _ = keys
    assert (await client.post("/v1/track", json=TRACK, headers=basic(write))).status_code == 200
    async with database.transaction() as connection:
        assert await revoke_key(connection, workspace_id, row.id, now=datetime.now(UTC))
        assert not await revoke_key(connection, workspace_id, row.id, now=datetime.now(UTC))
    assert (await client.post("/v1/track", json=TRACK, headers=basic(write))).status_code == 401


async def test_the_last_use_of_a_key_is_noted(client, keys, database):
    from sqlalchemy import text

    row, write, _ = keys
    await client.post("/v1/track", json=TRACK, headers=basic(write))
    async with database.transaction() as connection:
        assert (
            await connection.execute(
                text("SELECT last_used_at FROM api_keys WHERE id = :id"), {"id": row.id}
            )
        ).scalar_one()


async def test_browsers_may_ingest_from_any_site_and_do_nothing_else(database, workspace_id):
    async with serving(database, workspace_id) as api:
        origin = {
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        preflight = await api.client.options("/v1/t", headers=origin)
        assert preflight.status_code == 200
        assert preflight.headers["Access-Control-Allow-Origin"] == "*"
        answer = await api.post("/v1/track", TRACK, headers={"Origin": "https://shop.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        refused = await api.post("/v1/track", {}, headers={"Origin": "https://shop.example"})
        assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (400, "*")
        other = await api.post(
            "/v1/contacts", {"userId": "a"}, headers={"Origin": "https://shop.example"}
        )
        assert "Access-Control-Allow-Origin" not in other.headers
        assert (await api.client.options("/v1/track")).status_code == 204


async def test_unknown_addresses_and_methods_are_problems(client):
    for method, path, status in (
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/track", 405),
        ("PUT", "/healthz", 405),
    ):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        )
        assert answer.json()["status"] == status
    assert "POST" in (await client.get("/v1/track")).headers["Allow"]


async def test_health_and_metrics(client, keys):
    _, write, _ = keys
    await client.post("/v1/track", json=TRACK, headers=basic(write))
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.head("/healthz")).status_code == 200
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    metrics = (await client.get("/metrics")).text
    assert 'sojourn_ingested_items_total{outcome="accepted"}' in metrics
    assert 'route="/v1/track"' in metrics


async def test_the_openapi_document_describes_the_calls(client):
    paths = (await client.get("/v1/openapi.json")).json()["paths"]
    assert {"/v1/identify", "/v1/track", "/v1/batch", "/v1/orders", "/v1/devices"} <= paths.keys()
    assert "/v1/t" not in paths
    assert (
        "event"
        in paths["/v1/track"]["post"]["requestBody"]["content"]["application/json"]["schema"][
            "properties"
        ]
    )
