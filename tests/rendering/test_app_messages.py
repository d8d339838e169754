"""Messages in the app: what a template may say about layout, trigger and buttons, and what not."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.rendering import RenderError, render, variables_of
from journeys.template_checks import check_template
from journeys.templates import TemplateData

FULL: dict[str, Any] = {
    "title": "Hi {{ contact.first_name }}",
    "body": "Try the new plan",
    "image": "https://img.example.com/{{ contact.id }}.png",
    "link": "myapp://plans/{{ event.plan }}",
    "layout": "fullscreen",
    "buttons": [
        {"label": "See {{ event.plan }}", "link": "https://example.com/{{ order.order_id }}"},
        {"label": "Later", "event": "Offer Postponed", "properties": {"days": 3}},
        {"label": "Close"},
    ],
    "trigger": {
        "on": "event",
        "event": "Workout Completed",
        "where": [{"param": "minutes", "op": ">=", "value": 20}],
    },
    "frequency": "PT6H",
    "expires": "P7D",
    "data": {"plan": "{{ event.plan }}"},
}
COMPARED = {"param": "a", "value": {"param": "b"}}
DATA = TemplateData(
    now="2026-11-23T12:00:00Z",
    contact={"first_name": "Ana", "id": "c1"},
    event={"plan": "gold"},
    order={"order_id": "o-1"},
)


def test_a_message_with_everything_may_be_saved_and_names_what_it_reads():
    assert check_template("in_app", FULL) == []
    assert variables_of("in_app", FULL) == {"contact", "event", "order"}


def test_its_texts_and_buttons_are_rendered_and_its_rules_kept():
    message = render("in_app", FULL, DATA)
    assert (message.title, message.link) == ("Hi Ana", "myapp://plans/gold")
    assert message.image == "https://img.example.com/c1.png"
    assert message.data == {"plan": "gold"}
    nothing = {"link": None, "event": None, "properties": {}}
    assert message.display == {
        "layout": "fullscreen",
        "buttons": [
            {**nothing, "label": "See gold", "link": "https://example.com/o-1"},
            {"label": "Later", "link": None, "event": "Offer Postponed", "properties": {"days": 3}},
            {**nothing, "label": "Close"},
        ],
        "trigger": FULL["trigger"],
        "frequency": "PT6H",
        "expires": "P7D",
    }


def test_a_message_of_a_body_alone_is_a_modal_at_the_next_session_once():
    display = render("in_app", {"body": "Hi"}, DATA).display
    assert display == {
        "layout": "modal", "buttons": [], "trigger": {"on": "session_start"},
        "frequency": "once", "expires": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("part", "value", "path"),
    [
        ("layout", "popup", "$.layout"),
        ("buttons", "x", "$.buttons"),
        ("buttons", [{"link": "https://a.example"}], "$.buttons[0].label"),
        ("buttons", [{"label": "a", "link": "app://x", "event": "E"}], "$.buttons[0]"),
        ("buttons", [{"label": "a", "properties": {"a": 1}}], "$.buttons[0]"),
        ("buttons", [{"label": "a", "link": "javascript:alert(1)"}], "$.buttons[0].link"),
        ("buttons", [{"label": "{{ x"}], "$.buttons[0].label"),
        ("buttons", [{"label": "a"}] * 5, "$.buttons"),
        ("trigger", {"on": "full_moon"}, "$.trigger"),
        ("trigger", {"on": "time_in_app"}, "$.trigger.after"),
        ("trigger", {"on": "time_in_app", "after": "P2D"}, "$.trigger.after"),
        ("trigger", {"on": "event"}, "$.trigger.event"),
        ("trigger", {"on": "event", "event": "E", "where": [COMPARED]}, "$.trigger"),
        ("frequency", "daily", "$.frequency"),
        ("frequency", "PT1S", "$.frequency"),
        ("expires", "-P1D", "$.expires"),
        ("expires", "P5Y", "$.expires"),
        ("image", "http://img.example.com/a.png", "$.image"),
        ("image", "data:image/png;base64,AAAA", "$.image"),
        ("link", "javascript:alert(1)", "$.link"),
        ("link", "JavaScript:alert(1)", "$.link"),
        ("link", " java\nscript:alert(1)", "$.link"),
        ("link", "data:text/html,x", "$.link"),
        ("link", "file:///etc/passwd", "$.link"),
        ("link", "//evil.example", "$.link"),
        ("link", "https://", "$.link"),
        ("body", "x" * 10_241, "$.body"),
        ("colour", "red", "$.colour"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_or_is_dangerous_is_refused_with_its_place(part, value, path):
    issues = check_template("in_app", {"body": "Hi", part: value})
    assert path in {i.path for i in issues}


def test_a_message_of_the_inbox_has_no_trigger_and_no_buttons():
    assert (
        check_template("inbox", {"body": "Hi", "expires": "P7D", "image": "https://a.example/i"})
        == []
    )
    for part in ("layout", "buttons", "trigger", "frequency"):
        [issue] = check_template("inbox", {"body": "Hi", part: FULL[part]})
        assert issue.path == f"$.{part}"


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("link", "{{ event.url }}", "link: a link must not begin with javascript:"),
        ("image", "{{ event.url }}", "image: must be an https address"),
        ("buttons", [{"label": "a", "link": "{{ event.url }}"}], "buttons[0].link: a link"),
        ("buttons", [{"label": "{{ event.none }}"}], "buttons[0].label: empty"),
        ("body", "{{ event.long }}", "body: longer than 10,240 characters"),
    ],
)  # fmt: skip
def test_what_becomes_dangerous_for_a_contact_fails_that_message(part, value, reason):
    data = TemplateData(now=DATA.now, event={"url": "javascript:alert(1)", "long": "x" * 11_000})
    content = {"body": "Hi", part: value}
    assert check_template("in_app", content) == []
    with pytest.raises(RenderError) as caught:
        render("in_app", content, data)
    assert caught.value.reason.startswith(reason)
