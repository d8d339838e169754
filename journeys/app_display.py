"""How a message looks and behaves in the app, beyond its texts: layout, buttons, trigger, expiry.

`in_app` messages have all of it, those of the app's inbox (`inbox`) only `expires`. Texts inside
(a button's label and link) are templates. The app decides when to show a message; what it must know
for that is here, as data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from journeys.durations import DurationText, nominal_seconds
from journeys.errors import InvalidInput, Issue
from journeys.parsing import parse_as
from journeys.predicates import ParamCheck, ParamRef, Strict

Json = Any
APP_CHANNELS = frozenset({"in_app", "inbox"})
"""Those whose messages are kept for the app to fetch."""
DISPLAY = ("layout", "buttons", "trigger", "frequency", "expires")
MAX_CONTENT = 32 * 1024
"""Bytes of a rendered message as JSON, all parts together."""
DEFAULT_EXPIRES = {"in_app": "P30D", "inbox": "P90D"}
_MINUTE = 60
_HOUR = 60 * _MINUTE
_YEAR = 366 * 24 * _HOUR

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):\S+", re.IGNORECASE)
_REFUSED = frozenset(
    {
        "javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source",
        "jar", "content", "resource", "chrome", "ws", "wss",
    }
)  # fmt: skip
"""Schemes that run something, or reach into the device, where a link is opened."""


class Button(Strict):
    """A button: it opens a link, or records an event, or only closes the message."""

    label: str = Field(min_length=1, max_length=200)
    link: str | None = Field(default=None, min_length=1, max_length=2048)
    event: str | None = Field(default=None, min_length=1, max_length=200)
    properties: dict[str, str | bool | int | float] = Field(default={}, max_length=20)

    @model_validator(mode="after")
    def _one_purpose(self) -> Self:
        if self.link is not None and self.event is not None:
            raise ValueError("a button has either a link or an event")
        if self.properties and self.event is None:
            raise ValueError("properties are those of an event: name it")
        return self


class SessionStart(Strict):
    """As soon as the app is opened, or the message arrives while it is."""

    on: Literal["session_start"]


class TimeInApp(Strict):
    """After the app was in use for so long in a session."""

    on: Literal["time_in_app"]
    after: DurationText

    @field_validator("after")
    @classmethod
    def _bounded(cls, after: str) -> str:
        return _between(after, 1, 24 * _HOUR, "is a duration from PT1S to PT24H")


class OnEvent(Strict):
    """When the app records this event and its properties hold."""

    on: Literal["event"]
    event: str = Field(min_length=1, max_length=200)
    where: list[ParamCheck] = Field(default=[], max_length=20)

    @model_validator(mode="after")
    def _compared_with_values(self) -> Self:
        if any(isinstance(one.value, ParamRef) for one in self.where):
            raise ValueError("where compares with values: the app knows no starting event")
        return self


def _which(trigger: Any) -> str | None:
    on = trigger.get("on") if isinstance(trigger, dict) else getattr(trigger, "on", None)
    return on if isinstance(on, str) else None


Trigger = Annotated[
    Annotated[SessionStart, Tag("session_start")]
    | Annotated[TimeInApp, Tag("time_in_app")]
    | Annotated[OnEvent, Tag("event")],
    Discriminator(
        _which,
        custom_error_type="trigger",
        custom_error_message="a trigger's on is one of session_start, time_in_app, event",
    ),
]


class Display(Strict):
    """What an in-app message has beside its texts; everything has a default."""

    layout: Literal["banner", "modal", "fullscreen"] = "modal"
    buttons: list[Button] = Field(default=[], max_length=4)
    trigger: Trigger = SessionStart(on="session_start")
    frequency: Literal["once", "session"] | DurationText = "once"
    expires: DurationText | None = None

    @field_validator("frequency", "expires")
    @classmethod
    def _bounded(cls, given: str | None) -> str | None:
        if given in (None, "once", "session"):
            return given
        return _between(given, _MINUTE, _YEAR, "a duration here is from PT1M to P1Y")


def _between(duration: str, least: float, most: float, otherwise: str) -> str:
    if not least <= nominal_seconds(duration) <= most:
        raise ValueError(otherwise)
    return duration


def url_problem(url: str) -> str | None:
    """Why a link must not be opened by an app; None for http(s) and for schemes of apps."""
    found = _SCHEME.fullmatch(url)
    if found is None:
        return "must be an address such as https://example.com/offer or myapp://offer"
    scheme = found[1].lower()
    if scheme in _REFUSED:
        return f"a link must not begin with {scheme}:"
    return _host_problem(url) if scheme in {"http", "https"} else None


def image_problem(url: str) -> str | None:
    """Why this is no address of an image: those are fetched unasked, so only by https."""
    if not url.lower().startswith("https://") or not _SCHEME.fullmatch(url):
        return "must be an https address of an image"
    return _host_problem(url)


def _host_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    return None if host else "must name a host, as in https://example.com/offer"


def is_template(source: str) -> bool:
    """Whether the text has any Liquid in it, so that its value is known only for a contact."""
    return "{{" in source or "{%" in source


def display_of(content: Mapping[str, Any]) -> Display:
    """What of a template's content is for the display; raises InvalidInput."""
    given = {name: content[name] for name in DISPLAY if content.get(name) is not None}
    display: Display = parse_as(Display, given, "the template")
    return display


def display_issues(content: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with the display and the addresses of an app message, with JSON paths."""
    issues: list[Issue] = []
    try:
        display_of(content)
    except InvalidInput as error:
        issues += error.issues
    else:
        for path, link in _links(content):
            if not is_template(link) and (problem := url_problem(link.strip())):
                issues.append(Issue(path, problem))
    for name, problem_of in (("link", url_problem), ("image", image_problem)):
        source = content.get(name)
        if isinstance(source, str) and source and not is_template(source):
            problem = problem_of(source.strip())
            if problem is not None:
                issues.append(Issue(f"$.{name}", problem))
    return issues


def _links(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for index, button in enumerate(content.get("buttons") or []):
        if button.get("link"):
            yield f"$.buttons[{index}].link", button["link"]


def display_texts(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The templates inside: the label and the link of each button, by their names."""
    buttons = content.get("buttons")
    for index, button in enumerate(buttons if isinstance(buttons, list) else []):
        for name in ("label", "link"):
            source = button.get(name) if isinstance(button, dict) else None
            if isinstance(source, str):
                yield f"buttons[{index}].{name}", source


def rendered_display(
    content: Mapping[str, Any], part: Callable[[str, str], str]
) -> dict[str, Json]:
    """The display as JSON for one contact; `part` renders a named text, in one line.

    Raises ValueError with the reason when an address came out as none that may be opened, and
    InvalidInput for content that was never checked.
    """
    display = display_of(content)
    shown: dict[str, Json] = display.model_dump(mode="json", by_alias=True)
    for index, button in enumerate(shown["buttons"]):
        name = f"buttons[{index}]"
        button["label"] = part(f"{name}.label", button["label"])
        if not button["label"]:
            raise ValueError(f"{name}.label: empty for this contact")
        if button["link"] is not None:
            button["link"] = part(f"{name}.link", button["link"])
            problem = url_problem(button["link"])
            if problem is not None:
                raise ValueError(f"{name}.link: {problem}")
    return shown
