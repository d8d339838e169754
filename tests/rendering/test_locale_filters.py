"""Money, numbers, plurals, dates and times as people of a language write them."""

from dataclasses import replace
from typing import Any

import pytest

from journeys.rendering import RenderError, render
from journeys.template_checks import check_template
from journeys.templates import TemplateData

DATA = TemplateData(
    now="2026-11-23T12:00:00Z",
    timezone="Europe/Berlin",
    contact={"born": "1990-03-05", "odd": "n/a", "huge": "9" * 400, "exp": "1e999999"},
    event={"at": "2026-03-05T22:30:00Z", "n": 3, "price": "1234.5", "currency": "USD"},
    order={"total": 1234.5, "currency": "EUR", "zero": 0},
)


def text(source: str, contact: str | None = None, **content: Any) -> str:
    """What is written for a contact with this locale."""
    given = {"subject": "s", "text": source, **content}
    written = render("email", given, replace(DATA, locale=contact)).text or ""
    return written.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("source", "locale", "written"),
    [
        ("{{ order.total | money }}", "de-DE", "1.234,50 €"),
        ("{{ order.total | money }}", "en-US", "€1,234.50"),
        ("{{ order.total | money }}", "fr", "1 234,50 €"),
        ("{{ order.total | money }}", None, "€1,234.50"),
        ("{{ order.total | money: 'JPY' }}", "ja", "￥1,234"),
        ("{{ event.price | money: event.currency }}", "en", "$1,234.50"),
        ("{{ order.zero | money: 'usd' }}", "en", "$0.00"),
        ("{{ order.total | money: 'nonsense' }}", "en", "1,234.5"),
        ("{{ contact.odd | money }}", "en", "n/a"),
        ("{{ contact.huge | money }}", "en", "9" * 400),
        ("{{ contact.exp | money }}", "en", "1e999999"),
        ("{{ contact.none | money }}", "en", ""),
        ("{{ true | money }}", "en", "true"),
        ("{{ order.total | number }}", "de", "1.234,5"),
        ("{{ order.total | number: 2 }}", "hi", "1,234.50"),
        ("{{ order.total | number: 0 }}", "de", "1.234"),
        ("{{ order.total | number: 'x' }}", "de", "1.234,5"),
        ("{{ order.total | number: 99999 }}", "de", "1.234,5"),
    ],
)
def test_numbers_are_written_as_in_the_language(
    source: str, locale: str | None, written: str
) -> None:
    assert text(source, locale) == written


FORMS = "one: '# книга', few: '# книги', many: '# книг', other: '# книги'"


@pytest.mark.parametrize(
    ("number", "written"),
    [("0", "0 книг"), ("1", "1 книга"), ("2", "2 книги"), ("5", "5 книг"), ("21", "21 книга"),
     ("1000", "1 000 книг"), ("1.5", "1,5 книги"), ("'3'", "3 книги")],
)  # fmt: skip
def test_plurals_follow_the_rules_of_the_language(number: str, written: str) -> None:
    assert text(f"{{{{ {number} | plural: {FORMS} }}}}", "ru") == written


def test_a_plural_of_nothing_is_that_of_zero() -> None:
    forms = "one: '# item', other: '# items'"
    assert text(f"{{{{ contact.none | plural: {forms} }}}}", "en") == "0 items"
    assert text(f"{{{{ contact.odd | plural: {forms} }}}}", "en") == "0 items"
    assert text("{{ 1 | plural: other: '#' }}", "en") == "1"


def test_a_plural_without_its_other_form_fails_the_message() -> None:
    for forms in ("one: 'x'", "other: 'x', several: 'y'"):
        with pytest.raises(RenderError, match="plural: takes zero, one"):
            text(f"{{{{ 1 | plural: {forms} }}}}")


def test_plurals_are_of_the_texts_language_and_not_of_the_contacts() -> None:
    source = "{{ 21 | plural: one: '# item', other: '# items' }}"
    assert text(source, "ru", locale="en") == "21 items"
    assert text("Hi", "ru", locales={"ru": {"text": f"{{{{ 21 | plural: {FORMS} }}}}"}}) == (
        "21 книга"
    )


def test_formats_are_those_of_the_contacts_country_within_the_texts_language() -> None:
    source = "{{ order.total | number }}"
    assert text(source, "de-CH", locale="de") == "1’234.5"
    assert text(source, "de-CH", locale="en") == "1,234.5"
    assert text(source, "xx-YY", locale="de") == "1.234,5"
    assert text(source, "no such thing") == "1,234.5"


@pytest.mark.parametrize(
    ("source", "locale", "written"),
    [
        ("{{ event.at | date: 'long' }}", "de", "5. März 2026"),
        ("{{ event.at | date: 'short' }}", "en-US", "3/5/26"),
        ("{{ event.at | date: 'full' }}", "fr", "jeudi 5 mars 2026"),
        ("{{ event.at | time }}", "de", "23:30"),
        ("{{ event.at | time }}", "en-US", "11:30 PM"),
        ("{{ event.at | datetime: 'short' }}", "en-GB", "05/03/2026, 23:30"),
        ("{{ contact.born | date: 'medium' }}", "de", "05.03.1990"),
        ("{{ event.at | date: '%A, %d. %B %%A' }}", "de", "Donnerstag, 05. März %A"),
        ("{{ event.at | date: '%a %b' }}", "fr", "jeu. mars"),
        ("{{ event.at | date: '%A %B' }}", "en", "Thursday March"),
        ("{{ contact.odd | date: 'long' }}{{ contact.odd | time }}", "de", "n/an/a"),
        ("{{ contact.none | time }}{{ contact.none | datetime }}", "de", ""),
    ],
)
def test_moments_are_written_as_in_the_language_and_in_the_contacts_zone(
    source: str, locale: str, written: str
) -> None:
    assert text(source, locale) == written


@pytest.mark.parametrize(
    "source", ["{{ event.at | time: 'huge' }}", "{{ event.at | datetime: 7 }}"]
)
def test_a_length_that_does_not_exist_fails_the_message(source: str) -> None:
    with pytest.raises(RenderError, match="takes short, medium, long, full"):
        text(source)


def test_what_a_filter_did_not_find_is_reported_as_missing() -> None:
    source = "{{ contact.a | money }}{{ contact.b | number }}{{ contact.c | date: '%d' }}"
    message = render("sms", {"text": source + "x"}, DATA)
    assert message.missing == ("contact.a", "contact.b", "contact.c")


def test_data_in_a_plural_is_escaped_in_html_and_the_templates_own_markup_is_not() -> None:
    data = replace(DATA, contact={"form": "<i>#</i>"})
    html = "{{ 2 | plural: other: '<b>#</b>' }} {{ 2 | plural: other: contact.form }}"
    message = render("email", {"subject": "s", "html": html}, data)
    assert message.html == "<b>2</b> &lt;i&gt;2&lt;/i&gt;"


def test_a_form_with_many_marks_is_bounded() -> None:
    source = "{% capture f %}{% for i in (1..9999) %}#########{% endfor %}{% endcapture %}"
    source += "{{ 111222333444555 | plural: other: f }}"
    assert check_template("email", {"subject": "s", "text": source})
