"""ISO 8601 durations as the text a definition carries, checked when read.

Parsing and calendar arithmetic belong to `whenever`: years and months follow the calendar of the
zone they are added in, days keep the wall-clock time, hours and smaller are exact.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from whenever import ItemizedDelta


def parse_duration(text: str) -> ItemizedDelta:
    """Parse an ISO 8601 duration such as `P1DT2H` or `-P3D`.

    Raises ValueError with the reason when the text is not one.
    """
    try:
        return ItemizedDelta.parse_iso(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not an ISO 8601 duration such as PT2H, P3D or -P1M"
        ) from error


def _checked(text: str) -> str:
    parse_duration(text)
    return text


DurationText = Annotated[str, AfterValidator(_checked)]
