"""What a contact gets: the parts of a template with that contact's data in them."""

# ruff: noqa: E501  (a template reads better in one line)

import email.policy
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys import rendering
from journeys.rendering import RenderError, render, variables_of
from journeys.templates import RenderedMessage, TemplateData

NOW = "2026-11-23T12:00:00Z"
ANA = TemplateData(
    now=NOW,
    timezone="Europe/Paris",
    contact={"first_name": "Ana", "email": "ana@example.com", "created_at": "2026-07-01T22:30:00Z"},
    event={"plan_id": "p1", "properties": {"plan_id": "p1"}, "tags": ["a", "b"]},
    order={"order_id": "o1", "total": 12.5, "items": [{"sku": "pt-10", "name": "Mat"}]},
    journey={"id": "j1", "workflow": "welcome"},
    workspace={"name": "Gym"},
)
NOBODY = TemplateData(now=NOW)


def mail(data: TemplateData = ANA, **content: Any) -> RenderedMessage:
    return render("email", {"subject": "Hi", "text": "x", **content}, data)


def text(source: str, data: TemplateData = ANA) -> str | None:
    return mail(data, text=source).text


def test_every_kind_of_data_can_be_printed() -> None:
    source = (
        "{{ contact.first_name }} {{ event.plan_id }} {{ order.items[0].sku }}"
        " {{ journey.workflow }} {{ workspace.name }}"
    )
    assert text(source) == "Ana p1 pt-10 welcome Gym"


def test_a_missing_name_falls_back_to_the_default() -> None:
    source = 'Hi {{ contact.first_name | default: "there" }},'
    assert text(source, NOBODY) == "Hi there,"
    assert text(source) == "Hi Ana,"


def test_a_field_that_is_printed_without_a_default_is_reported_as_missing() -> None:
    message = mail(
        NOBODY,
        subject="Hi {{ contact.first_name }},",
        text="{{ event.plan.name | upcase }} {{ contact.city | default: 'x' }}"
        "{% if contact.zip %}{{ contact.zip }}{% endif %}",
    )
    assert message.missing == ("contact.first_name", "event.plan")


def test_data_is_escaped_in_html_and_left_alone_in_text_and_subject() -> None:
    data = TemplateData(now=NOW, contact={"first_name": "<b>O'Hara & co</b>"})
    message = mail(
        data,
        subject="{{ contact.first_name }}",
        text="{{ contact.first_name }}",
        html="<p>{{ contact.first_name }}</p>",
    )
    assert message.subject == message.text == "<b>O'Hara & co</b>"
    assert message.html == "<p>&lt;b&gt;O&#39;Hara &amp; co&lt;/b&gt;</p>"


def test_only_safe_lets_markup_from_data_through() -> None:
    from journeys.liquid_env import HTML

    attack = "<script>x</script>"
    arguments = {"replace": ": 'x', 'y'", "truncate": ": 90", "truncatewords": ": 90",
                 "slice": ": 0, 90", "split": ": ' '", "date": ": '%Y'", "default": ": 'x'"}  # fmt: skip
    one = {"append", "prepend", "remove", "remove_first", "remove_last", "join", "concat", "map",
           "where", "reject", "find", "find_index", "has", "plus", "minus", "times", "modulo",
           "divided_by", "at_least", "at_most", "round"}  # fmt: skip
    two = {"replace_first", "replace_last"}
    tried = 0
    for name in sorted(set(HTML.filters) - {"safe"}):
        given_ = arguments.get(name) or (
            ": 'y'" if name in one else ": 'x', 'y'" if name in two else ""
        )
        data = TemplateData(now=NOW, contact={"bio": attack, "list": [attack]})
        for source in (
            f"{{{{ contact.bio | {name}{given_} }}}}",
            f"{{{{ contact.list | {name}{given_} }}}}",
        ):
            try:
                html = mail(data, html=source).html
            except RenderError:
                continue
            tried += 1
            assert html is not None
            assert "<script" not in html, name
    assert tried > 50
    data = TemplateData(now=NOW, contact={"bio": "<b>x</b>"})
    assert mail(data, html="{{ contact.bio | safe }}").html == "<b>x</b>"


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x00"])
def test_a_line_break_in_data_cannot_add_a_header(breaks: str) -> None:
    data = TemplateData(now=NOW, contact={"first_name": f"Ana{breaks}Bcc: all@example.com"})
    subject = mail(data, subject="Hi {{ contact.first_name }}\n now").subject
    assert subject is not None
    assert len(subject.splitlines()) == 1
    assert subject.replace("AnaBcc", "Ana Bcc") == "Hi Ana Bcc: all@example.com now"


