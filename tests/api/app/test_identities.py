"""Who may ask for whose messages: keys, workspaces, and verified identities."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from engine.app_messages.identity import proof
from tests.api.app.conftest import App, client, key_of
from tests.support.app_messages import AppPeople
from tests.support.leaving import drop_workspace

SETTINGS = "/v1/settings/verified-identities"


@pytest.fixture
async def secret(server: App) -> str:
    """The workspace's identity secret; identities are verified."""
    made = await server("POST", f"{SETTINGS}/secret", 201)
    await server("PATCH", SETTINGS, json={"required": True})
    found: str = made["secret"]
    return found


async def test_identities_are_not_verified_unless_the_workspace_says_so(server: App, app: App):
    assert await server("GET", SETTINGS) == {"required": False, "secret_created_at": None}
    await app("GET", "/v1/in-app?userId=ann")
    await server("PATCH", SETTINGS, 422, json={"required": True})
    made = await server("POST", f"{SETTINGS}/secret", 201)
    assert made["secret"].startswith("sjn_identity_")
    shown = await server("GET", SETTINGS)
    assert shown == {"required": False, "secret_created_at": made["created_at"]}
    await app("GET", "/v1/in-app?userId=ann")
    await server("PATCH", SETTINGS, json={"required": True})
    await app("GET", "/v1/in-app?userId=ann", 403)
    await server("PATCH", SETTINGS, json={"required": False})
    await app("GET", "/v1/in-app?userId=ann")


async def test_the_proof_is_the_hmac_that_any_backend_can_compute(secret: str):
    expected = hmac.new(secret.encode(), b"ann", hashlib.sha256).hexdigest()
    assert proof(secret, "ann") == expected


async def test_without_the_proof_nothing_is_told_and_nothing_is_done(app: App, people, secret):
    contact = await people.contact()
    message, listed = await people.told(contact), await people.told(contact, "inbox")
    wrong = [None, "", "x", proof(secret, "bob"), proof("other", "ann"), "é" * 64]
    for user_hash in wrong:
        given = {"userId": "ann"} | ({"userHash": user_hash} if user_hash is not None else {})
        for path in ("/v1/in-app", "/v1/in-app/stream", "/v1/app-inbox"):
            await app("GET", path, 403, params=given)
        await app.tells(message, "seen", 403, **given)
        await app.does(listed, "delete", 403, **given)
        await app("POST", "/v1/app-inbox/read-all", 403, json=given)
    assert (await people.message(message)).seen_at is None
    assert (await people.message(listed)).gone_at is None


async def test_with_the_proof_everything_goes_as_before(app: App, people, secret):
    contact = await people.contact()
    message, listed = await people.told(contact), await people.told(contact, "inbox")
    user_hash = proof(secret, "ann")
    assert len(await app.listed(userHash=user_hash.upper())) == 1
    await app.tells(message, "seen", userHash=user_hash)
    await app.does(listed, "read", userHash=user_hash)


async def test_a_proof_that_is_given_must_be_right_even_where_none_is_needed(app, server, secret):
    await server("PATCH", SETTINGS, json={"required": False})
    await app("GET", "/v1/in-app", 403, params={"userId": "ann", "userHash": "0" * 64})
    await app("GET", "/v1/in-app", params={"userId": "ann", "userHash": proof(secret, "ann")})


async def test_a_new_secret_ends_what_the_old_one_proved(app: App, server: App, secret):
    made = await server("POST", f"{SETTINGS}/secret", 201)
    assert (await server("GET", SETTINGS))["required"]
    await app("GET", "/v1/in-app", 403, params={"userId": "a", "userHash": proof(secret, "a")})
    right = proof(made["secret"], "a")
    await app("GET", "/v1/in-app", params={"userId": "a", "userHash": right})


