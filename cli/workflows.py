"""`sojourn workflows`: workflows and their templates as files, for git."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import UserError, say, show_json
from cli.target import Key, Url, target

if TYPE_CHECKING:
    from cli.client import ApiClient

app = typer.Typer(help="Workflows and templates as files.", no_args_is_help=True)

Files = Annotated[
    list[Path],
    typer.Argument(exists=True, readable=True, help="YAML or JSON files, or folders of them."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]

SUFFIXES = (".yaml", ".yml", ".json")
_PLACES = {name: place for place, name in enumerate(("channel", "subject", "title"))}
"""Parts that come first in a template's file, in this order; the others follow by the alphabet."""
_LAST = {"locale": 1, "locales": 2}
"""Parts that come after those."""


def _place(part: str) -> tuple[int, int, str]:
    return _LAST.get(part, 0), _PLACES.get(part, len(_PLACES)), part


SERVER_ONLY = ("id", "key", "created_at", "updated_at")
"""What an answer has and a file does not: the file's name is the key."""


@app.command("push")
def push(
    files: Files,
    publish: Annotated[bool, typer.Option(help="Publish each workflow after saving it.")] = True,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Save files under the key that is their name, and publish the workflows.

    A file with `blocks` is a workflow, one with `channel` is a template. Templates are saved first,
    as publishing checks that they exist.
    """
    from cli.client import ApiClient

    with ApiClient(target(url, key)) as client:
        done = push_files(client, files, publish=publish)
    if as_json:
        show_json(done)
    else:
        for one in done:
            version = f", version {one['version']}" if one.get("version") else ""
            say(f"{one['kind']} {one['key']}: {one['state']}{version}")


@app.command("pull")
def pull(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where the files go.")] = Path(
        "workflows"
    ),
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Write every workflow's draft as FOLDER/KEY.yaml and every template as FOLDER/templates/."""
    from cli.client import ApiClient
    from journeys.definition_writing import write_definition, write_sketch
    from journeys.sketches import whole

    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    with ApiClient(target(url, key)) as client:
        for summary in client.all("/v1/workflows"):
            if summary["state"] == "archived":
                continue
            draft = client.get(f"/v1/workflows/{summary['key']}")["definition"]
            drawn = whole(draft)
            text = write_sketch(draft) if drawn is None else write_definition(drawn)
            written.append(_write(folder / f"{summary['key']}.yaml", text))
        for template in client.all("/v1/templates"):
            content = {
                name: value for name, value in template.items()
                if value is not None and name not in SERVER_ONLY
            }  # fmt: skip
            text = _template_text(content)
            written.append(_write(folder / "templates" / f"{template['key']}.yaml", text))
    if as_json:
        show_json(written)
    else:
        say(f"{len(written)} files in {folder}")


@app.command("simulate")
def simulate(  # noqa: PLR0917  (options of a command)
    file: Annotated[
        Path, typer.Argument(exists=True, readable=True, help="A workflow, in YAML or JSON.")
    ],
    contact: Annotated[str, typer.Option(help="The contact's userId or id.")],
    event: Annotated[
        str | None, typer.Option(help="The starting event's properties, as JSON.")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(help="When it starts, in UTC; now, if left out.")
    ] = None,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a workflow would do with one contact, and when; nothing is stored or sent.

    Re-entry is looked at where the server knows a workflow by the file's name.
    """
    from cli.client import ApiClient
    from cli.simulation import body_of, show

    body = body_of(read_document(file), contact, event, at)
    with ApiClient(target(url, key)) as client:
        known = any(one["key"] == file.stem for one in client.all("/v1/workflows"))
        place = f"/v1/workflows/{file.stem}/simulate" if known else "/v1/workflows/simulate"
        told = client.post(place, body)
    if as_json:
        show_json(told)
    else:
        show(told)


def push_files(client: ApiClient, paths: Sequence[Path], *, publish: bool) -> list[dict[str, Any]]:
    """Save templates, then workflows; answer what each became. The first refusal ends it."""
    documents = [(path, read_document(path)) for path in _files(paths)]
    done: list[dict[str, Any]] = []
    for path, content in documents:
        if "blocks" not in content:
            _save(client, f"/v1/templates/{path.stem}", content, path)
            done.append({"kind": "template", "key": path.stem, "state": "saved"})
    for path, content in documents:
        if "blocks" in content:
            address = f"/v1/workflows/{path.stem}"
            _save(client, address, {"definition": content}, path)
            entry: dict[str, Any] = {"kind": "workflow", "key": path.stem, "state": "saved"}
            if publish:
                try:
                    entry |= client.post(f"{address}/publish", {})
                except UserError as error:
                    raise UserError(f"{path}: {error}") from error
            done.append(entry)
    return done


def read_document(path: Path) -> dict[str, Any]:
    """Read a YAML 1.2 or JSON file. Dates and words such as `on` stay text."""
    from journeys.definition_files import read_definition_file
    from journeys.errors import InvalidInput

    try:
        content = read_definition_file(path.read_bytes(), name=str(path)).data
    except InvalidInput as error:
        raise UserError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict) or not ("blocks" in content or "channel" in content):
        raise UserError(
            f"{path} is neither a workflow (with `blocks`) nor a template (with `channel`)"
        )
    return content


def _save(client: ApiClient, address: str, body: dict[str, Any], path: Path) -> None:
    try:
        client.put(address, body)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES)
        else:
            found.append(path)
    if not found:
        raise UserError("there are no .yaml, .yml or .json files")
    return found


def _write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def _template_text(content: dict[str, Any]) -> str:
    """A template as a person would write it: in one order, long texts as blocks of lines."""
    from ruamel.yaml import YAML
    from ruamel.yaml.scalarstring import LiteralScalarString

    def shaped(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shaped(value[name]) for name in sorted(value, key=_place)}
        return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value

    yaml = YAML()
    yaml.width = 100
    text = io.StringIO()
    yaml.dump(shaped(content), text)
    return text.getvalue()
