"""A workflow is published when all its messages can leave; it can be drawn before."""

from __future__ import annotations

from typing import Any

import pytest

from api.app import create_app
from channels.registry import close_channels, open_channels, undeliverable
from journeys.deliverable import undeliverable_issues
from journeys.parsing import parse_definition
from journeys.templates import CHANNEL_PARTS
from runtime.settings import Settings
from runtime.stack import CAUGHT_CHANNELS
from tests.api.management.drawings import EMAIL, definition

PUSH = {"key": "lets-go", "channel": "push", "title": "Go", "body": "Now"}
BLOCKS = [
    {"id": "mail", "kind": "message", "channel": "email", "template": "hello", "next": "push"},
    {"id": "push", "kind": "message", "channel": "push", "template": "lets-go"},
]


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def app(database, wakeup, settings):
    return create_app(settings, database=database, wakeup=wakeup)


async def drawn(api: Any) -> None:
    await api("POST", "/v1/templates", 201, json={"key": "hello", **EMAIL})
    await api("POST", "/v1/templates", 201, json=PUSH)
    await api("PUT", "/v1/workflows/hi", 201, json=definition(blocks=BLOCKS))


async def test_a_channel_that_nothing_delivers_is_refused_when_it_is_published(api):
    await drawn(api)
    problem = await api("POST", "/v1/workflows/hi/publish", 422)
    [issue] = problem["errors"]
    assert issue["path"] == "$.blocks[1].channel"
    assert "push" in issue["message"]
    assert "SOJOURN_INBOX_CHANNELS" in issue["message"]
    assert (await api("GET", "/v1/workflows/hi"))["state"] == "draft"


@pytest.mark.parametrize("settings", [Settings(inbox_channels=["push"])], ids=["caught"])
async def test_a_channel_that_the_local_inbox_catches_is_published(api):
    await drawn(api)
    assert (await api("POST", "/v1/workflows/hi/publish"))["version"] == 1


@pytest.mark.parametrize("caught", [[], ["push", "sms"], CAUGHT_CHANNELS], ids=len)
async def test_what_is_refused_is_what_no_worker_opens(database, caught):
    settings = Settings(inbox_channels=caught)
    channels = open_channels(settings, database)
    assert channels.keys() == CHANNEL_PARTS.keys() - undeliverable(settings).keys()
    await close_channels(channels)


def test_dev_delivers_every_channel_that_exists():
    assert undeliverable(Settings(inbox_channels=CAUGHT_CHANNELS)) == {}


def test_every_kind_of_block_that_sends_is_looked_at():
    blocks = [
        {"id": "a", "kind": "first_reachable", "next": "b", "channels": [
            {"channel": "email", "template": "t"}, {"channel": "sms", "template": "t"}]},
        {"id": "b", "kind": "best_of", "channel": "sms", "templates": ["t"]},
    ]  # fmt: skip
    parsed = parse_definition(definition(blocks=blocks))
    found = undeliverable_issues(parsed, {"sms": "set this"})
    assert [issue.path for issue in found] == [
        "$.blocks[0].channels[1].channel",
        "$.blocks[1].channel",
    ]
    assert found[0].message == "nothing delivers the channel 'sms': set this"
