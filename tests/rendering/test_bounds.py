"""Templates are other people's programs: each of these would run for ever, or eat all memory."""

# ruff: noqa: E501  (a template reads better in one line)

import pytest

from journeys import rendering, template_checks
from journeys.rendering import RenderError, render
from journeys.template_checks import check_template
from journeys.templates import TemplateData

DATA = TemplateData(now="2026-11-23T12:00:00Z", contact={"s": "x" * 1000, "n": list(range(3000))})

HOSTILE = {
    "a huge range": "{% for i in (1..999999999999) %}{% endfor %}",
    "a slice of a huge range": "{% for i in (1..999999999999) limit: 1 offset: 99999999999 %}{% endfor %}",
    "a reversed huge range": "{% for i in (1..999999999999) reversed %}{% endfor %}",
    "a huge range in a filter": "{{ (1..999999999999) | join: '' }}",
    "a huge range in a condition": "{% if (1..999999999999) contains 5 %}{% endif %}"
    "{% assign r = (1..999999999999) | reverse %}",
    "a range by data": "{% assign n = '9999999999' %}{% for i in (1..n) %}{% endfor %}",
    "nested loops": "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}",
    "many loops": "{% for i in (1..9000) %}{{ i }}{% endfor %}" * 40,
    "a table": "{% tablerow i in (1..9000) cols:2 %}{% for j in (1..9000) %}{% endfor %}{% endtablerow %}",
    "a doubling text": "{% assign a = 'xxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}",
    "a doubling capture": "{% assign a = 'xxxxxxxx' %}{% for i in (1..60) %}"
    "{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}",
    "a multiplying replace": "{% assign a = contact.s | append: contact.s %}"
    + "{% assign a = a | replace: 'x', contact.s %}" * 3,
    "an empty replace": "{{ contact.s | replace: '', contact.s }}",
    "a multiplying join": "{{ contact.n | join: contact.s }}",
    "a growing number": "{% assign n = 99999999 %}{% for i in (1..60) %}{% assign n = n | times: n %}{% endfor %}",
    "a huge sum": "{{ 1 | times: 1e308 | times: 1e308 | ceil }}",
    "a wide date": "{{ 'now' | date: '%999999999d' | append: '%999999999d' }}"
    "{{ 'now' | date: x }}"
    "{% assign f = contact.s | append: contact.s %}{{ 'now' | date: f }}",
    "much output": "{% for i in (1..9000) %}" + "y" * 200 + "{% endfor %}",
    "many filters": "{{ contact.s" + " | append: contact.s" * 130 + " }}" * 1,
    "many assignments": "{% assign a = 1 %}" * 8000,
    "a list that doubles": "{% assign l = contact.n %}{% for i in (1..30) %}{% assign l = l | concat: l %}{% endfor %}",
    "sorting again and again": "{% for i in (1..9000) %}{% assign l = contact.n | sort_natural | uniq %}{% endfor %}",
}


def outcome(part: str, source: str, data: TemplateData = DATA) -> str:
    """The rendered part, or the reason why there is none."""
    try:
        message = render("email", {"subject": "s", part: source}, data)
    except RenderError as error:
        return f"refused: {error.reason}"
    return message.text or ""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_templates_end_within_their_bounds(name: str) -> None:
    came_out = outcome("text", HOSTILE[name])
    if came_out.startswith("refused: "):
        assert came_out.startswith("refused: text: ")
        assert "\n" not in came_out
    assert len(came_out) < 600_000


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a huge range", "line 1: a range has more than 10,000 numbers"),
        ("nested loops", "loop iteration limit reached"),
        ("many loops", "its loops ran more than 20,000 times"),
        ("a doubling text", "has a text of more than"),
        ("a multiplying join", "would make a text of more than"),
        ("much output", "output stream limit reached"),
        ("sorting again and again", "it took more than 0.3 s of computing"),
    ],
)
def test_the_bound_that_was_met_is_named(name: str, reason: str) -> None:
    with pytest.raises(RenderError, match=reason):
        render("email", {"subject": "s", "text": HOSTILE[name]}, DATA)


