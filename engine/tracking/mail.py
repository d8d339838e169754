"""A rendered mail as it leaves: its links and pixel by what the workspace and the template say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from engine.sending_data import Situation
from engine.tracking.links import Tracker, track
from journeys.templates import RenderedMessage
from journeys.tracking import TrackingChoice, tracking_for
from storage.encryption import Encryption

NOTHING = TrackingChoice(opens=False, clicks=False, utm=False)


def tracked(
    content: RenderedMessage,
    situation: Situation,
    *,
    public_url: str | None,
    encryption: Encryption,
) -> RenderedMessage:
    """The message with its links changed; other channels' messages stay as they are."""
    if situation.channel != "email":
        return content
    tracking = tracking_for(
        _choice(situation.tracking),
        _choice(_of_template(situation.content or {}, content.locale)),
        workflow=situation.workflow_key,
        block=situation.block,
    )
    return track(content, situation.id, tracking, _tracker(public_url, encryption))


def _of_template(content: Mapping[str, Any], language: str | None) -> Mapping[str, Any] | None:
    """What the template says; in its variant of the language, where that says something."""
    variant = (content.get("locales") or {}).get(language) or {}
    said: Mapping[str, Any] | None = variant.get("tracking")
    return content.get("tracking") if said is None else said


def _choice(stored: Mapping[str, Any] | None) -> TrackingChoice:
    """What was stored. Of what a newer release wrote, nothing is assumed: it may say no."""
    if stored is None:
        return TrackingChoice()
    try:
        return TrackingChoice.model_validate(stored)
    except ValidationError:
        return NOTHING


@lru_cache(maxsize=8)
def _tracker(public_url: str | None, encryption: Encryption) -> Tracker | None:
    return Tracker.of(public_url, encryption)
