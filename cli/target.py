"""Which API a command talks to, and as whom."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.output import UserError

DEV_INFO = Path(".sojourn/info.json")
"""Written by a running `sojourn dev`: the last place where address and key are looked for."""

Url = Annotated[str | None, typer.Option("--url", envvar="SOJOURN_URL", help="Address of the API.")]
Key = Annotated[
    str | None, typer.Option("--key", envvar="SOJOURN_SECRET_KEY", help="A secret key.")
]


@dataclass(frozen=True)
class Target:
    """Which API, and as whom."""

    url: str
    key: str


def target(url: str | None, key: str | None) -> Target:
    """Find address and key: given, in the environment, or those of a `sojourn dev` running here."""
    if url is None or key is None:
        dev = _dev_info()
        # A key belongs to its server: one of `dev` is never sent to another address.
        if url is None or url.rstrip("/") == dev.get("api"):
            url, key = url or dev.get("api"), key or dev.get("secret_key")
    if not url:
        raise UserError("which API? give --url or set SOJOURN_URL (no `sojourn dev` runs here)")
    if not key:
        raise UserError("a secret key is needed: give --key or set SOJOURN_SECRET_KEY")
    if not url.startswith(("http://", "https://")):
        raise UserError(f"--url must begin with http:// or https://, not {url!r}")
    return Target(url.rstrip("/"), key)


def _dev_info() -> dict[str, str]:
    path = Path(os.environ.get("SOJOURN_INFO_FILE", DEV_INFO))
    try:
        info = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return info if isinstance(info, dict) else {}