def test_an_instant_is_shown_in_the_zone_of_the_contact() -> None:
    assert text('{{ contact.created_at | date: "%d.%m. %H:%M" }}') == "02.07. 00:30"
    assert text('{{ "now" | date: "%H:%M" }}') == "13:00"
    assert text('{{ now | date: "%Y" }}') == "2026"
    assert text('{{ "2026-12-24" | date: "%d %B" }}') == "24 December"
    assert text('{{ "some day" | date: "%d %B" }}') == "some day"
    assert text('{{ contact.nothing | date: "%d %B" }}') == ""
    assert text("{{ 1782945000 | date: '%H:%M' }}") == "00:30"


def test_an_unknown_zone_is_utc() -> None:
    data = TemplateData(now=NOW, timezone="Mars/Olympus")
    assert text('{{ now | date: "%H:%M" }}', data) == "12:00"


def test_mail_without_text_gets_it_from_its_html() -> None:
    message = render(
        "email",
        {
            "subject": "s",
            "html": "<style>p{}</style><h1>Hi {{ contact.first_name }}</h1><p>Book&nbsp;a"
            ' <a href="https://x.example/?a=1&amp;b=2">class</a><br>now</p>'
            "<ul><li>one</li><li>two</li></ul><script>no()</script><!-- no -->",
        },
        ANA,
    )
    assert message.text == (
        "Hi Ana\n\nBook a class (https://x.example/?a=1&b=2)\nnow\n\n- one\n\n- two"
    )


def test_mjml_may_loop_over_whole_sections() -> None:
    mjml = (
        "<mjml><mj-body>{% for item in order.items %}<mj-section><mj-column>"
        '<mj-text>{{ item.name }} for {{ contact.first_name | default: "you" }}</mj-text>'
        "</mj-column></mj-section>{% endfor %}</mj-body></mjml>"
    )
    message = render("email", {"subject": "s", "mjml": mjml}, ANA)
    assert message.html is not None
    assert message.html.startswith("<!doctype html>")
    assert "Mat for Ana" in message.html
    assert message.text == "Mat for Ana"


def test_mjml_that_data_breaks_fails_with_the_line() -> None:
    mjml = "<mjml>\n<mj-body>\n{{ contact.bio | safe }}</mj-body></mjml>"
    data = TemplateData(now=NOW, contact={"bio": "<mj-text"})
    with pytest.raises(RenderError, match="mjml: line 3: a tag is malformed"):
        render("email", {"subject": "s", "mjml": mjml}, data)


def test_nested_mjml_ends_in_an_error_and_not_in_a_crash() -> None:
    body = "{% for i in (1..9000) %}<div>{% endfor %}"
    mjml = f"<mjml><mj-body><mj-raw>{body}</mj-raw></mj-body></mjml>"
    with pytest.raises(RenderError, match="more than 200 elements"):
        render("email", {"subject": "s", "mjml": mjml}, NOBODY)


