"""A workspace's own account as a channel: its settings, and a mail server of its own."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from channels.errors import TransientFailure
from channels.protocol import Delivered
from channels.provider_settings import ProviderContext
from channels.providers import PROVIDER_KINDS, kinds_of
from journeys.templates import CHANNEL_PARTS
from tests.channels.contract import outgoing
from tests.channels.servers import mail_server

SMTP = {"host": "mail.example", "sender": "Ana <ana@shop.example>"}


@pytest.mark.parametrize("kind", sorted(PROVIDER_KINDS))
def test_every_kind_delivers_a_channel_and_keeps_something_secret(kind: str) -> None:
    assert PROVIDER_KINDS[kind].channel in CHANNEL_PARTS
    assert kind in kinds_of(PROVIDER_KINDS[kind].channel)
    assert PROVIDER_KINDS[kind].settings.secret_fields()


def test_secrets_are_told_apart_from_what_may_be_seen() -> None:
    account = PROVIDER_KINDS["smtp"].settings.read(
        {**SMTP, "username": "ana", "password": "s3cret"}
    )
    assert "s3cret" not in str(account.open_values())
    assert "s3cret" not in repr(account)
    assert account.open_values()["username"] == "ana"
    assert account.secret_values() == {"password": "s3cret"}


@pytest.mark.parametrize(
    "values",
    [
        {**SMTP, "username": "ana"},
        {**SMTP, "username": "ana", "password": "p", "tls": "none"},
        {**SMTP, "sender": "nobody"},
        {**SMTP, "host": "mail.example\r\nRCPT TO:<all@example.com>"},
        {**SMTP, "port": "25"},
        {**SMTP, "port": 70000},
        {**SMTP, "ca_file": "/etc/passwd"},
        {"sender": "ana@shop.example"},
    ],
    ids=["half-a-login", "password-in-clear", "sender", "host", "text", "port", "file", "missing"],
)
def test_a_wrong_mail_account_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PROVIDER_KINDS["smtp"].settings.read(values)


async def test_a_mail_account_delivers_from_its_own_sender() -> None:
    async with mail_server() as box:
        settings = PROVIDER_KINDS["smtp"].settings.read(
            {**SMTP, "host": "127.0.0.1", "port": box.port, "tls": "none"}
        )
        channel = PROVIDER_KINDS["smtp"].open(settings, ProviderContext(private_addresses=True))
        assert isinstance(await channel.send(outgoing()), Delivered)
        await channel.close()
        assert box.mails()[0]["From"] == "Ana <ana@shop.example>"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_mail_server_in_the_installations_own_network_is_not_talked_to(host: str) -> None:
    async with mail_server() as box:
        settings = PROVIDER_KINDS["smtp"].settings.read(
            {**SMTP, "host": host, "port": box.port, "tls": "none"}
        )
        channel = PROVIDER_KINDS["smtp"].open(settings, ProviderContext())
        with pytest.raises(TransientFailure, match="not a public one"):
            await channel.send(outgoing())
        await channel.close()
        assert box.raw == []


def test_an_account_reads_nothing_from_the_processs_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOJOURN_SMTP_PASSWORD", "the installation's")
    account: Any = PROVIDER_KINDS["smtp"].settings.read(SMTP)
    assert account.password is None
