"""Templates in several languages through the API, and what a preview warns of."""

from __future__ import annotations

import pytest

from tests.api.management.rows import contact

SMS = {
    "channel": "sms",
    "text": "Hi {{ contact.first_name }}, {{ event.price | money: 'EUR' }}",
    "locale": "en",
    "locales": {"de": {"text": "Hallo {{ contact.first_name }}, {{ event.price | money: 'EUR' }}"}},
}


@pytest.fixture
async def ana(api, database):
    async with database.transaction() as connection:
        await contact(connection, api.workspace_id, "u1", locale="de_AT", fields={})


async def test_variants_are_kept_changed_and_removed(api):
    made = await api("POST", "/v1/templates", 201, json={"key": "t", **SMS})
    assert (made["locale"], made["locales"]) == ("en", SMS["locales"])
    assert await api("GET", "/v1/templates/t") == made
    other = {"fr": {"text": "Salut"}}
    changed = await api("PATCH", "/v1/templates/t", json={"locales": other})
    assert (changed["locales"], changed["text"]) == (other, SMS["text"])
    cleared = await api("PATCH", "/v1/templates/t", json={"locales": None, "locale": None})
    assert (cleared["locales"], cleared["locale"]) == (None, None)


@pytest.mark.parametrize(
    ("locales", "path"),
    [
        ({"de": {"text": "{{ open"}}, "$.locales.de.text"),
        ({"de": {"subject": "x"}}, "$.locales.de"),
        ({"german": {"text": "x"}}, "$.locales.german"),
        ({"de": {"colour": "x"}}, "$.locales.de.colour"),
        ({"de": "x"}, "$.locales.de"),
        ({"de": {"text": "nul \x00"}}, "$.locales.de.text"),
        (["de"], "$.locales"),
        (
            {f"a{chr(97 + n % 26)}{chr(97 + n // 26)}": {"text": "x"} for n in range(60)},
            "$.locales",
        ),
    ],
    ids=range(8),
)
async def test_a_wrong_variant_is_refused_where_it_is_wrong(api, locales, path):
    body = {"key": "t", **SMS, "locales": locales}
    problem = await api("POST", "/v1/templates", 422, json=body)
    assert path in [issue["path"] for issue in problem["errors"]]


@pytest.mark.usefixtures("ana")
async def test_a_preview_is_in_the_contacts_language_or_in_the_one_that_is_asked_for(api):
    body = {"template": SMS, "userId": "u1", "event": {"price": 1234.5}}
    shown = await api("POST", "/v1/templates/preview", json=body)
    assert shown["locale"] == "de"
    assert shown["text"] == "Hallo , € 1.234,50".replace("€ ", "€\u00a0")
    english = await api("POST", "/v1/templates/preview", json={**body, "locale": "en-GB"})
    assert (english["locale"], english["text"]) == (None, "Hi , €1,234.50")


@pytest.mark.usefixtures("ana")
async def test_a_preview_lists_missing_data_with_its_places_and_what_looks_wrong(api):
    body = {"template": SMS, "userId": "u1", "locale": "en"}
    shown = await api("POST", "/v1/templates/preview", json=body)
    assert shown["missing"] == ["contact.first_name", "event.price"]
    assert shown["gaps"] == [
        {"path": "contact.first_name", "part": "text", "line": 1},
        {"path": "event.price", "part": "text", "line": 1},
    ]
    words = [(warning["path"], warning["message"]) for warning in shown["warnings"]]
    assert [path for path, _ in words] == ["$.text", "$.text"]
    assert "contact.first_name prints nothing" in words[0][1]
    assert "a blank before ','" in words[1][1]


async def test_a_preview_of_what_is_guarded_warns_of_nothing(api):
    text = "Hi {{ contact.first_name | default: 'there' }}, welcome"
    body = {"template": {"channel": "sms", "text": text}}
    shown = await api("POST", "/v1/templates/preview", json=body)
    assert (shown["warnings"], shown["gaps"], shown["missing"]) == ([], [], [])
