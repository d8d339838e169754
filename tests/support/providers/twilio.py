"""Twilio's Messages resource, as documented: what it checks, and what it answers."""

from __future__ import annotations

import base64
import re
from uuid import uuid4

from tests.support.providers.speaking import Asked, Provider, Reply, json_reply

ACCOUNT = "AC" + "1" * 32
TOKEN = "auth-token"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def error(status: int, code: int, message: str, **headers: str) -> Reply:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return json_reply(
        status, {"code": code, "message": message, "more_info": more, "status": status}, **headers
    )


class Twilio(Provider):
    """Takes SMS; some numbers have opted out, some are landlines."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, str]] = []
        self.logins = {ACCOUNT: TOKEN}
        self.opted_out: set[str] = set()
        self.landlines: set[str] = set()

    def reply(self, asked: Asked) -> Reply:  # noqa: PLR0911
        login = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
        user, _, password = login.partition(":")
        if self.logins.get(user) != password:
            return error(401, 20003, "Authenticate")
        if asked.path != PATH:
            return error(404, 20404, "The requested resource was not found")
        form = asked.form()
        if not form.get("Body"):
            return error(400, 21602, "Message body is required.")
        if len(form["Body"]) > 1600:
            return error(400, 21617, "The concatenated message body exceeds the 1600 limit.")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", form.get("To", "")):
            return error(400, 21211, f"Invalid 'To' Phone Number: {form.get('To')}")
        if form["To"] in self.opted_out:
            return error(400, 21610, "Attempt to send to unsubscribed recipient")
        if form["To"] in self.landlines:
            return error(400, 21614, f"'To' number is not a valid mobile number: {form['To']}")
        if not (form.get("From") or form.get("MessagingServiceSid")):
            return error(400, 21603, "A 'From' phone number is required.")
        self.sent.append(form)
        return json_reply(201, {"sid": f"SM{uuid4().hex}", "status": "queued", "to": form["To"]})
