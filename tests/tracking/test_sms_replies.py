"""What people answer to an SMS: STOP is obeyed, START lifts it, nobody forges either."""

from __future__ import annotations

import hmac
from base64 import b64encode
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.tracking.conftest import PUBLIC, TOKEN

ANN = "+15005550001"


async def reply(web, account_id, words, *, sid=None, token=TOKEN, **more):
    path = f"/v1/hooks/twilio/{account_id}"
    form = {
        "MessageSid": sid or f"SM{uuid4().hex}", "SmsStatus": "received", "From": ANN,
        "To": "+15005550006", "Body": words, **more,
    }  # fmt: skip
    fields = "".join(f"{name}{form[name]}" for name in sorted(form))
    signature = b64encode(hmac.digest(token.encode(), f"{PUBLIC}{path}{fields}".encode(), "sha1"))
    headers = {
        "X-Twilio-Signature": signature.decode(),
        "content-type": "application/x-www-form-urlencoded",
    }
    return await web.post(path, content=urlencode(form), headers=headers)


async def suppressed(scenario):
    rows = await scenario.rows(
        "SELECT channel, address, reason FROM suppressions WHERE workspace_id = :w"
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("words", ["STOP", " stop. ", "Unsubscribe", "STOPALL", "Quit!"])
async def test_stop_suppresses_the_number_and_is_answered_with_nothing(
    scenario, web, twilio, words
):
    answer = await reply(web, twilio, words)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.endswith("<Response></Response>")
    assert await suppressed(scenario) == [("sms", ANN, "stop")]


@pytest.mark.parametrize("words", ["HELP", "", "please stop by tomorrow", "x" * 5000])
async def test_other_words_change_nothing(scenario, web, twilio, words):
    assert (await reply(web, twilio, words)).status_code == 200
    assert await suppressed(scenario) == []


async def test_words_of_the_accounts_own_are_known_by_what_twilio_makes_of_them(
    scenario, web, twilio
):
    await reply(web, twilio, "ARRET", OptOutType="STOP")
    assert await suppressed(scenario) == [("sms", ANN, "stop")]


async def test_start_lifts_what_stop_did(scenario, web, twilio):
    await reply(web, twilio, "STOP")
    await reply(web, twilio, "Start")
    assert await suppressed(scenario) == []


async def test_start_lifts_nothing_else(scenario, web, twilio):
    await reply(web, twilio, "STOP")
    async with scenario.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE suppressions SET reason = 'manual'")
    await reply(web, twilio, "START")
    assert await suppressed(scenario) == [("sms", ANN, "manual")]


async def test_a_start_that_is_played_again_never_lifts_a_later_stop(scenario, web, twilio):
    await reply(web, twilio, "START", sid="SM1")
    await reply(web, twilio, "STOP", sid="SM2")
    async with scenario.database.transaction() as connection:
        await connection.exec_driver_sql(
            "UPDATE provider_reports SET received_at = received_at - interval '1 year'"
        )
    await reply(web, twilio, "HELP", sid="SM3")
    await reply(web, twilio, "START", sid="SM1")
    assert await suppressed(scenario) == [("sms", ANN, "stop")]


async def test_a_forged_reply_is_refused_with_the_reason(scenario, web, twilio):
    answer = await reply(web, twilio, "STOP", token="other")
    assert answer.status_code == 403
    assert "signature" in answer.json()["detail"]
    assert await suppressed(scenario) == []


@pytest.mark.parametrize("sender", ["whatsapp:+15005550001", "", "12345", "+1\r\n5"])
async def test_a_sender_that_is_no_number_is_passed_over(scenario, web, twilio, sender):
    assert (await reply(web, twilio, "STOP", From=sender)).status_code == 200
    assert await suppressed(scenario) == []
