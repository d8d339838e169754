"""The workspace's settings, and what the installation can do."""

from __future__ import annotations

import pytest
from sqlalchemy import text


async def test_the_settings_are_told_without_any_credential(api):
    told = await api("GET", "/v1/settings")
    assert (told["name"], told["timezone"], told["paused"]) == ("test", "UTC", False)
    assert told["version"]
    assert told["temporal_ui"] is None
    channels = {one["channel"]: one for one in told["channels"]}
    assert channels["email"]["delivery"] == "provider"
    assert all(one["note"] for one in told["channels"] if one["delivery"] == "none")
    assert "password" not in str(told)


async def test_name_and_zone_are_changed(api, database):
    changed = await api("PATCH", "/v1/settings", json={"name": "Acme", "timezone": "Europe/Kyiv"})
    assert (changed["name"], changed["timezone"]) == ("Acme", "Europe/Kyiv")
    assert await api("GET", "/v1/settings") == changed
    async with database.transaction() as connection:
        revision = await connection.scalar(
            text("SELECT rules_revision FROM workspaces WHERE id = :id"),
            {"id": api.workspace_id},
        )
    assert revision == 1
    renamed = await api("PATCH", "/v1/settings", json={"name": "Other"})
    assert (renamed["name"], renamed["timezone"]) == ("Other", "Europe/Kyiv")


@pytest.mark.parametrize(
    "body",
    [{"timezone": "Nowhere/Land"}, {"timezone": ""}, {"name": ""}, {"colour": 1},
     {"timezone": "contact"}],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(api, body):
    await api("PATCH", "/v1/settings", 422, json=body)
    assert (await api("GET", "/v1/settings"))["timezone"] == "UTC"


async def test_a_write_key_may_not_look(writer):
    await writer("GET", "/v1/settings", 403)
