"""`sojourn import`: files into a workspace, through the public API."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
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
from cli.uploads import errors_of, tell_errors, told_apart, upload, watch

if TYPE_CHECKING:
    from cli.client import ApiClient

app = typer.Typer(help="Load files into a workspace.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]

DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, store nothing.")]
Mapping = Annotated[
    list[str] | None,
    typer.Option(
        "--mapping",
        help="What columns become: a JSON file, or `column=target` (nothing after = leaves it "
        "out), as often as needed. Columns of which nothing is said are detected.",
    ),
]
Backfill = Annotated[
    bool, typer.Option("--backfill", help="The rows are history: they start no journeys.")
]
Errors = Annotated[
    Path | None, typer.Option("--errors", help="Write what was wrong with lines to this file.")
]


@app.command("contacts")
def import_contacts(
    file: File, *, url: Url = None, key: Key = None, mapping: Mapping = None,
    dry_run: DryRun = False, backfill: Backfill = False, errors: Errors = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make or change the contacts of a CSV file (or a packed one, `.csv.gz`).

    One column is the `userId`; `email`, `phone`, `timezone`, `locale` and `createdAt` are known by
    their headings, every other column is a custom field. Empty cells change nothing. The exit code
    is 1 when lines were refused.
    """
    _import("contacts", file, _Said(url, key, mapping, dry_run, backfill, errors, as_json))


@app.command("events")
def import_events(
    file: File, *, url: Url = None, key: Key = None, mapping: Mapping = None,
    event: Annotated[
        str | None, typer.Option("--event", help="The name of all events, if no column has it.")
    ] = None,
    dry_run: DryRun = False, backfill: Backfill = False, errors: Errors = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Record the events of a CSV file: `userId`, `event`, `timestamp`; the rest are properties.

    The same file may be imported again: nothing is recorded twice. Rows are known by `messageId`,
    if there is such a column, else by all that they say.
    """
    said = _Said(url, key, mapping, dry_run, backfill, errors, as_json)
    _import("events", file, said, **({"event": event} if event else {}))


@app.command("orders")
def import_orders(
    file: File, *, url: Url = None, key: Key = None, mapping: Mapping = None,
    dry_run: DryRun = False, backfill: Backfill = False, errors: Errors = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make or change the orders of a CSV file: a row is an order, or one of its lines.

    `orderId`, `userId`, `status`, `total`, `currency` and `timestamp` are the order's; every other
    column is a part of its items. Lines of one order must follow one another.
    """
    _import("orders", file, _Said(url, key, mapping, dry_run, backfill, errors, as_json))


@dataclass(frozen=True)
class _Said:
    """The options that every kind of file takes."""

    url: str | None
    key: str | None
    mapping: list[str] | None
    dry_run: bool
    backfill: bool
    errors: Path | None
    as_json: bool


def _import(kind: str, file: Path, said: _Said, **more: str) -> None:
    from cli.client import ApiClient

    params = {"kind": kind, "file": file.name, **more}
    if said.mapping:
        params["mapping"] = json.dumps(_mapping(said.mapping))
    params |= {name: "true" for name in ("dry_run", "backfill") if getattr(said, name)}
    with ApiClient(target(said.url, said.key)) as client:
        with progress_bar(quiet=said.as_json, size=True) as progress:
            sent = progress.add_task("upload", total=file.stat().st_size)
            started = upload(client, file, params, lambda n: progress.advance(sent, n))
            task = progress.add_task(kind, total=started["size"])

            def show(found: dict[str, Any]) -> None:
                progress.update(task, completed=found["size"] * found["progress"])

            try:
                done = watch(client, started, show)
            except KeyboardInterrupt:
                progress.stop()
                _leave_running(client.url, started["id"])
                raise
        if said.errors is not None:
            with said.errors.open("w", encoding="utf-8", newline="") as out:
                out.writelines(errors_of(client, done["id"]))
        if said.as_json:
            show_json(done)
        else:
            _tell(client, done, file, quiet_errors=said.errors is not None)
    if done["state"] != "completed" or done["rows"]["rejected"]:
        raise typer.Exit(1)


def _mapping(said: list[str]) -> dict[str, Any]:
    """The mapping of the files and `column=target` pairs, later ones first."""
    mapping: dict[str, Any] = {}
    for one in said:
        if Path(one).is_file():
            try:
                found = json.loads(Path(one).read_text(encoding="utf-8"))
            except ValueError as error:
                raise UserError(f"{one} is not JSON: {error}") from error
            if not isinstance(found, dict):
                raise UserError(f"{one} must hold an object: columns and what they become")
            mapping |= found
            continue
        column, equals, to = one.rpartition("=")
        if not equals or not column:
            raise UserError(f"--mapping {one}: is no file, and not column=target either")
        mapping[column] = to or None
    return mapping


def _leave_running(url: str, import_id: str) -> None:
    say(
        f"the import goes on without this command; look at it with GET {url}/v1/imports/{import_id}"
        f", cancel it with POST {url}/v1/imports/{import_id}/cancel"
    )


def _tell(client: ApiClient, done: dict[str, Any], file: Path, *, quiet_errors: bool) -> None:
    rows = done["rows"]
    if done["dry_run"]:
        for line in told_apart(done):
            say(line)
    if rows["rejected"] and not quiet_errors:
        tell_errors(client, done["id"], str(file))
    if done["state"] != "completed":
        say(f"the import {done['state']}" + (f": {done['reason']}" if done["reason"] else ""))
    verb = "would store" if done["dry_run"] else "stored"
    say(f"{verb} {rows['accepted']} of {rows['read']} lines; refused {rows['rejected']}")


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
