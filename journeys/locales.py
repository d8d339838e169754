"""Languages: which variant of a template a contact gets, and how numbers and dates are written.

A locale is a language tag as phones and browsers send it: `de`, `pt-BR`, `zh_Hans_CN`. A contact's
comes from outside and may be anything; what is none counts as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError

from journeys.errors import Issue
from journeys.templates import Json, Parts

MAX_VARIANTS = 50

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_NEUTRAL = "en"
_WRONG_TAG = "is a language as in de or pt-BR"


def tag(written: object) -> str | None:
    """A language tag in one form (`pt-br`), or None when it is not one."""
    if not isinstance(written, str) or len(written) > 40:
        return None
    form = written.strip().replace("_", "-").partition(".")[0]
    return form.lower() if _TAG.fullmatch(form) else None


def _wider(tag_: str) -> Iterable[str]:
    """The tag, then each that says less of it: `zh-hans-cn`, `zh-hans`, `zh`."""
    parts = tag_.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def choose(variants: Iterable[str], locale: object) -> str | None:
    """The variant for a contact: the exact one, else the language's; None for the default."""
    wanted = tag(locale)
    if wanted is None:
        return None
    known = {tag(variant): variant for variant in variants}
    return next((known[wider] for wider in _wider(wanted) if wider in known), None)


def in_language(
    parts: Parts, content: Mapping[str, Any], locale: object
) -> tuple[Mapping[str, Any], str | None]:
    """The content as this contact reads it, and the variant's name; None when it is the default."""
    variants = content.get("locales")
    chosen = choose(variants, locale) if isinstance(variants, dict) else None
    if chosen is None:
        return content, None
    return merged(parts, content, content["locales"][chosen]), chosen


def merged(parts: Parts, content: Mapping[str, Any], variant: Json) -> dict[str, Any]:
    """The default with a variant's parts in their place.

    Of a body that may be written in several ways (`html`, `mjml`, `text`) a variant replaces all:
    a mail with German HTML and an English text would be worse than one without.
    """
    given = {name: value for name, value in variant.items() if value is not None}
    replaced = {"locale", "locales"}
    if any(name in parts.one_of for name in given):
        replaced |= set(parts.one_of)
    return {**{k: v for k, v in content.items() if k not in replaced}, **given}


def language_issues(parts: Parts, content: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with a template's `locale` and with the names of its variants."""
    issues = []
    own = content.get("locale")
    if own is not None and tag(own) is None:
        issues.append(Issue("$.locale", _WRONG_TAG))
    variants = content.get("locales")
    if variants is None:
        return issues
    if not isinstance(variants, dict):
        return [*issues, Issue("$.locales", "is an object: of each language, its parts")]
    if len(variants) > MAX_VARIANTS:
        issues.append(Issue("$.locales", f"has at most {MAX_VARIANTS} languages"))
    seen: dict[str | None, str] = {}
    for name, variant in variants.items():
        path, form = f"$.locales.{name[:40]}", tag(name)
        if form is None:
            issues.append(Issue(path, _WRONG_TAG))
        elif form in seen:
            issues.append(Issue(path, f"is the same language as {seen[form]}"))
        elif not isinstance(variant, dict):
            issues.append(Issue(path, "is an object with parts"))
        elif not set(variant) & set(parts.names()):
            issues.append(Issue(path, f"has none of {', '.join(parts.names())}"))
        seen.setdefault(form, name)
    return issues


@lru_cache(maxsize=512)
def known_locale(tag_: str) -> Locale | None:
    """What is known of a language, or of the wider one that it is a kind of."""
    for wider in _wider(tag_):
        try:
            return Locale.parse(wider, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return None


def formatting(contact: object, text: object) -> Locale:
    """How numbers and dates are written in a text.

    As the contact is used to, unless the text is in another language: no German month in an English
    sentence. `text` is the language that it is written in, if that is known.
    """
    theirs = known_locale(form) if (form := tag(contact)) else None
    written = known_locale(form) if (form := tag(text)) else None
    if theirs is not None and (written is None or written.language == theirs.language):
        return theirs
    return written or known_locale(_NEUTRAL) or Locale("en")
