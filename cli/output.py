"""What commands say: results on standard output (JSON for machines), all else on the other."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console

out = Console(highlight=False)
"""Results."""
err = Console(stderr=True, highlight=False)
"""Progress, warnings and errors."""


class UserError(Exception):
    """Something the user can put right; shown without a traceback, exit code 1."""


def say(message: str) -> None:
    """Tell a person how far it is (never part of the result)."""
    err.print(message, markup=False)


def show_json(value: Any) -> None:
    """Print one JSON document as the command's whole result."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def show_error(message: str) -> None:
    """Print why the command cannot go on."""
    err.print("[bold red]error:[/] ", end="")
    err.print(message, markup=False, soft_wrap=True)
