"""Reads docker-compose.yml as Compose would: YAML, merge keys, `${VAR…}` interpolation."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<sign>[-?])(?P<rest>[^}]*))?\}")


class MissingVariableError(Exception):
    """A `${VAR:?…}` that is not set: Compose refuses to go on."""


def interpolate(text: str, environment: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name, sign, rest = match["name"], match["sign"], match["rest"]
        if environment.get(name):
            return environment[name]
        if sign == "?":
            raise MissingVariableError(f"{name}: {rest}")
        return rest or ""

    return VARIABLE.sub(value, text)


def _interpolated(node: Any, environment: Mapping[str, str]) -> Any:
    match node:
        case str():
            return interpolate(node, environment)
        case dict():
            return {key: _interpolated(value, environment) for key, value in node.items()}
        case list():
            return [_interpolated(value, environment) for value in node]
    return node


def compose_text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


def compose_file(environment: Mapping[str, str]) -> dict[str, Any]:
    return _interpolated(YAML(typ="safe").load(compose_text()), environment)


def env_example() -> tuple[dict[str, str], dict[str, str]]:
    """The variables of deploy/env.example: those to fill in, and those with a default."""
    required: dict[str, str] = {}
    optional: dict[str, str] = {}
    for line in (ROOT / "deploy" / "env.example").read_text().splitlines():
        if match := re.fullmatch(r"(# )?([A-Z_]+)=(.*)", line):
            (optional if match[1] else required)[match[2]] = match[3]
    return required, optional


def filled_in() -> dict[str, str]:
    """An `.env` as an operator would write it."""
    required, _ = env_example()
    sample = {
        "SOJOURN_SMTP_SENDER": "Shop <mail@shop.example>",
        "SOJOURN_SMTP_HOST": "mail.example",
    }
    return {name: sample.get(name, "Pa55word") for name in required}