async def test_an_anonymous_id_proves_itself_until_its_user_is_known(app: App, people, secret):
    await app("POST", "/v1/identify", json={"anonymousId": "phone-1"})
    await app("GET", "/v1/in-app?anonymousId=phone-1")
    await app("POST", "/v1/identify", json={"anonymousId": "phone-1", "userId": "ann"})
    await app("GET", "/v1/in-app?anonymousId=phone-1", 403)


async def test_nobody_comes_to_a_users_messages_by_tying_an_id_to_them(app, people, secret):
    await people.told(await people.contact())
    await app("POST", "/v1/identify", json={"anonymousId": "mine", "userId": "ann"})
    await app("GET", "/v1/in-app?anonymousId=mine", 403)
    await app("POST", "/v1/alias", json={"previousId": "mine", "userId": "ann"})
    await app("GET", "/v1/in-app?anonymousId=mine", 403)
    await app("POST", "/v1/alias", json={"previousId": "ann", "userId": "evil"})
    for user in ("ann", "evil"):
        await app("GET", "/v1/in-app", 403, params={"userId": user})


async def test_the_backend_needs_no_proof(server: App, people, secret):
    message = await people.told(await people.contact())
    assert len(await server.listed()) == 1
    await server.tells(message, "seen")


async def test_an_app_may_not_change_what_is_verified(app: App, secret):
    await app("GET", SETTINGS, 403)
    await app("PATCH", SETTINGS, 403, json={"required": False})
    await app("POST", f"{SETTINGS}/secret", 403)


def operations(service) -> list[tuple[str, str]]:
    found = [
        (method.upper(), path)
        for path, item in service.openapi()["paths"].items()
        for method in item
        if path.startswith(("/v1/in-app", "/v1/app-inbox"))
    ]
    assert len(found) >= 6
    return found


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
async def test_on_no_route_does_another_workspace_or_nobody_come_to_a_message(
    service, database, people, app
):
    contact = await people.contact()
    messages = {
        "in-app": await people.told(contact),
        "app-inbox": await people.told(contact, "inbox"),
    }
    deeds = {"in-app": ["seen", "clicked", "dismissed"], "app-inbox": ["read", "delete"]}
    other = await new_workspace(database)
    stranger = AppPeople(database, other)
    await stranger.contact()
    async with (
        client(service, await key_of(stranger)) as theirs,
        client(service, None) as nobodys,
        client(service, "sjn_write_unknown") as unknown,
    ):
        for method, path in operations(service):
            root = path.split("/")[2]
            for deed in deeds[root]:
                address = path.replace("{message_id}", str(messages[root])).replace("{deed}", deed)
                if path.endswith("/stream"):
                    continue
                options = (
                    {"params": {"userId": "ann"}}
                    if method == "GET"
                    else {"json": {"userId": "ann"}}
                )
                answer = await theirs.request(method, address, **options)
                if "{" in path:
                    assert answer.status_code == 404, (method, path)
                elif method == "GET":
                    assert answer.json()["data"] == []
                else:
                    assert answer.json()["read"] == 0
                for http in (nobodys, unknown):
                    answer = await http.request(method, address, **options)
                    assert answer.status_code == 401, (method, path)
    assert (await people.message(messages["in-app"])).seen_at is None
    assert (await people.message(messages["app-inbox"])).gone_at is None
    await drop_workspace(database, other)


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
def test_every_route_is_described_with_its_answers(service):
    document = service.openapi()
    for method, path in operations(service):
        operation = document["paths"][path][method.lower()]
        assert operation["summary"]
        assert operation["description"]
        assert {"401", "403", "422", "429", "503"} <= set(operation["responses"])
        if method == "POST":
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert "userId" in schema["properties"]


async def new_workspace(database):
    from uuid import uuid4

    from sqlalchemy import insert

    from storage.tables import Workspace

    id_ = uuid4()
    async with database.transaction() as connection:
        await connection.execute(
            insert(Workspace).values(
                id=id_, name="other", timezone="UTC", paused=False, rules_revision=0
            )
        )
    return id_
