"""Filters whose result depends on the language: money, numbers, plurals, dates and times.

What is not a number, or not a moment, is printed as it is: a filter never fails a message because
of a contact's data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_day_names, get_month_names
from babel.numbers import format_currency, format_decimal
from liquid import Markup, RenderContext
from liquid.exceptions import FilterArgumentError
from liquid.filter import with_context
from liquid.undefined import is_undefined

LENGTHS = ("short", "medium", "long", "full")
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
MAX_NUMBER = Decimal(10) ** 15

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_NAMES = re.compile(r"%([%aAbBh])")


def locale_of(context: RenderContext) -> Locale:
    """The language of the text that is being rendered."""
    locale = context.resolve("locale_of_text")
    return locale if isinstance(locale, Locale) else Locale("en")


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip() if isinstance(value, int | float | Decimal | str) else ""
    if len(text) > 42 or (isinstance(value, str) and not _NUMBER.fullmatch(text)):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < MAX_NUMBER else None


def _currency(given: object, context: RenderContext) -> str | None:
    """The currency that is named, else the order's, else the event's."""
    candidates = [given]
    if given is None or is_undefined(given):
        owners = (context.resolve("order"), context.resolve("event"))
        candidates = [owner.get("currency") for owner in owners if isinstance(owner, Mapping)]
    for one in candidates:
        if isinstance(one, str) and _CURRENCY.fullmatch(one):
            return one.upper()
    return None


@with_context
def money(value: object, currency: object = None, *, context: RenderContext) -> object:
    """An amount in a currency (`"EUR"`); without one, in that of the order or the event."""
    number = _number(value)
    if number is None:
        return value
    code = _currency(currency, context)
    if code is None:
        return format_decimal(number, locale=locale_of(context))
    return format_currency(number, code, locale=locale_of(context))


@with_context
def number(value: object, digits: object = None, *, context: RenderContext) -> object:
    """A number with the language's separators, and `digits` after the point if that is given."""
    found = _number(value)
    if found is None:
        return value
    places = digits if isinstance(digits, int) and 0 <= digits <= 10 else None
    pattern = None if places is None else "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(found, pattern, locale=locale_of(context))


@with_context
def plural(value: object, *, context: RenderContext, **forms: object) -> object:
    """The form for this number by the language's rules; `#` in it is the number.

    `{{ n | plural: one: "# book", other: "# books" }}`; languages have some of zero, one, two, few,
    many, other. A form that is left out is `other`. Nothing, and what is no number, count as 0.
    """
    unknown = sorted(set(forms) - set(CATEGORIES))
    if unknown or "other" not in forms:
        raise FilterArgumentError(
            f"plural: takes {', '.join(CATEGORIES)}, and needs other", token=None
        )
    found = _number(value) or Decimal(0)
    locale = locale_of(context)
    form = forms.get(locale.plural_form(found), forms["other"])
    text = form if isinstance(form, str) else str(form)
    written: str = format_decimal(found, locale=locale)
    return text.replace("#", Markup(written) if isinstance(text, Markup) else written)


def shown(kind: str, moment: datetime, length: str, zone: tzinfo, locale: Locale) -> str:
    """A moment as people of a language write it: its `date`, its `time`, or both."""
    # What has no zone is a day or an hour of the clock as such; it is shown as it is.
    if moment.tzinfo is None:
        moment, zone = moment.replace(tzinfo=UTC), UTC
    if kind == "date":
        return format_date(moment.astimezone(zone).date(), length, locale=locale)
    if kind == "time":
        return format_time(moment, length, tzinfo=zone, locale=locale)
    return format_datetime(moment, length, tzinfo=zone, locale=locale)


def in_words(pattern: str, moment: datetime, locale: Locale) -> str:
    """A `strftime` pattern with the names of days and months in the language's own words."""
    if locale.language == "en":
        return pattern

    def name(match: re.Match[str]) -> str:
        letter = match.group(1)
        if letter == "%":
            return "%%"
        width: Literal["wide", "abbreviated"] = "wide" if letter in "AB" else "abbreviated"
        if letter in "aA":
            word = get_day_names(width, locale=locale)[moment.weekday()]
        else:
            word = get_month_names(width, locale=locale)[moment.month]
        return str(word).replace("%", "%%")

    return _NAMES.sub(name, pattern)


LOCALE_FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "number": number,
    "plural": plural,
}
