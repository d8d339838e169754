"""SendGrid's v3 mail/send, as documented: what it checks, and what it answers."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.support.providers.speaking import Asked, Provider, Reply, json_reply

KEY = "SG.test-key"
RESERVED = {
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "to", "from", "subject",
    "content-transfer-encoding", "reply-to", "cc", "bcc",
}  # fmt: skip


def errors(status: int, message: str, field: str | None = None, **headers: str) -> Reply:
    return json_reply(
        status, {"errors": [{"message": message, "field": field, "help": None}]}, **headers
    )


class SendGrid(Provider):
    """Takes mails by senders that it knows."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[dict[str, Any]] = []
        self.verified = {"hello@sojourn.example"}

    def reply(self, asked: Asked) -> Reply:  # noqa: PLR0911
        if (asked.method, asked.path) != ("POST", "/v3/mail/send"):
            return errors(404, "not found")
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return errors(401, "The provided authorization grant is invalid, expired, or revoked")
        mail = asked.json()
        if mail["from"]["email"] not in self.verified:
            return errors(
                403, "The from address does not match a verified Sender Identity.", "from"
            )
        for index, to in enumerate(mail["personalizations"][0]["to"]):
            if not to["email"].isascii() or "@" not in to["email"]:
                return errors(
                    400, "Does not contain a valid address.", f"personalizations.0.to.{index}.email"
                )
        if not mail["content"]:
            return errors(400, "Unless a valid template_id is provided, content is required.")
        if not mail["subject"]:
            return errors(400, "The subject is required.", "subject")
        if RESERVED & {name.lower() for name in mail.get("headers", {})}:
            return errors(400, "That header is reserved.", "headers")
        order = [part["type"] for part in mail["content"]]
        if order != sorted(order, key=["text/plain", "text/html"].index):
            return errors(400, "text/plain must be first", "content.0.type")
        self.mails.append(mail)
        return Reply(202, headers={"x-message-id": uuid4().hex[:22]})
