"""What is refused when a template is saved, and what is not."""

# ruff: noqa: E501  (a template reads better in one line)

from typing import Any

import pytest

from journeys.errors import Issue
from journeys.template_checks import check_template

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("email", {"subject": "Hi", "html": "<p>{{ contact.first_name }}</p>"}),
    ("email", {"subject": "Hi", "text": "x", "html": None}),
    ("email", {"subject": "Hi", "mjml": "<mjml><mj-body></mj-body></mjml>", "text": "x"}),
    ("email", {"subject": "{{ 1 | divided_by: order.items.size }}", "text": "fails without data"}),
    ("push", {"title": "a", "body": "b", "link": "app://x", "data": {"a": "{{ contact.x }}"}}),
    ("in_app", {"body": "b"}),
    ("inbox", {"title": "t", "body": "b"}),
    ("sms", {"text": "t"}),
    ("web_push", {"title": "a", "body": "b"}),
    ("webhook", {"link": "https://x.example", "body": "{}"}),
]


@pytest.mark.parametrize(("channel", "content"), GOOD)
def test_good_templates_have_no_issues(channel: str, content: dict[str, Any]) -> None:
    assert check_template(channel, content) == []


@pytest.mark.parametrize(
    ("channel", "content", "path", "message"),
    [
        ("email", {"text": "x"}, "$.subject", "needs it"),
        ("email", {"subject": "s"}, "$", "needs one of html, mjml, text"),
        ("email", {"subject": "s", "html": "a", "mjml": "<mjml/>"}, "$.mjml", "either html or mjml"),
        ("email", {"subject": "s", "text": "x", "title": "t"}, "$.title", "has only subject, html"),
        ("email", {"subject": 3, "text": "x"}, "$.subject", "is a text"),
        ("email", {"subject": "s" * 3000, "text": "x"}, "$.subject", "at most 2,048 characters"),
        ("email", {"subject": "s", "html": "a" * 300_000}, "$.html", "at most 262,144 characters"),
        ("email", {"subject": "s", "text": "a\nb {{ x"}, "$.text", "line 2: '{{' is never closed"),
        ("email", {"subject": "s", "text": "a\n{% if x %}"}, "$.text", "expected tag endif"),
        ("email", {"subject": "s", "text": "\n\n{{ x | shout }}"}, "$.text", "line 3: there is no filter 'shout'"),
        ("email", {"subject": "s", "text": "{% include 'a' %}"}, "$.text", "unexpected tag 'include'"),
        ("email", {"subject": "s", "text": "{% render 'a' %}"}, "$.text", "unexpected tag 'render'"),
        ("email", {"subject": "s", "text": "{% raw %}"}, "$.text", "never closed by 'endraw'"),
        ("email", {"subject": "s", "text": "{% for i in (1..99999999) %}{% endfor %}"}, "$.text", "range has more"),
        ("email", {"subject": "s", "mjml": "<mjml>\n<mj-body>"}, "$.mjml", "unexpected end of stream"),
        ("email", {"subject": "s", "mjml": "<mjml><mj-body>\n<mj-include path='/etc/passwd'/></mj-body></mjml>"},
         "$.mjml", "mj-include is not available"),
        ("push", {"title": "t"}, "$.body", "needs it"),
        ("push", {"title": "t", "body": "b", "data": {"a": ["{{"]}}, "$.data.a[0]", "never closed"),
        ("push", {"title": "t", "body": "b", "data": [1]}, "$.data", "is an object"),
        ("sms", {}, "$.text", "needs it"),
        ("fax", {"text": "x"}, "$.channel", "is one of email"),
    ],
)  # fmt: skip
def test_a_bad_template_is_refused_with_the_place(
    channel: str, content: dict[str, Any], path: str, message: str
) -> None:
    issues = check_template(channel, content)
    assert [issue.path for issue in issues] == [path]
    assert message in issues[0].message
    assert "\n" not in issues[0].message


def test_all_issues_are_told_at_once() -> None:
    issues = check_template("email", {"subject": "{{", "text": "{% if %}", "body": "x"})
    assert {issue.path for issue in issues} == {"$.subject", "$.text", "$.body"}
    assert all(isinstance(issue, Issue) for issue in issues)
