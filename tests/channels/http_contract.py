"""What every channel over HTTP keeps to besides: troubles of a provider, on a real connection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from channels.errors import TransientFailure
from channels.protocol import Channel, Delivered, Rejected
from tests.channels.contract import ChannelContract
from tests.support.providers.speaking import Provider, Reply


class HttpChannelContract(ChannelContract):
    """More fixtures to provide: `provider`, what `channel` calls; `impatient`, over it in 0.2 s."""

    async def test_a_busy_provider_says_when_to_come_again(
        self, channel: Channel, provider: Provider
    ) -> None:
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
        for written, least, most in (("7", 7, 7), (later, 60, 100), ("9999999", 3600, 3600)):
            provider.first = [Reply(429, b"slow down", {"retry-after": written})]
            with pytest.raises(TransientFailure) as caught:
                await channel.send(self.message())
            assert caught.value.retry_after is not None
            assert least <= caught.value.retry_after <= most
            assert not caught.value.ambiguous

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    async def test_a_provider_in_trouble_is_tried_again(
        self, channel: Channel, provider: Provider, status: int
    ) -> None:
        provider.first = [Reply(status, b"<html>oops</html>")]
        message = self.message()
        with pytest.raises(TransientFailure):
            await channel.send(message)
        assert isinstance(await channel.send(message), Delivered)
        assert await self.arrived(message) == 1

    async def test_an_account_that_is_refused_waits_to_be_repaired(
        self, channel: Channel, provider: Provider
    ) -> None:
        for status in (401, 403):
            provider.first = [Reply(status, b"expired")]
            with pytest.raises(TransientFailure) as caught:
                await channel.send(self.message())
            assert caught.value.retry_after

    async def test_a_redirect_is_not_followed(self, channel: Channel, provider: Provider) -> None:
        before = len(provider.asked)
        provider.first = [Reply(307, b"", {"location": "/elsewhere"})]
        with pytest.raises(TransientFailure):
            await channel.send(self.message())
        assert len(provider.asked) == before + 1

    @pytest.mark.parametrize(
        "body", [b"", b"null", b"[]", b'{"errors": 7}', b'{"errors": [7]}', b'{"code": []}',
                 b"\xff\xfe\x00", b"x" * 200_000],
        ids=["empty", "null", "list", "number", "numbers", "odd-code", "binary", "long"],
    )  # fmt: skip
    async def test_a_malformed_refusal_is_a_refusal(
        self, channel: Channel, provider: Provider, body: bytes
    ) -> None:
        provider.first = [Reply(400, body)]
        result = await channel.send(self.message())
        assert isinstance(result, Rejected)
        assert len(result.reason) < 500
        assert not result.bad_address

    @pytest.mark.parametrize("body", [b"", b"null", b"{", b'{"sid": 7}'])
    async def test_a_malformed_success_is_a_success(
        self, channel: Channel, provider: Provider, body: bytes
    ) -> None:
        provider.first = [Reply(200, body)]
        result = await channel.send(self.message())
        assert isinstance(result, Delivered)
        assert result.provider_id

    async def test_a_silent_provider_may_have_taken_the_message(
        self, impatient: Channel, provider: Provider
    ) -> None:
        provider.silent = True
        with pytest.raises(TransientFailure) as caught:
            await impatient.send(self.message())
        assert caught.value.ambiguous
