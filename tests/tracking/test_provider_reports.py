"""Reports of providers over HTTP: whom to believe, what follows, and what is taken only once."""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.messages import message_row, sent_message, signs_of
from tests.tracking.conftest import PUBLIC, TOKEN

SIGNING = generate_private_key(SECP256R1())
VERIFICATION = b64encode(
    SIGNING.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


@pytest.fixture
async def sendgrid(account):
    return await account(
        "sendgrid", api_key="SG.x", sender="Shop <a@shop.example>", webhook_public_key=VERIFICATION
    )


@pytest.fixture
async def message(scenario):
    await scenario.publish()
    return await sent_message(scenario)


def event(message, name, **more):
    return {
        "sojourn_message": str(message), "event": name, "sg_event_id": uuid4().hex,
        "email": "ann@example.com", "timestamp": int(datetime.now(UTC).timestamp()), **more,
    }  # fmt: skip


def signed(body, at=None, key=SIGNING):
    timestamp = str(int((at or datetime.now(UTC)).timestamp()))
    signature = key.sign(timestamp.encode() + body, ECDSA(SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        "content-type": "application/json",
    }


async def report(web, account_id, *events, **how):
    body = orjson.dumps(list(events))
    return await web.post(
        f"/v1/hooks/sendgrid/{account_id}", content=body, headers=signed(body, **how)
    )


async def suppressions(scenario):
    rows = await scenario.rows("SELECT reason, address FROM suppressions WHERE workspace_id = :w")
    return [tuple(row) for row in rows]


REPORTED = [
    ("delivered", {"response": "250 OK"}, "delivered", []),
    ("open", {}, "opened", []),
    ("click", {"url": "https://shop.example/"}, "clicked", []),
    ("bounce", {"type": "bounce", "reason": "550 no such user"}, "failed", ["bounce"]),
    ("bounce", {"type": "blocked", "reason": "421 too many"}, "failed", []),
    ("dropped", {"reason": "Bounced Address"}, "failed", ["bounce"]),
    ("dropped", {"reason": "Invalid SMTPAPI header"}, "failed", []),
    ("spamreport", {}, "sent", ["complaint"]),
    ("deferred", {}, "sent", []),
    ("processed", {}, "sent", []),
]


@pytest.mark.parametrize("case", REPORTED, ids=lambda case: f"{case[0]}-{case[2]}-{len(case[3])}")
async def test_what_sendgrid_reports(scenario, web, sendgrid, message, case):
    name, more, state, unwanted = case
    answer = await report(web, sendgrid, event(message, name, **more))
    assert answer.status_code == 200
    assert (await message_row(scenario, message)).state == state
    assert [reason for reason, _ in await suppressions(scenario)] == unwanted


async def test_a_bounce_says_why_and_rules_the_address_out(scenario, web, sendgrid, message):
    await report(web, sendgrid, event(message, "bounce", type="bounce", reason="550 no such user"))
    assert (await message_row(scenario, message)).reason == "SendGrid: 550 no such user"
    assert await suppressions(scenario) == [("bounce", "ann@example.com")]


async def test_a_batch_is_taken_as_a_whole(scenario, web, sendgrid, message):
    other = await sent_message(scenario)
    answer = await report(
        web, sendgrid,
        event(message, "delivered"), event(message, "open"), event(other, "delivered"),
        event(uuid4(), "delivered"), {"event": "delivered", "sg_event_id": "x"}, "nonsense",
    )  # fmt: skip
    assert answer.json() == {"taken": 3, "repeated": 0, "unknown": 1}
    assert (await message_row(scenario, message)).state == "opened"
    assert (await message_row(scenario, other)).state == "delivered"


async def test_an_open_by_a_machine_does_not_count(scenario, web, sendgrid, message):
    await report(web, sendgrid, event(message, "open", sg_machine_open=True))
    assert (await message_row(scenario, message)).state == "sent"
    assert await signs_of(scenario, message) == [("opened", "", "provider", 1)]


async def test_a_request_that_is_played_again_tells_nothing_twice(scenario, web, sendgrid, message):
    body = orjson.dumps([event(message, "open")])
    headers = signed(body)
    path = f"/v1/hooks/sendgrid/{sendgrid}"
    answers = await asyncio.gather(
        *(web.post(path, content=body, headers=headers) for _ in range(8))
    )
    assert sum(answer.json()["taken"] for answer in answers) == 1
    assert sum(answer.json()["repeated"] for answer in answers) == 7
    assert await signs_of(scenario, message) == [("opened", "", "", 1)]


async def test_an_old_request_is_refused_with_the_reason(scenario, web, sendgrid, message):
    for at in (timedelta(hours=-26), timedelta(minutes=10)):
        answer = await report(web, sendgrid, event(message, "open"), at=datetime.now(UTC) + at)
        assert answer.status_code == 403
        assert "was signed at" in answer.json()["detail"]
    assert (await message_row(scenario, message)).state == "sent"


async def test_a_request_that_waited_for_hours_is_taken(web, sendgrid, message):
    """SendGrid goes on for a day while this installation is away."""
    at = datetime.now(UTC) - timedelta(hours=20)
    assert (await report(web, sendgrid, event(message, "open"), at=at)).status_code == 200


@pytest.mark.parametrize("forgery", ["key", "body", "timestamp", "none", "nonsense"])
async def test_a_forged_request_is_refused_with_the_reason(
    scenario, web, sendgrid, message, forgery
):
    body = orjson.dumps([event(message, "open")])
    headers = signed(body, key=generate_private_key(SECP256R1()) if forgery == "key" else SIGNING)
    match forgery:
        case "body":
            body = body.replace(b'"open"', b'"click"')
        case "timestamp":
            headers["X-Twilio-Email-Event-Webhook-Timestamp"] = str(10**9)
        case "none":
            headers = {}
        case "nonsense":
            headers["X-Twilio-Email-Event-Webhook-Signature"] = "\u0021" * 20
    answer = await web.post(f"/v1/hooks/sendgrid/{sendgrid}", content=body, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("The report is refused:")
    assert (await message_row(scenario, message)).state == "sent"


async def test_an_account_without_a_verification_key_believes_nobody(web, account, message):
    open_one = await account("sendgrid", api_key="SG.x", sender="Shop <a@shop.example>")
    answer = await report(web, open_one, event(message, "open"))
    assert answer.status_code == 403
    assert "webhook_public_key" in answer.json()["detail"]


async def test_an_account_reports_of_its_own_workspace_only(scenario, web, sendgrid):
    """The message is somebody else's: its id alone moves nothing."""
    answer = await report(web, sendgrid, event(uuid4(), "bounce", type="bounce"))
    assert answer.json()["unknown"] == 1
    assert await suppressions(scenario) == []


async def test_unknown_accounts_and_bodies_that_are_no_reports(web, sendgrid, twilio):
    for path in (f"sendgrid/{uuid4()}", f"twilio/{sendgrid}", f"smtp/{sendgrid}"):
        assert (await web.post(f"/v1/hooks/{path}", content=b"[]")).status_code == 404
    for body in (b"{", b'{"event": "open"}', b"\xff"):
        answer = await web.post(
            f"/v1/hooks/sendgrid/{sendgrid}", content=body, headers=signed(body)
        )
        assert answer.status_code == 400
    large = await web.post(f"/v1/hooks/sendgrid/{sendgrid}", content=b" " * (3 * 1024**2 + 1))
    assert large.status_code == 413
    assert (await web.post(f"/v1/hooks/twilio/{twilio}", content=b"\xff")).status_code == 400


async def call_back(web, account_id, message_id, *, token=TOKEN, base=PUBLIC, **form):
    path = f"/v1/hooks/twilio/{account_id}?message={message_id}"
    form = {"MessageSid": "SM" + "1" * 32, **form}
    fields = "".join(f"{name}{form[name]}" for name in sorted(form))
    signature = b64encode(hmac.digest(token.encode(), f"{base}{path}{fields}".encode(), "sha1"))
    return await web.post(
        path,
        content=urlencode(form),
        headers={
            "X-Twilio-Signature": signature.decode(),
            "content-type": "application/x-www-form-urlencoded",
        },
    )


TWILIO = [
    ({"MessageStatus": "delivered"}, "delivered", []),
    ({"MessageStatus": "sent"}, "sent", []),
    ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, "failed", []),
    ({"MessageStatus": "undelivered", "ErrorCode": "30006"}, "failed", ["bounce"]),
    ({"MessageStatus": "failed", "ErrorCode": ""}, "failed", []),
]


@pytest.mark.parametrize("case", TWILIO, ids=lambda case: "-".join(case[0].values()))
async def test_what_twilio_reports(scenario, web, twilio, case):
    form, state, unwanted = case
    await scenario.publish()
    message = await sent_message(scenario, channel="sms")
    async with scenario.database.transaction() as connection:
        await connection.exec_driver_sql(
            "UPDATE messages SET \"to\" = '+15005550001' WHERE id = $1", (message,)
        )
    assert (await call_back(web, twilio, message, **form)).status_code == 200
    row = await message_row(scenario, message)
    assert row.state == state
    assert (row.reason or "").startswith("Twilio: ") == (state == "failed")
    assert [reason for reason, _ in await suppressions(scenario)] == unwanted


async def test_a_forged_callback_is_refused(scenario, web, twilio, message):
    for how in ({"token": "other"}, {"base": "https://evil.example"}):
        answer = await call_back(web, twilio, message, MessageStatus="delivered", **how)
        assert answer.status_code == 403
    assert (await message_row(scenario, message)).state == "sent"


async def test_a_callback_signed_with_the_port_is_as_good(web, twilio, message):
    answer = await call_back(web, twilio, message, base=f"{PUBLIC}:443", MessageStatus="delivered")
    assert answer.json() == {"taken": 1, "repeated": 0, "unknown": 0}


async def test_a_callback_that_comes_again_tells_nothing_twice(scenario, web, twilio, message):
    for _ in range(3):
        await call_back(web, twilio, message, MessageStatus="delivered")
    assert await signs_of(scenario, message) == [("delivered", "", "", 1)]


async def test_reports_are_forgotten_when_they_cannot_come_again(scenario, web, sendgrid, message):
    await report(web, sendgrid, event(message, "delivered"))
    async with scenario.database.transaction() as connection:
        await connection.exec_driver_sql(
            "UPDATE provider_reports SET received_at = now() - interval '4 days'"
        )
    await report(web, sendgrid, event(message, "open"))
    rows = await scenario.rows("SELECT 1 FROM provider_reports WHERE workspace_id = :w")
    assert len(rows) == 1
