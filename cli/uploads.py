"""A file sent to the API and watched until it is imported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.output import say

if TYPE_CHECKING:
    from cli.client import ApiClient

PIECE = 64 * 1024
ENDED = ("completed", "failed", "cancelled")
SHOWN = 20
"""Errors told one by one to a person; `--errors` has all of them."""


def upload(
    client: ApiClient, file: Path, params: dict[str, str], advance: Callable[[int], None]
) -> dict[str, Any]:
    """Send the file piece by piece; the import as the API answers it."""

    def pieces() -> Iterator[bytes]:
        with file.open("rb") as data:
            while piece := data.read(PIECE):
                yield piece
                advance(len(piece))

    answer: dict[str, Any] = client.send_file("/v1/contacts/import", pieces(), params)
    return answer


def watch(
    client: ApiClient, started: dict[str, Any], show: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Ask how far it is until it has ended."""
    pause, told = 0.1, False
    found = started
    began = time.monotonic()
    while found["state"] not in ENDED:
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)
        found = client.get(f"/v1/imports/{started['id']}")
        show(found)
        if found["state"] == "waiting" and not told and time.monotonic() - began > 15:
            say("nobody has begun with it yet: is a worker running?")
            told = True
    return found


def errors_of(client: ApiClient, import_id: str) -> Iterator[str]:
    """The lines of the CSV file that lists what was wrong."""
    return client.lines(f"/v1/imports/{import_id}/errors")


def tell_errors(client: ApiClient, import_id: str, source: str) -> None:
    """Tell a person what was wrong with the first lines."""
    import csv

    rows = csv.DictReader(errors_of(client, import_id))
    for shown, row in enumerate(rows):
        if shown == SHOWN:
            say("… and more (all of them with --errors FILE)")
            return
        about = f"{row['column']} {row['value']!r}: " if row["column"] else ""
        say(f"{source}:{row['line']}: {about}{row['reason']}")


def told_apart(answer: dict[str, Any]) -> list[str]:
    """How the columns are read, one line each."""
    return [
        f"{one['column']} → " + (f"{one['to']} ({one['type']})" if one["to"] else "left out")
        for one in answer["mapping"]
    ]