SLOW_TO_READ = {
    "unclosed outputs": "{{" * 60_000,
    "unclosed tags": "{% x " * 30_000,
    "unclosed raw": "{% raw %}" * 13_000,
    "unclosed doc": "{% doc %}" * 13_000,
    "blanks": "{{" + " " * 60_000 + "}}",
    "blanks after a name": "{% if x %}{% else" + " " * 60_000 + "%}{% endif %}",
    "many blanks": ("{{ a" + " " * 190 + "}}") * 600,
    "a long tag": "{{ " + "a." * 60_000 + "b }}",
    "deep paths": "{{ " + "a[" * 4000 + "0" + "]" * 4000 + " }}",
    "deep blocks": "{% if a %}" * 5000 + "{% endif %}" * 5000,
    "deep conditions": "{% if " + "a and " * 1500 + "b %}{% endif %}",
    "angle brackets": "<" * 120_000,
    "comments": "<!-" * 40_000,
    "open tags": "<a " * 40_000,
    "quotes": "<a '" * 30_000,
    "entities": "&" * 120_000,
    "styles": "<style " * 17_000,
    "spaces": " " * 120_000 + "<p>" + "\n " * 50_000,
}


@pytest.mark.parametrize("part", ["html", "mjml", "text"])
@pytest.mark.parametrize("name", SLOW_TO_READ)
def test_no_source_keeps_the_reader_busy(name: str, part: str) -> None:
    check_template("email", {"subject": "s", part: SLOW_TO_READ[name]})
    came_out = outcome(part, SLOW_TO_READ[name])
    assert not came_out.startswith("refused: ") or len(came_out) < 500


@pytest.mark.parametrize(
    "filter_", ["strip_html", "squish", "newline_to_br", "escape_once", "uniq"]
)
@pytest.mark.parametrize("unit", ["<", "<!--", "<a '", " ", "&", "<script>", "\r\n"])
def test_filters_end_on_long_texts_of_any_kind(filter_: str, unit: str) -> None:
    data = TemplateData(now="2026-11-23T12:00:00Z", contact={"s": unit * (100_000 // len(unit))})
    came_out = outcome("html", f"{{{{ contact.s | {filter_} }}}}x", data)
    assert not came_out.startswith("refused: ") or "more than" in came_out


def test_all_parts_of_a_message_together_are_bounded_in_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "MAX_MESSAGE", 50_000)
    source = "{% for i in (1..2000) %}0123456789{% endfor %}"
    content = {"title": "t", "body": "b", "data": {"a": source, "b": source, "c": source}}
    with pytest.raises(RenderError, match=r"data\.c: all parts together have more than 50,000"):
        render("push", content, DATA)


def test_all_parts_of_a_message_together_are_bounded_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "MAX_MESSAGE_CPU", -1.0)
    content = {"title": "t", "body": "{% assign x = 1 %}b"}
    with pytest.raises(RenderError, match="of computing"):
        render("push", content, DATA)


def test_checking_many_texts_and_languages_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_checks, "MAX_CHECK_CPU", -1.0)
    data = check_template("push", {"title": "t", "body": "b", "data": {"a": "x"}})
    assert [issue.path for issue in data] == ["$.data.a"]
    variants = check_template("sms", {"text": "t", "locales": {"de": {"text": "x"}}})
    assert [issue.path for issue in variants] == ["$.locales.de"]
    assert "too much computing" in variants[0].message


def test_missing_data_printed_in_a_loop_is_noted_within_bounds() -> None:
    source = "{% for i in (1..9999) %}{{ contact.a }}{% endfor %}x"
    message = render("sms", {"text": source}, DATA)
    assert message.missing == ("contact.a",)
    assert len(message.gaps) == 1