def test_push_renders_its_data_too() -> None:
    content = {
        "title": "Hi {{ contact.first_name }}",
        "body": "Go",
        "link": "app://plans/{{ event.plan_id }}",
        "data": {"plan": "{{ event.plan_id }}", "n": 3, "deep": {"list": ["{{ order.order_id }}"]}},
    }
    message = render("push", content, ANA)
    assert message.title == "Hi Ana"
    assert message.link == "app://plans/p1"
    assert message.data == {"plan": "p1", "n": 3, "deep": {"list": ["o1"]}}


def test_a_subject_that_comes_out_empty_fails_the_message() -> None:
    with pytest.raises(RenderError) as caught:
        mail(NOBODY, subject="{{ contact.first_name }}")
    assert caught.value.reason == "subject: empty for this contact"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("\n{{ order.total | divided_by: 0 }}", "text: line 2: divided_by: can't divide by 0"),
        ("{{ 'x' | base64_decode }}", "text: line 1: invalid base64"),
        ("{% assign x = order.items | concat: 1 %}", "text: line 1: "),
    ],
)
def test_a_template_that_cannot_render_says_where_and_why(source: str, reason: str) -> None:
    with pytest.raises(RenderError) as caught:
        mail(text=source)
    assert caught.value.reason.startswith(reason)


def test_the_variables_of_a_template_are_known_before_it_renders() -> None:
    content = {"subject": "{{ contact.x }}", "html": "{% if order.total > 3 %}{% endif %}"}
    assert variables_of("email", content) == {"contact", "order"}
    assert variables_of("push", {"title": "a", "body": "b", "data": {"o": "{{ order.id }}"}}) == {
        "order"
    }
    assert variables_of("email", {"subject": "{% if %}", "text": "order"}) == frozenset()


def test_control_characters_are_dropped() -> None:
    data = TemplateData(now=NOW, contact={"first_name": "A\x00n\x08a\ttab"})
    assert text("{{ contact.first_name }}", data) == "Ana\ttab"


def test_a_small_template_renders_in_less_than_a_millisecond() -> None:
    content = {
        "subject": "Hi {{ contact.first_name | default: 'there' }}",
        "html": "<p>Hello {{ contact.first_name }}, {% if order.total > 10 %}thanks{% endif %}</p>",
    }
    render("email", content, ANA)
    best = min(_timed(content) for _ in range(5))
    assert best < 0.001


def _timed(content: dict[str, str]) -> float:
    started = time.process_time()
    for _ in range(100):
        render("email", content, ANA)
    return (time.process_time() - started) / 100


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
))  # fmt: skip
def test_no_data_breaks_a_rendering_other_than_by_a_render_error(value: object) -> None:
    source = (
        "{{ contact.v }}{{ contact.v | upcase | truncate: 5 }}{{ contact.v.a.b[0] }}"
        "{% for x in contact.v %}{{ x }}{{ forloop.index }}{% endfor %}"
        "{{ contact.v | date: '%Y' }}{{ contact.v | plus: 1 }}{{ contact.v | uniq | join: ',' }}"
        "{% if contact.v contains 'a' %}y{% endif %}{{ contact.v | size }}"
    )
    data = TemplateData(now=NOW, contact={"v": value})
    try:
        message = render("email", {"subject": "s", "html": source, "text": source}, data)
    except RenderError:
        return
    assert message.text is not None
    assert email.policy.SMTP.header_factory("Subject", message.subject or "") is not None


def test_templates_may_be_used_in_many_threads_and_old_ones_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "MAX_CACHED_CHARACTERS", 2000)
    sources = [f"{number} {{{{ contact.first_name }}}}" + "." * 100 for number in range(60)]

    def work(seed: int) -> None:
        for step in range(150):
            number = (seed * 7 + step) % 60
            assert (text(sources[number]) or "").startswith(f"{number} Ana.")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    kept = rendering._kept
    assert kept._characters == sum(len(source) for _, source in kept._kept) <= 2000


def test_an_edited_template_is_rendered_as_edited() -> None:
    assert text("one {{ contact.first_name }}") == "one Ana"
    assert text("two {{ contact.first_name }}") == "two Ana"
