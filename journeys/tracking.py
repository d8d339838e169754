"""How the links of mail are tracked, and the UTM parameters that they get: settings, no I/O.

A workspace has settings, and a template may have its own, which win where they say something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote, unquote_plus, urlsplit

from pydantic import Field, StringConstraints, ValidationError

from journeys.errors import Issue
from journeys.predicates import Strict
from journeys.templates import Json

LONGEST_LINK = 2000
"""Characters of an address that is tracked; mail programs cut longer ones off."""

UtmText = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class Utm(Strict):
    """The UTM parameters that links get, where they have none of the name."""

    source: UtmText
    medium: UtmText = "email"
    campaign: UtmText | None = Field(default=None, description="Left out: the workflow's key.")
    content: UtmText | None = Field(default=None, description="Left out: the block's id.")
    term: UtmText | None = None


class TrackingChoice(Strict):
    """What a workspace or a template says of tracking; null leaves it to what stands behind."""

    opens: bool | None = None
    clicks: bool | None = None
    text_links: bool | None = Field(
        default=None, description="Whether the links of the plain text are changed as well."
    )
    utm: Utm | Literal[False] | None = None


@dataclass(frozen=True)
class Tracking:
    """What holds for one message. `utm` are the parameters themselves."""

    opens: bool
    clicks: bool
    text_links: bool
    utm: Mapping[str, str]


def tracking_for(
    workspace: TrackingChoice, template: TrackingChoice, *, workflow: str, block: str
) -> Tracking:
    """The template's word before the workspace's, and tracking where neither says a thing."""

    def said(name: str, *, otherwise: bool) -> bool:
        answers = (getattr(template, name), getattr(workspace, name))
        return next((answer for answer in answers if answer is not None), otherwise)

    utm = workspace.utm if template.utm is None else template.utm
    parameters: dict[str, str | None] = {}
    if utm:
        parameters = {
            "utm_source": utm.source,
            "utm_medium": utm.medium,
            "utm_campaign": utm.campaign or workflow,
            "utm_content": utm.content or block,
            "utm_term": utm.term,
        }
    return Tracking(
        opens=said("opens", otherwise=True),
        clicks=said("clicks", otherwise=True),
        text_links=said("text_links", otherwise=False),
        utm={name: value for name, value in parameters.items() if value is not None},
    )


def web_link(written: str) -> str | None:
    """The address if it is one of the web that may be tracked, without the space around it."""
    link = written.strip(" \t\r\n\f")
    if len(link) > LONGEST_LINK or not link.isprintable() or " " in link or "\\" in link:
        return None
    try:
        parts = urlsplit(link)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return link if known else None


def missing_parameters(link: str, utm: Mapping[str, str]) -> str:
    """The parameters that the link has not, as a part of a query; empty when it has them all."""
    named = {unquote_plus(pair.partition("=")[0]) for pair in urlsplit(link).query.split("&")}
    return "&".join(
        f"{name}={quote(value, safe='')}" for name, value in utm.items() if name not in named
    )


def with_query(link: str, more: str) -> str:
    """The link with more parameters; what was there stays as it was written."""
    if not more:
        return link
    rest, mark, fragment = link.partition("#")
    _, asks, query = rest.partition("?")
    joint = "?" if not asks else "&" if query and not query.endswith("&") else ""
    return f"{rest}{joint}{more}{mark}{fragment}"


def tracking_issues(value: Json, path: str = "$.tracking") -> list[Issue]:
    """What is wrong with a template's own settings."""
    try:
        TrackingChoice.model_validate(value)
    except ValidationError as error:
        return [
            Issue(".".join((path, *map(str, one["loc"]))), one["msg"]) for one in error.errors()
        ]
    return []
