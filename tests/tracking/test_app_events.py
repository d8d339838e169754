"""Events of apps that tell of messages: `Push Opened` and the like, with a `message_id`."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.support.ingesting import send_calls
from tests.support.messages import message_row, sent_message, signs_of


async def tracked(scenario, name, user="ann", **properties):
    call = {"type": "track", "userId": user, "event": name, "properties": properties}
    await send_calls(scenario.database, scenario.workspace_id, call)


@pytest.fixture
async def message(scenario):
    await scenario.publish()
    return await sent_message(scenario, contact_id=await scenario.contact(), channel="push")


@pytest.mark.parametrize(
    ("name", "state"),
    [("Push Received", "delivered"), ("Push Opened", "opened"),
     ("In-App Shown", "opened"), ("In-App Clicked", "clicked"), ("Opened", "sent")],
)  # fmt: skip
async def test_the_event_moves_the_message(scenario, message, name, state):
    await tracked(scenario, name, message_id=str(message))
    assert (await message_row(scenario, message)).state == state


async def test_a_click_may_name_its_link(scenario, message):
    await tracked(scenario, "In-App Clicked", message_id=str(message), link="app://offers")
    assert await signs_of(scenario, message) == [("clicked", "app://offers", "", 1)]


async def test_somebody_elses_message_is_not_moved(scenario, message):
    await scenario.contact("bob")
    await tracked(scenario, "Push Opened", user="bob", message_id=str(message))
    assert (await message_row(scenario, message)).state == "sent"


@pytest.mark.parametrize(
    "value", [None, "", "abc", 7, ["x"], {"a": 1}, str(uuid4()) + "x"],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
async def test_whatever_stands_for_the_id_the_event_is_taken(scenario, message, value):
    await tracked(scenario, "Push Opened", message_id=value)
    rows = await scenario.rows("SELECT name FROM events WHERE workspace_id = :w")
    assert [row.name for row in rows] == ["Push Opened"]


async def test_backfilled_events_tell_nothing(scenario, message):
    call = {"type": "track", "userId": "ann", "event": "Push Opened",
            "properties": {"message_id": str(message)}, "backfill": True}  # fmt: skip
    await send_calls(scenario.database, scenario.workspace_id, call)
    assert (await message_row(scenario, message)).state == "sent"
