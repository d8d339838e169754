"""Accounts with providers: kept encrypted, never answered, tested for real."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from api.app import create_app
from runtime.settings import Settings
from storage.encryption import new_key
from tests.channels.servers import mail_server

KEY = new_key()
SENDER = {"host": "mail.example", "sender": "Shop <hello@shop.example>"}
LOGIN = {**SENDER, "username": "shop", "password": "s3cret-pa55word"}


@pytest.fixture
def settings() -> Settings:
    return Settings(encryption_keys=KEY, private_addresses=True)


@pytest.fixture
def app(database, wakeup, settings):
    return create_app(settings, database=database, wakeup=wakeup)


async def stored(database: Any, api: Any) -> list[Any]:
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT * FROM providers WHERE workspace_id = :w ORDER BY kind"),
            {"w": api.workspace_id},
        )
        return list(rows.all())


async def test_a_secret_is_neither_answered_nor_stored_in_the_clear(api, database):
    made = await api("POST", "/v1/providers", 201, json={"kind": "smtp", "settings": LOGIN})
    answers = [made, await api("GET", "/v1/providers"), await api("GET", "/v1/providers/smtp")]
    assert "s3cret" not in str(answers)
    assert made["secrets"] == {"password": True}
    assert made["settings"]["username"] == "shop"
    assert (made["channel"], made["enabled"], made["readable"]) == ("email", True, True)
    [row] = await stored(database, api)
    assert b"s3cret" not in row.secrets
    assert "s3cret" not in str(row.settings)


async def test_a_secret_that_is_left_out_stays_and_null_takes_it_away(api):
    await api("POST", "/v1/providers", 201, json={"kind": "smtp", "settings": LOGIN})
    kept = {**SENDER, "username": "shop"}
    saved = await api("PUT", "/v1/providers/smtp", json={"settings": kept, "rate_per_second": 5})
    assert (saved["secrets"], saved["rate_per_second"]) == ({"password": True}, 5)
    assert saved["revision"] == 2
    bare = {**SENDER, "password": None}
    saved = await api("PUT", f"/v1/providers/{saved['id']}", json={"settings": bare})
    assert saved["secrets"] == {"password": False}


@pytest.mark.parametrize(
    "field", [{"host": "evil.example"}, {"port": 2525}, {"tls": "tls"}], ids=str
)
async def test_an_account_that_leads_elsewhere_needs_its_secrets_anew(api, field):
    await api("POST", "/v1/providers", 201, json={"kind": "smtp", "settings": LOGIN})
    moved = {**SENDER, "username": "shop", **field}
    problem = await api("PUT", "/v1/providers/smtp", 422, json={"settings": moved})
    assert problem["errors"] == [{"path": "$.settings.password", "message": "is needed again"}]
    moved["password"] = "another"
    await api("PUT", "/v1/providers/smtp", json={"settings": moved})


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"kind": "pigeon", "settings": {}}, "$.kind"),
        ({"kind": "smtp", "settings": {"host": "h"}}, "$.settings.sender"),
        ({"kind": "smtp", "settings": {**SENDER, "port": 0}}, "$.settings.port"),
        ({"kind": "smtp", "settings": {**SENDER, "colour": "red"}}, "$.settings.colour"),
        ({"kind": "smtp", "settings": SENDER, "rate_per_second": 0}, "$.rate_per_second"),
    ],
    ids=["kind", "missing", "range", "unknown", "rate"],
)
async def test_what_is_wrong_is_named(api, body, path):
    problem = await api("POST", "/v1/providers", 422, json=body)
    assert path in [issue["path"] for issue in problem["errors"]]


async def test_a_wrong_setting_is_not_repeated_in_the_answer(api):
    wrong = {**SENDER, "username": "shop", "password": ["s3cret"]}
    problem = await api("POST", "/v1/providers", 422, json={"kind": "smtp", "settings": wrong})
    assert "s3cret" not in str(problem)


async def test_a_workspace_has_one_account_of_a_kind(api):
    body = {"kind": "smtp", "settings": SENDER}
    answers = await asyncio.gather(*(api.raw("POST", "/v1/providers", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_nobody_sees_anothers_accounts(api, stranger):
    made = await api("POST", "/v1/providers", 201, json={"kind": "smtp", "settings": SENDER})
    assert (await stranger("GET", "/v1/providers"))["data"] == []
    for ref in (made["id"], "smtp"):
        await stranger("GET", f"/v1/providers/{ref}", 404)
        await stranger("PUT", f"/v1/providers/{ref}", 404, json={"settings": SENDER})
        await stranger("DELETE", f"/v1/providers/{ref}", 404)
        await stranger("POST", f"/v1/providers/{ref}/test", 404, json={"to": "a@b.example"})
    await api("DELETE", "/v1/providers/smtp", 204)
    await api("GET", "/v1/providers/smtp", 404)


@pytest.mark.parametrize("settings", [Settings()], ids=["no-key"])
async def test_without_a_key_nothing_is_stored_and_the_answer_says_how_to_make_one(api, database):
    body = {"kind": "smtp", "settings": LOGIN}
    problem = await api("POST", "/v1/providers", 409, json=body)
    assert "sojourn keys encryption" in problem["detail"]
    assert "SOJOURN_ENCRYPTION_KEYS" in problem["detail"]
    assert await stored(database, api) == []


async def test_an_account_whose_key_is_lost_says_so_and_can_be_mended(api, database):
    await api("POST", "/v1/providers", 201, json={"kind": "smtp", "settings": LOGIN})
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE providers SET secrets = 'x' WHERE workspace_id = :w"),
            {"w": api.workspace_id},
        )
    assert (await api("GET", "/v1/providers/smtp"))["readable"] is False
    kept = {**SENDER, "username": "shop"}
    await api("PUT", "/v1/providers/smtp", 409, json={"settings": kept})
    await api("POST", "/v1/providers/smtp/test", 409, json={"to": "ana@example.com"})
    saved = await api("PUT", "/v1/providers/smtp", json={"settings": LOGIN})
    assert saved["readable"] is True


async def test_a_test_is_really_sent_and_the_providers_words_come_back(api):
    async with mail_server() as box:
        mine = {**SENDER, "host": "127.0.0.1", "port": box.port, "tls": "none"}
        body = {"kind": "smtp", "settings": mine, "enabled": False}
        await api("POST", "/v1/providers", 201, json=body)
        answer = await api("POST", "/v1/providers/smtp/test", json={"to": "ana@example.com"})
        [result] = answer["data"]
        assert (result["to"], result["outcome"]) == ("ana@example.com", "delivered")
        assert box.mails()[0]["From"] == "Shop <hello@shop.example>"
        await api("POST", "/v1/providers/smtp/test", 422, json={"to": "nobody"})
        await api("POST", "/v1/providers/smtp/test", 422, json={"to": "a@b.c", "userId": "u"})
        await api("POST", "/v1/providers/smtp/test", 404, json={"userId": "nobody"})
        port = box.port
    gone = {**mine, "port": port}
    await api("PUT", "/v1/providers/smtp", json={"settings": gone})
    answer = await api("POST", "/v1/providers/smtp/test", json={"to": "ana@example.com"})
    assert answer["data"][0]["outcome"] == "failed"
    assert answer["data"][0]["reason"]


async def test_a_test_goes_to_a_contact_by_user_id(api):
    await api("POST", "/v1/contacts", json={"contacts": [{"userId": "ana", "email": "ana@x.io"}]})
    async with mail_server() as box:
        mine = {**SENDER, "host": "127.0.0.1", "port": box.port, "tls": "none"}
        await api("POST", "/v1/providers", 201, json={"kind": "smtp", "settings": mine})
        answer = await api("POST", "/v1/providers/smtp/test", json={"userId": "ana"})
        assert answer["data"][0]["to"] == "ana@x.io"


async def test_the_kinds_say_what_their_settings_are(api):
    kinds = {kind["kind"]: kind for kind in (await api("GET", "/v1/providers/kinds"))["data"]}
    assert kinds["smtp"]["channel"] == "email"
    assert kinds["smtp"]["secrets"] == ["password"]
    assert "sender" in kinds["smtp"]["settings_schema"]["required"]


async def test_the_settings_name_who_delivers(api):
    await api("POST", "/v1/providers", 201, json={"kind": "smtp", "settings": SENDER})
    channels = {one["channel"]: one for one in (await api("GET", "/v1/settings"))["channels"]}
    assert channels["email"]["provider"] == "smtp"
    assert channels["push"]["delivery"] == "none"
    assert "/v1/providers" in channels["push"]["note"]
