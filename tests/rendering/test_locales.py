"""Which language a contact gets, and what a template in several languages must be."""

from dataclasses import replace
from typing import Any

import pytest

from journeys.locales import MAX_VARIANTS, choose, tag
from journeys.rendering import render, variables_of
from journeys.template_checks import check_template
from journeys.templates import RenderedMessage, TemplateData

DATA = TemplateData(now="2026-11-23T12:00:00Z", contact={"name": "Ana"})
MAIL: dict[str, Any] = {
    "subject": "Welcome",
    "html": "<p>Hello</p>",
    "text": "Hello",
    "locales": {
        "de": {"subject": "Willkommen", "html": "<p>Hallo {{ contact.name }}</p>"},
        "pt-BR": {"subject": "Bem-vindo"},
        "zh_Hant": {"subject": "歡迎"},
    },
}


def mail(locale: str | None, content: dict[str, Any] = MAIL) -> RenderedMessage:
    return render("email", content, replace(DATA, locale=locale))


@pytest.mark.parametrize(
    ("locale", "variant"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("de_AT.UTF-8", "de"),
        ("DE", "de"),
        ("pt-BR", "pt-BR"),
        ("pt_br", "pt-BR"),
        ("pt", None),
        ("pt-PT", None),
        ("zh-Hant-TW", "zh_Hant"),
        ("zh-Hans-CN", None),
        ("fr", None),
        ("", None),
        (None, None),
        ("x" * 500, None),
        ("../../etc", None),
        ("de\r\nBcc: x", None),
        (7, None),
    ],
)
def test_a_contact_gets_the_exact_language_else_the_language_else_the_default(
    locale: object, variant: str | None
) -> None:
    assert choose(MAIL["locales"], locale) == variant


def test_a_variant_takes_the_place_of_the_default() -> None:
    message = mail("de-CH")
    assert (message.subject, message.locale) == ("Willkommen", "de")
    assert message.html == "<p>Hallo Ana</p>"
    assert (mail("fr").subject, mail("fr").locale) == ("Welcome", None)


def test_a_variant_does_not_mix_two_languages_in_one_mail() -> None:
    assert mail("de").text == "Hallo Ana"
    assert mail("pt-BR").text == "Hello"


def test_a_variants_missing_parts_are_the_defaults() -> None:
    content = {
        "title": "Sale", "body": "Today", "link": "https://shop.example",
        "data": {"campaign": "sale"}, "locales": {"de": {"title": "Angebot", "body": "Heute"}},
    }  # fmt: skip
    message = render("push", content, replace(DATA, locale="de"))
    assert (message.title, message.body) == ("Angebot", "Heute")
    assert (message.link, message.data) == ("https://shop.example", {"campaign": "sale"})


def test_what_any_language_reads_is_known_beforehand() -> None:
    content = {"text": "Hi", "locales": {"de": {"text": "{{ order.total }}"}}}
    assert variables_of("sms", content) == {"order"}
    assert "order" in variables_of("sms", {"text": "{{ event.price | money }}"})


def sms(**locales: Any) -> dict[str, Any]:
    return {"text": "Hi", "locales": {name.replace("_", "-"): v for name, v in locales.items()}}


def test_a_template_in_several_languages_may_be_saved() -> None:
    assert check_template("email", {**MAIL, "locale": "en"}) == []


@pytest.mark.parametrize(
    ("content", "path", "words"),
    [
        (sms(de={"text": "{{ open"}), "$.locales.de.text", "never closed"),
        (sms(de={"text": ""}), "$.locales.de.text", "needs it"),
        (sms(de={"text": "x" * 5000}), "$.locales.de.text", "at most"),
        (sms(de={"subject": "x"}), "$.locales.de", "has none of text"),
        (sms(de={"text": "x", "subject": "x"}), "$.locales.de.subject", "has only text"),
        (sms(de={"text": "x", "locales": {}}), "$.locales.de.locales", "has only text"),
        (sms(de={}), "$.locales.de", "has none of text"),
        (sms(de="Hallo"), "$.locales.de", "an object with parts"),
        (sms(german={"text": "x"}), "$.locales.german", "is a language"),
        (sms(de_AT={"text": "x"}, de_at={"text": "y"}), "$.locales.de-at", "the same language"),
        ({"text": "Hi", "locales": []}, "$.locales", "is an object"),
        ({"text": "Hi", "locale": "English"}, "$.locale", "is a language"),
        (sms(**{f"a{chr(97 + n // 26)}{chr(97 + n % 26)}": {"text": "x"} for n in range(60)}),
         "$.locales", f"at most {MAX_VARIANTS}"),
        (sms(de={"text": "{% for i in (1..100000000) %}{% endfor %}"}),
         "$.locales.de.text", "range"),
    ],
    ids=range(14),
)  # fmt: skip
def test_a_variant_that_is_wrong_is_refused_with_its_place(
    content: dict[str, Any], path: str, words: str
) -> None:
    issues = check_template("sms", content)
    assert [issue.path for issue in issues] == [path]
    assert words in issues[0].message


def test_a_mail_variant_may_be_written_in_another_way() -> None:
    mjml = "<mjml><mj-body><mj-section></mj-section></mj-body></mjml>"
    content = {**MAIL, "locales": {"de": {"subject": "Hallo", "mjml": mjml}}}
    assert check_template("email", content) == []
    assert "<!doctype html>" in (mail("de", content).html or "")


def test_tags_have_one_form() -> None:
    assert {tag("pt_BR"), tag("pt-br"), tag(" PT-BR ")} == {"pt-br"}
