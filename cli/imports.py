"""`sojourn import`: files into a workspace, through the public API."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.cdnow import BadLine, Purchase, contacts, read
from cli.loading import (
    BATCH,
    UPSERTS,
    Outcome,
    Refusal,
    post_contacts,
    post_events,
    post_orders,
    progress_bar,
    send,
    show_refusals,
)
from cli.output import UserError, say, show_json
from cli.target import Key, Url, target

if TYPE_CHECKING:
    from cli.client import ApiClient

app = typer.Typer(help="Load files into a workspace.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]

OWN_ID = ("userId", "user_id", "userid", "id")
"""Headings taken for the contact's id in the app, in this order of preference."""


BUILT_IN = ("email", "phone", "timezone", "locale", "created_at")
"""Headings of the contact's own fields; every other one is a custom field."""


@app.command("contacts")
def import_contacts(file: File, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Upsert the contacts of a CSV file: a heading line, one column of which is `userId`.

    `email`, `phone`, `timezone`, `locale` and `created_at` are the contact's own; every other
    column is a custom field. Empty cells are left out and change nothing. Values stay text: CSV
    knows no other.
    """
    from cli.client import ApiClient

    outcome = Outcome()
    rows = list(_rows(file, outcome.refused))
    with ApiClient(target(url, key)) as client, progress_bar(quiet=as_json) as progress:
        task = progress.add_task("contacts", total=len(rows))
        outcome.contacts = send(
            rows, post_contacts(client), size=UPSERTS,
            advance=lambda n: progress.advance(task, n), refused=outcome.refused,
        )  # fmt: skip
    _finish(outcome, file, as_json)


@app.command("cdnow")
def import_cdnow(file: File, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Load the CDNOW purchase history: contacts, historic `Order Completed` events, and orders.

    The events start no journeys. May be repeated or taken up again: nothing is stored twice.
    """
    from cli.client import ApiClient

    with ApiClient(target(url, key)) as client:
        outcome = load_cdnow(client, file, quiet=as_json)
    _finish(outcome, file, as_json)


def load_cdnow(client: ApiClient, file: Path, *, quiet: bool) -> Outcome:
    """Send the whole file; the contacts first, so that events find them."""
    outcome = Outcome()
    purchases: list[Purchase] = []
    with file.open(encoding="utf-8", errors="replace") as lines:
        for one in read(lines):
            if isinstance(one, BadLine):
                outcome.refused.append(Refusal(one.number, one.reason))
            else:
                purchases.append(one)
    people = [(0, contact) for contact in contacts(purchases)]
    events = [(one.line, one.event()) for one in purchases]
    orders = [(one.line, one.order()) for one in purchases]
    with progress_bar(quiet=quiet) as progress:
        tasks = {
            name: progress.add_task(name, total=len(items))
            for name, items in (("contacts", people), ("events", events), ("orders", orders))
        }
        outcome.contacts = send(
            people, post_contacts(client), size=UPSERTS,
            advance=lambda n: progress.advance(tasks["contacts"], n), refused=outcome.refused,
        )  # fmt: skip
        outcome.events = send(
            events, post_events(client, backfill=True), size=BATCH,
            advance=lambda n: progress.advance(tasks["events"], n), refused=outcome.refused,
        )  # fmt: skip
        outcome.orders = send(
            orders, post_orders(client, backfill=True), size=UPSERTS,
            advance=lambda n: progress.advance(tasks["orders"], n), refused=outcome.refused,
        )  # fmt: skip
    return outcome


def _rows(file: Path, refused: list[Refusal]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read a CSV file as (line, contact); lines that cannot be one are refused."""
    # utf-8-sig: spreadsheets put a byte order mark first.
    with file.open(newline="", encoding="utf-8-sig") as text:
        reader = csv.reader(text, strict=True)
        try:
            heading = [name.strip() for name in next(reader, [])]
            own = next((name for name in OWN_ID if name in heading), None)
            if own is None:
                raise UserError(f"{file}: no column is named userId; the first line must say so")
            if len(set(heading)) != len(heading):
                raise UserError(f"{file}: two columns have the same name")
            for cells in reader:
                if not any(cells):
                    continue
                if len(cells) != len(heading):
                    reason = f"has {len(cells)} cells, the heading has {len(heading)}"
                    refused.append(Refusal(reader.line_num, reason))
                    continue
                filled = {n: v for n, v in zip(heading, cells, strict=True) if n and v}
                if own not in filled:
                    refused.append(Refusal(reader.line_num, f"{own} is empty"))
                    continue
                contact: dict[str, Any] = {"userId": filled.pop(own)}
                contact |= {name: filled.pop(name) for name in BUILT_IN if name in filled}
                yield reader.line_num, {**contact, "fields": filled}
        except csv.Error as error:
            raise UserError(f"{file}:{reader.line_num}: {error}") from error
        except UnicodeDecodeError as error:
            raise UserError(f"{file} is not UTF-8 text: {error}") from error


def _finish(outcome: Outcome, file: Path, as_json: bool) -> None:
    if as_json:
        show_json(asdict(outcome))
    else:
        show_refusals(outcome.refused, str(file))
        counts = {"contacts": outcome.contacts, "events": outcome.events, "orders": outcome.orders}
        stored = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        say(f"stored {stored or 'nothing'}; refused {len(outcome.refused)} lines")
    if outcome.refused:
        raise typer.Exit(1)
