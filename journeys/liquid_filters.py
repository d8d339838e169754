"""The filters whose stock version is unbounded or wrong here, and the bound around all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from liquid import Markup, RenderContext
from liquid.exceptions import FilterArgumentError, ResourceLimitError
from liquid.filter import sequence_filter, string_filter, with_context, with_environment
from liquid.undefined import is_undefined

from journeys.liquid_locale_filters import LENGTHS, LOCALE_FILTERS, in_words, locale_of, shown
from journeys.plain_text import strip_tags

MAX_TEXT = 128 * 1024
"""Characters of a text value."""
MAX_ITEMS = 10_000
"""Items of a list value."""
MAX_NUMBER_BITS = 1024
MAX_DATE_TEXT = 100
MAX_DATE_FORMAT = 200


def _limit(what: str) -> ResourceLimitError:
    return ResourceLimitError(what, token=None)


def _check_value(name: str, value: object) -> None:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise _limit(f"filter {name!r} has a text of more than {MAX_TEXT:,} characters")
    elif isinstance(value, list | tuple | range):
        if len(value) > MAX_ITEMS:
            raise _limit(f"filter {name!r} has a list of more than {MAX_ITEMS:,} items")
    elif isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        raise _limit(f"filter {name!r} has a number that is too large")


def _check_product(name: str, value: object, arguments: tuple[Any, ...]) -> None:
    """`replace` and `join` can multiply the sizes of their arguments: foresee the result."""
    if name == "replace" and len(arguments) == 2:
        old, new = str(arguments[0]), str(arguments[1])
        text = "" if value is None else str(value)
        occurrences = text.count(old) if old else len(text) + 1
        size = len(text) + occurrences * len(new)
    elif name == "join" and isinstance(value, list | tuple | range):
        separator = str(arguments[0]) if arguments else " "
        size = len(value) * len(separator) + sum(len(i) for i in value if isinstance(i, str))
    else:
        return
    if size > MAX_TEXT:
        raise _limit(f"filter {name!r} would make a text of more than {MAX_TEXT:,} characters")


def bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter with its input, its arguments and its result bounded in size."""

    @wraps(function)
    def wrapper(value: object, *args: Any, **kwargs: Any) -> Any:
        _check_value(name, value)
        for argument in args:
            _check_value(name, argument)
        if args:
            _check_product(name, value, args)
        result = function(value, *args, **kwargs)
        _check_value(name, result)
        return result

    return wrapper


def _identity_key(item: object) -> object:
    try:
        hash(item)
    except TypeError:
        return repr(item)
    return item


@sequence_filter
def uniq(items: Iterable[Any], key: object = None) -> list[Any]:
    """The items without repetitions (of the items, or of their `key`), in time linear in them."""
    seen: set[object] = set()
    result = []
    for item in items:
        compared = item
        if key is not None and not is_undefined(key):
            compared = item.get(str(key)) if isinstance(item, dict) else None
        mark = _identity_key(compared)
        if mark not in seen:
            seen.add(mark)
            result.append(item)
    return result


@with_environment
@string_filter
def strip_html(text: str, *, environment: Any) -> str:
    """The text without its tags, comments, styles and scripts."""
    stripped = strip_tags(text)
    return Markup(stripped) if environment.autoescape and isinstance(text, Markup) else stripped


def _instant(value: object, context: RenderContext) -> datetime | None:  # noqa: PLR0911
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  (a calendar day)
    if isinstance(value, bool) or value is None:
        return None
    zone = _zone(context)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, zone)
    if not isinstance(value, str) or len(value) > MAX_DATE_TEXT:
        return None
    if value in {"now", "today"}:
        return _instant(str(context.resolve("now")), context)
    text = str(value)
    if text.isascii() and text.isdigit() and len(text) > 8:
        return datetime.fromtimestamp(int(text), zone)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _zone(context: RenderContext) -> ZoneInfo:
    zone = context.resolve("timezone_of_contact")
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")


@with_context
def format_date(value: object, format_: object = None, *, context: RenderContext) -> object:
    """A moment by a `strftime` format, or `short`, `medium`, `long`, `full` as its language has it.

    In the contact's zone; what has no zone as it is. What is not an ISO 8601 date, a date-time or a
    Unix time in seconds stays as it is.
    """
    if format_ is None or is_undefined(format_):
        return value
    return _shown("date", value, str(format_), context)


@with_context
def format_time(value: object, length: object = "short", *, context: RenderContext) -> object:
    """The time of day as the language writes it: `short` or `medium`."""
    return _shown("time", value, str(length), context)


@with_context
def format_datetime(value: object, length: object = "medium", *, context: RenderContext) -> object:
    """Day and time as the language writes them: `short`, `medium` or `long`."""
    return _shown("datetime", value, str(length), context)


def _shown(kind: str, value: object, pattern: str, context: RenderContext) -> object:
    if is_undefined(value) or value is None:
        return value
    if len(pattern) > MAX_DATE_FORMAT:
        raise FilterArgumentError(
            f"{kind}: a format has at most {MAX_DATE_FORMAT} characters", token=None
        )
    if kind != "date" and pattern not in LENGTHS:
        raise FilterArgumentError(f"{kind}: takes {', '.join(LENGTHS)}", token=None)
    try:
        instant = _instant(value, context)
        if instant is None:
            return value
        if pattern in LENGTHS:
            return shown(kind, instant, pattern, _zone(context), locale_of(context))
        if instant.tzinfo is not None:
            instant = instant.astimezone(_zone(context))
        return instant.strftime(in_words(pattern, instant, locale_of(context)))
    except (ValueError, OverflowError, OSError) as error:
        raise FilterArgumentError(f"{kind}: {error}", token=None) from error


FILTERS: dict[str, Callable[..., Any]] = {
    "uniq": uniq,
    "strip_html": strip_html,
    "date": format_date,
    "time": format_time,
    "datetime": format_datetime,
    **LOCALE_FILTERS,
}
