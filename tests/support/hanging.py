"""What a test that hangs was waiting for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any


def waiting(loop: asyncio.AbstractEventLoop) -> str:
    """Each unfinished task of a loop that does not run at the moment, with where it stands."""
    return "\n\n".join(
        "\n".join([task.get_name(), *(f"  {place}" for place in _places(task.get_coro()))])
        for task in asyncio.all_tasks(loop)
    )


def _places(awaited: Any) -> Iterator[str]:
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            yield f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}"
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
