"""How mail is tracked, as a setting of the workspace and of a template."""

from __future__ import annotations

UTM = {"source": "sojourn", "medium": "email", "campaign": None, "content": None, "term": None}


async def test_the_workspace_says_how_mail_is_tracked(api):
    assert (await api("GET", "/v1/settings"))["tracking"] is None
    wanted = {"opens": False, "utm": {"source": "sojourn"}}
    answer = await api("PATCH", "/v1/settings", json={"tracking": wanted})
    assert answer["tracking"] == {"opens": False, "clicks": None, "text_links": None, "utm": UTM}
    assert (await api("PATCH", "/v1/settings", json={"name": "Shop"}))["tracking"] is not None
    assert (await api("PATCH", "/v1/settings", json={"tracking": None}))["tracking"] is None


async def test_an_installation_without_a_key_says_that_it_cannot_track(api):
    assert (await api("GET", "/v1/settings"))["tracks"] is False


async def test_wrong_settings_are_refused_with_their_place(api):
    for wrong in ({"opened": True}, {"utm": {"medium": "x"}}, {"utm": {"source": "a\nb"}}):
        answer = await api("PATCH", "/v1/settings", 422, json={"tracking": wrong})
        assert "tracking" in answer["errors"][0]["path"]


async def test_a_template_has_its_own_word(api):
    body = {"key": "news", "channel": "email", "subject": "s", "text": "t"}
    made = await api("POST", "/v1/templates", 201, json={**body, "tracking": {"utm": False}})
    assert made["tracking"] == {"utm": False}
    wrong = {**body, "key": "wrong", "tracking": {"utm": {"medium": "x"}}}
    answer = await api("POST", "/v1/templates", 422, json=wrong)
    assert answer["errors"][0]["path"].startswith("$.tracking")
    push = {"key": "push", "channel": "push", "title": "t", "body": "b", "tracking": {}}
    await api("POST", "/v1/templates", 422, json=push)


async def test_what_a_language_says_of_tracking_is_checked_at_its_place(api):
    variant = {"subject": "S", "tracking": {"utm": {"medium": "x"}}}
    body = {"key": "many", "channel": "email", "subject": "s", "text": "t"}
    answer = await api("POST", "/v1/templates", 422, json={**body, "locales": {"de": variant}})
    assert answer["errors"][0]["path"].startswith("$.locales.de.tracking.utm")
