"""Templates: checked when saved, kept while they are needed, previewed as they would be sent."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.management.drawings import EMAIL, definition, published, sending
from tests.api.management.rows import contact, journey, order


async def test_a_template_is_made_read_changed_and_deleted(api):
    made = await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    assert made["subject"] == EMAIL["subject"]
    assert made["html"] is None
    assert await api("GET", "/v1/templates/t") == made
    assert await api("GET", f"/v1/templates/{made['id']}") == made
    patched = await api("PATCH", "/v1/templates/t", json={"html": "<p>Hi</p>", "text": None})
    assert (patched["html"], patched["text"], patched["subject"]) == (
        "<p>Hi</p>",
        None,
        EMAIL["subject"],
    )
    replaced = await api("PUT", "/v1/templates/t", json={"subject": "S", "text": "T"})
    assert (replaced["html"], replaced["text"]) == (None, "T")
    assert replaced["created_at"] == made["created_at"]
    await api("DELETE", "/v1/templates/t", 204)
    await api("GET", "/v1/templates/t", 404)


async def test_put_makes_a_template_under_an_unused_key(api):
    await api("PUT", "/v1/templates/t", 422, json={"subject": "S", "text": "T"})
    await api("PUT", "/v1/templates/t", 201, json=EMAIL)
    await api("PUT", "/v1/templates/t", 200, json=EMAIL)
    await api("PUT", "/v1/templates/t", 422, json={"key": "other", **EMAIL})


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"subject": "{{ open", "text": "x"}, "$.subject"),
        ({"text": "no subject"}, "$.subject"),
        ({"subject": "x", "text": "x", "title": "for push"}, "$.title"),
        ({"subject": "x", "text": "nul \x00"}, "$.text"),
        ({"subject": "x", "mjml": "<mjml><nothing></mjml>"}, "$.mjml"),
        ({"subject": "x", "text": "{% for i in (1..100000000) %}{% endfor %}"}, "$.text"),
        ({"subject": 7, "text": "x"}, "$.subject"),
        ({"subject": "x", "text": "x", "colour": "red"}, "$.colour"),
    ],
)
async def test_a_broken_template_is_refused_where_it_is_broken(api, parts, path):
    body = {"key": "t", "channel": "email", **parts}
    problem = await api("POST", "/v1/templates", 422, json=body)
    assert path in [issue["path"] for issue in problem["errors"]]


async def test_an_unknown_channel_is_refused(api):
    await api("POST", "/v1/templates", 422, json={"key": "t", "channel": "pigeon", "text": "x"})


async def test_the_channel_of_a_template_cannot_be_changed(api):
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    problem = await api("PUT", "/v1/templates/t", 422, json={"channel": "sms", "text": "x"})
    assert problem["errors"][0]["path"] == "$.channel"


async def test_a_key_in_use_is_refused(api):
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    await api("POST", "/v1/templates", 409, json={"key": "t", **EMAIL})


async def test_the_list_filters_by_channel(api):
    await api("POST", "/v1/templates", 201, json={"key": "mail", **EMAIL})
    await api("POST", "/v1/templates", 201, json={"key": "sms", "channel": "sms", "text": "x"})
    listed = await api("GET", "/v1/templates?channel=sms")
    assert [one["key"] for one in listed["data"]] == ["sms"]


OFFERS = [
    {"id": "first", "kind": "first_reachable", "channels": [{"channel": "email", "template": "t"}]}
]


@pytest.mark.parametrize("drawing", [sending("t"), definition(blocks=OFFERS)])
async def test_a_template_that_a_draft_uses_is_not_deleted(api, drawing):
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    await api("PUT", "/v1/workflows/hi", 201, json=drawing)
    problem = await api("DELETE", "/v1/templates/t", 409)
    assert "hi" in problem["detail"]
    await api("DELETE", "/v1/workflows/hi", 204)
    await api("DELETE", "/v1/templates/t", 204)


async def test_a_template_is_kept_for_the_version_and_the_journeys_that_still_use_it(api, database):
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    id_ = await published(api, "hi", sending("t"))
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
        running = await journey(connection, api.workspace_id, person, id_)
    await api("PUT", "/v1/workflows/hi", json=definition())
    await api("DELETE", "/v1/templates/t", 409)  # the running version sends it
    await api("POST", "/v1/workflows/hi/publish")
    await api("DELETE", "/v1/templates/t", 409)  # a journey of the older version sends it
    await api("POST", f"/v1/journeys/{running}/stop")
    await api("DELETE", "/v1/templates/t", 204)


async def test_a_template_and_a_draft_that_names_it_cannot_pass_each_other(api):
    """Whatever the order of a save and a deletion at once, no draft names a missing template."""
    for round_ in range(8):
        await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
        saved, deleted = await asyncio.gather(
            api.raw("PUT", f"/v1/workflows/w{round_}", json=sending("t")),
            api.raw("DELETE", "/v1/templates/t"),
        )
        assert (saved.status_code, deleted.status_code) in {(201, 409), (422, 204)}
        await api.raw("DELETE", f"/v1/workflows/w{round_}")
        await api.raw("DELETE", "/v1/templates/t")


async def test_a_preview_shows_a_stored_template_for_a_contact_and_an_event(api, database):
    async with database.transaction() as connection:
        person = await contact(
            connection, api.workspace_id, "u1", email="ada@example.com",
            fields={"first_name": "Ada"},
        )  # fmt: skip
        await order(connection, api.workspace_id, person, order_id="o-1", total=12.5)
    text = "{{ contact.email }} {{ event.plan }} {{ order.order_id }} {{ contact.shoe_size }}"
    parts = {"channel": "email", "subject": "Hi {{ contact.first_name }}", "text": text}
    await api("POST", "/v1/templates", 201, json={"key": "t", **parts})
    body = {"template": "t", "userId": "u1", "event": {"plan": "gold"}}
    shown = await api("POST", "/v1/templates/preview", json=body)
    assert shown["subject"] == "Hi Ada"
    assert shown["text"] == "ada@example.com gold o-1 "
    assert shown["missing"] == ["contact.shoe_size"]
    given = await api("POST", "/v1/templates/preview", json={**body, "template": parts})
    assert given == shown
    by_id = await api("POST", "/v1/templates/preview", json={**body, "userId": str(person)})
    assert by_id == shown


async def test_a_preview_without_a_contact_has_an_empty_one(api):
    body = {"template": {"channel": "sms", "text": "Hi {{ contact.id | default: 'there' }}"}}
    shown = await api("POST", "/v1/templates/preview", json=body)
    assert shown["text"] == "Hi there"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"template": "unknown"}, 404),
        ({"template": {"channel": "sms", "text": "x"}, "userId": "nobody"}, 404),
        ({"template": {"channel": "sms"}}, 422),
        ({"template": {"channel": "sms", "text": "{{ contact.name }}"}}, 422),
        ({"template": {"channel": "sms", "text": "{% endless"}}, 422),
        ({"template": 7}, 422),
        ({}, 422),
        ({"template": {"channel": "sms", "text": "x"}, "event": []}, 422),
        ({"template": {"channel": "sms", "text": "x"}, "event": {"a": "\x00"}}, 422),
    ],
)
async def test_a_preview_says_why_there_is_none(api, body, status):
    problem = await api("POST", "/v1/templates/preview", status, json=body)
    assert problem["detail"]
