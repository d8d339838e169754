"""The API's description as a file, without a running server: `python -m api.openapi FILE`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.app import create_app
from runtime.settings import Settings


def document() -> str:
    """The OpenAPI document as text: two versions differ only where the API does."""
    return json.dumps(create_app(Settings()).openapi(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
