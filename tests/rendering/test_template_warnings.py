"""What will look wrong to somebody, told to whoever writes the template."""

from typing import Any

import pytest

from journeys.rendering import render
from journeys.template_warnings import holes, unguarded
from journeys.templates import PrintedGap, RenderedMessage, TemplateData

NOBODY = TemplateData(now="2026-11-23T12:00:00Z")


def bare(source: str, **content: Any) -> list[str]:
    found = unguarded("email", {"subject": "s", "text": source, **content})
    return [f"{one.path} {one.message}" for one in found]


def test_a_field_that_is_printed_bare_is_named_with_its_place_and_a_remedy() -> None:
    (warning,) = unguarded("sms", {"text": "Hi\n{{ contact.first_name | capitalize }},"})
    assert warning.path == "$.text"
    assert warning.message == (
        "line 2: contact.first_name prints nothing for a contact without it;"
        ' say what instead: {{ contact.first_name | default: "…" }}'
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ contact.name | default: 'there' }}",
        "{{ contact.name | upcase | default: 'THERE' }}",
        "{% if contact.name %}{{ contact.name }}{% endif %}",
        "{% unless contact.name == blank %}{{ contact.name }}{% endunless %}",
        "{% if event.x %}a{% elsif contact.name != '' %}{{ contact.name }}{% endif %}",
        "{% for i in (1..2) %}{% if contact.name %}{{ contact.name }}{% endif %}{% endfor %}",
        "{{ contact.n | plural: other: '# books' }}",
        "{{ contact.id }} {{ contact.created_at }}",
        "{{ event.plan }} {{ order.total }} {{ now }}",
        "{% raw %}{{ contact.name }}{% endraw %}",
        "{% assign name = contact.name %}{{ name }}",
    ],
)
def test_what_is_guarded_or_always_there_is_not_named(source: str) -> None:
    assert bare(source) == []


def test_a_condition_guards_only_what_it_asks_about() -> None:
    (warning,) = bare("{% if contact.a %}{{ contact.a }}{{ contact.b }}{% endif %}")
    assert "contact.b" in warning


def test_every_part_is_looked_at_and_no_more_warnings_than_can_be_read() -> None:
    content = {"title": "{{ contact.a }}", "body": "b", "data": {"x": ["{{ contact.c.d }}"]}}
    paths = [warning.path for warning in unguarded("push", content)]
    assert paths == ["$.title", "$.data.x[0]"]
    many = "".join(f"{{{{ contact.f{n} }}}}" for n in range(500))
    assert len(bare(many)) == 50
    assert bare("{{ broken") == []


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Hi ,", True),
        ("Hello , how are you?", True),
        ("Thanks for your order of  .", True),
        ("Hi Ana,", False),
        ("Hi there, you", False),
        ("1 , 2", False),
        ("a .5 b", False),
        ("Bonjour Ana !", False),
        ("- ,", False),
    ],
)
def test_a_greeting_without_a_name_is_noticed(written: str, found: bool) -> None:
    assert bool(holes(RenderedMessage(subject=written))) == found
    assert bool(holes(RenderedMessage(html=f"<p>{written}</p>"))) == found


def test_a_hole_is_shown_with_what_is_around_it() -> None:
    (hole,) = holes(RenderedMessage(body="Good morning ,\nyour plan"))
    assert hole.path == "$.body"
    assert "'Good morning , your plan'" in hole.message


def test_missing_data_is_listed_with_every_place_where_it_is_printed() -> None:
    content = {
        "subject": "Hi {{ contact.name }}",
        "html": "<p>\n{{ contact.name }}</p>\n{% for i in (1..3) %}{{ event.x.y }}{% endfor %}",
    }
    message = render("email", content, NOBODY)
    assert message.missing == ("contact.name", "event.x")
    assert message.gaps == (
        PrintedGap("contact.name", "subject", 1),
        PrintedGap("contact.name", "html", 2),
        PrintedGap("event.x", "html", 3),
    )
