"""Mail carries the way out: headers for mail programs, addresses for templates."""

from __future__ import annotations

import pytest

from channels.pool import ChannelPool
from channels.protocol import OutgoingMessage, Recipient, Rejected, Unreachable
from channels.provider_settings import ProviderContext
from engine.consent.links import find_follower
from engine.sending import deliver
from tests.sending.conftest import NOW, Post
from tests.sending.test_consent import rows

PUBLIC = "https://sojourn.example.com"
CONTENT = {"subject": "Hi", "text": "Leave: {{ unsubscribe_url }} Choose: {{ preferences_url }}"}


async def send(post: Post) -> str:
    context = ProviderContext(public_url=PUBLIC)
    pool = ChannelPool(post.channels, caught=post.channels, context=context)
    return await deliver(post.database, pool, post.message_id, now=NOW)


async def test_mail_says_how_to_unsubscribe_by_one_click(post: Post) -> None:
    """RFC 8058: both headers, the address within `<>` on one line."""
    await post.create(content=CONTENT)
    assert await send(post) == "sent"
    (mail,) = post.box.mails()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"]
    assert address.startswith(f"<{PUBLIC}/unsubscribe/")
    assert address.endswith(">")
    text = mail.get_content()
    assert f"Leave: {address.strip('<>')} " in text
    assert f"Choose: {PUBLIC}/preferences/" in text
    token = address.rstrip(">").rpartition("/")[2]
    async with post.database.transaction() as connection:
        follower = await find_follower(connection, token)
    assert follower is not None
    assert (follower.contact_id, follower.channel) == (post.contact_id, "email")


async def test_transactional_mail_has_no_such_headers(post: Post) -> None:
    await post.create(content=CONTENT, block={"transactional": True})
    assert await send(post) == "sent"
    (mail,) = post.box.mails()
    assert mail["List-Unsubscribe"] is None
    assert "/preferences/" in mail.get_content()


async def test_without_a_public_address_there_are_no_links(post: Post) -> None:
    await post.create()
    assert await post.deliver() == "sent"
    (mail,) = post.box.mails()
    assert mail["List-Unsubscribe"] is None


@pytest.mark.parametrize("change", ["first", "last", "short", "long", "other"])
async def test_a_token_that_was_tampered_with_is_nobodys(post: Post, change: str) -> None:
    await post.create(content=CONTENT)
    await send(post)
    (mail,) = post.box.mails()
    token = mail["List-Unsubscribe"].rstrip(">").rpartition("/")[2]
    other = "B" if token[0] == "A" else "A"
    tampered = {
        "first": other + token[1:],
        "last": token[:-2] + ("AA" if token[-2:] != "AA" else "BA"),
        "short": token[:-1],
        "long": token + "A",
        "other": "ü" * len(token),
    }[change]
    async with post.database.transaction() as connection:
        assert await find_follower(connection, token) is not None
        assert await find_follower(connection, tampered) is None


class NoSuchMailbox:
    """A provider that says that nothing will ever arrive there."""

    def address(self, recipient: Recipient) -> str | Unreachable:
        return recipient.email or Unreachable("no email")

    async def send(self, _: OutgoingMessage) -> Rejected:
        return Rejected("RCPT refused: 550 5.1.1 no such user", bad_address=True)

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("test_to", [None, "me@example.com"], ids=["contact", "test"])
async def test_an_address_that_does_not_exist_is_suppressed(
    post: Post, test_to: str | None
) -> None:
    await post.create()
    await post.run("UPDATE journeys SET test_to = :to WHERE id = :journey", to=test_to)
    channels = {"email": NoSuchMailbox()}
    assert await deliver(post.database, channels, post.message_id, now=NOW) == "failed"
    found = await rows(
        post, "SELECT address, reason, message_id FROM suppressions WHERE workspace_id = :w",
        w=post.workspace_id,
    )  # fmt: skip
    expected = [("ana@example.com", "bounce", post.message_id)] if test_to is None else []
    assert found == expected
