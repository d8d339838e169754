"""A rendered mail with its links led through this installation, and a pixel at its end.

Only `href`s of web addresses change, and every other byte of the HTML stays as it is: mail is
written for programs of the last thirty years, whose needs no parser knows. Left alone are links to
this installation (to unsubscribe, for instance), and those marked with `data-no-track`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from turbohtml.rewrite import Element, rewrite

from engine.tracking.tokens import FollowedLink, Tokens
from journeys.templates import RenderedMessage
from journeys.tracking import Tracking, missing_parameters, web_link, with_query
from storage.encryption import Encryption

UNTRACKED = "data-no-track"
"""The attribute of a link that is to stay as it is."""
CLICK_PATH = "/t/c/"
OPEN_PATH = "/t/o/"

_IN_TEXT = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,:;!?'()\[\]{}]", re.IGNORECASE)


@dataclass(frozen=True)
class Tracker:
    """Leads links through the API at `public_url`."""

    public_url: str
    tokens: Tokens

    @classmethod
    def of(cls, public_url: str | None, encryption: Encryption) -> Tracker | None:
        """None where nobody could follow a link, or nobody could sign one."""
        tokens = Tokens.of(encryption)
        return cls(public_url, tokens) if public_url is not None and tokens is not None else None

    def link(self, message_id: UUID, link: str, query: str) -> str:
        """Where the link leads to instead."""
        token = self.tokens.click(FollowedLink(message_id, link, query))
        return f"{self.public_url}{CLICK_PATH}{token}"

    def pixel(self, message_id: UUID) -> str:
        """The image that tells of an open; its size is in its style too, for dark corners."""
        return (
            f'<img src="{self.public_url}{OPEN_PATH}{self.tokens.open(message_id)}.gif"'
            ' width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0">'
        )


def track(
    content: RenderedMessage, message_id: UUID, tracking: Tracking, tracker: Tracker | None
) -> RenderedMessage:
    """The mail as it is to be sent. Without a `tracker`, links get their UTM parameters only."""
    change = _changer(message_id, tracking, tracker)
    html, text = content.html, content.text
    if html is not None:
        pixel = tracker.pixel(message_id) if tracker is not None and tracking.opens else None
        html = _html(html, change, pixel)
    if text is not None and tracking.text_links:
        text = _IN_TEXT.sub(lambda found: change(found[0]) or found[0], text)
    return replace(content, html=html, text=text)


def _changer(
    message_id: UUID, tracking: Tracking, tracker: Tracker | None
) -> Callable[[str], str | None]:
    own = f"{tracker.public_url}/" if tracker is not None else None

    def changed(written: str) -> str | None:
        """What stands in place of a link; None where it stays."""
        link = web_link(written)
        if link is None or (own is not None and f"{link}/".startswith(own)):
            return None
        query = missing_parameters(link, tracking.utm)
        if tracker is not None and tracking.clicks:
            return tracker.link(message_id, link, query)
        return with_query(link, query) if query else None

    return changed


def _html(html: str, change: Callable[[str], str | None], pixel: str | None) -> str:
    bodies = 0

    def anchor(element: Element) -> None:
        if element.has_attribute(UNTRACKED):
            return
        changed = change(element.get("href") or "")
        if changed is not None:
            element.set_attribute("href", changed)

    def body(element: Element) -> None:
        nonlocal bodies
        bodies += 1
        if pixel is not None and bodies == 1:
            element.append(pixel, html=True)

    done = rewrite(html, elements=[("a[href], area[href]", anchor), ("body", body)])
    return done + pixel if pixel is not None and not bodies else done
