"""A workspace's own mail server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from channels.email_smtp import EmailChannel
from channels.mail_message import Sender
from channels.protocol import Channel
from channels.provider_settings import OneLine, ProviderContext, ProviderSettings

TIMEOUT = 20.0
CONNECTIONS = 8


class SmtpAccount(ProviderSettings):
    """A mail server, and whom the mail is from."""

    DESTINATION: ClassVar[frozenset[str]] = frozenset({"host", "port", "tls"})

    host: OneLine
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls` (usually port 587), `tls` (usually port 465), or `none`: without a password."""
    username: OneLine | None = None
    password: SecretStr | None = None
    sender: OneLine
    """`Name <local@domain>`."""

    @field_validator("sender")
    @classmethod
    def _plain_sender(cls, sender: str) -> str:
        Sender.parse(sender)
        return sender

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        if self.password is not None and self.tls == "none":
            raise ValueError("a password is sent over TLS only: set tls to starttls or tls")
        return self


@dataclass(frozen=True)
class _Server:
    host: str
    port: int
    username: str | None
    password: SecretStr | None
    tls: str
    sender: str
    public_only: bool
    ca_file: str | None = None
    timeout: float = TIMEOUT
    connections: int = CONNECTIONS


def open_smtp(account: SmtpAccount, context: ProviderContext) -> Channel:
    """The channel over this server."""
    return EmailChannel(
        _Server(
            host=account.host,
            port=account.port,
            username=account.username,
            password=account.password,
            tls=account.tls,
            sender=account.sender,
            public_only=not context.private_addresses,
        )
    )
