"""Long loads through the public API: in chunks, with a progress bar, each refusal with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from cli.output import err, say

if TYPE_CHECKING:
    from rich.progress import Progress

    from cli.client import ApiClient

BATCH = 500
"""Events a call; some 150 KB of the 500 KB that a batch may have."""
UPSERTS = 1000
"""Contacts or orders a call: the API's own limit."""
SHOWN = 20
"""Refusals told one by one to a person; `--json` has all of them."""

T = TypeVar("T")


@dataclass(frozen=True)
class Refusal:
    """A line that was not stored, and why."""

    line: int
    reason: str


@dataclass
class Outcome:
    """What became of a load."""

    contacts: int = 0
    events: int = 0
    orders: int = 0
    refused: list[Refusal] = field(default_factory=list)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut into lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


@contextmanager
def progress_bar(*, quiet: bool, size: bool = False) -> Iterator[Progress]:
    """Open a progress display on standard error; nothing moves where that is no terminal.

    `size`: what is counted are bytes.
    """
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        DownloadColumn() if size else MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=quiet) as progress:
        yield progress


def send(
    items: Sequence[tuple[int, dict[str, Any]]],
    post: Callable[[list[dict[str, Any]]], Any],
    *,
    size: int,
    advance: Callable[[int], None],
    refused: list[Refusal],
) -> int:
    """Send (line, item) pairs in chunks; answer how many were stored, add refusals with lines."""
    from cli.client import ApiProblemError

    stored = 0
    for chunk in chunks(items, size):
        try:
            answer = post([item for _, item in chunk])
        except ApiProblemError as problem:
            # A chunk of which nothing could be stored is a problem that lists its items.
            if "rejected" not in problem.document:
                raise
            answer = problem.document
        rejected = (answer or {}).get("rejected") or []
        refused += [Refusal(chunk[one["index"]][0], one["reason"]) for one in rejected]
        stored += len(chunk) - len({one["index"] for one in rejected})
        advance(len(chunk))
    return stored


def post_contacts(client: ApiClient) -> Callable[[list[dict[str, Any]]], Any]:
    """Upsert contacts."""
    return lambda items: client.post("/v1/contacts", {"contacts": items})


def post_orders(client: ApiClient, *, backfill: bool) -> Callable[[list[dict[str, Any]]], Any]:
    """Upsert orders; `backfill` says that they are history and start nothing."""
    return lambda items: client.post("/v1/orders", {"orders": items, "backfill": backfill})


def post_events(client: ApiClient, *, backfill: bool) -> Callable[[list[dict[str, Any]]], Any]:
    """Send Segment calls."""
    return lambda items: client.post("/v1/batch", {"batch": items, "backfill": backfill})


def show_refusals(refused: Sequence[Refusal], source: str) -> None:
    """Tell a person which lines were not stored."""
    for one in refused[:SHOWN]:
        say(f"{source}:{one.line}: {one.reason}")
    if len(refused) > SHOWN:
        say(f"… and {len(refused) - SHOWN} more (all of them with --json)")
