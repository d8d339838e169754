"""Figures, their limits, and the table they make."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from runtime.temporal_server import program

NOTES = Path(__file__).with_name("notes.md")


@dataclass(frozen=True)
class Figure:
    """One line. `value` is what the limit is about: usually engine divided by what it is beside."""

    what: str
    engine: str
    beside: str
    value: float
    unit: str = "×"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def limit(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g} {self.unit}"
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {self.unit}"
        return ""

    @property
    def reached(self) -> bool | None:
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most is not None:
            return self.value <= self.at_most
        return None

    @property
    def verdict(self) -> str:
        """`yes`, or by how much of the limit it is missed."""
        if self.reached is None:
            return ""
        if self.reached:
            return "yes"
        limit = self.at_least if self.at_least is not None else self.at_most
        assert limit is not None
        return f"**no**, by {abs(self.value - limit) / limit:.0%}"


@dataclass(frozen=True)
class Section:
    """One benchmark: what it did, in a sentence or two, and its figures."""

    title: str
    how: str
    figures: list[Figure]


def table(sections: list[Section]) -> str:
    lines = []
    for section in sections:
        lines += [f"## {section.title}", "", section.how, ""]
        lines += ["| figure | engine | beside | ratio or size | limit | reached |"]
        lines += ["|---|--:|--:|--:|--:|---|"]
        lines += [
            f"| {figure.what} | {figure.engine} | {figure.beside} "
            f"| {figure.value:.2f} {figure.unit} | {figure.limit} | {figure.verdict} |"
            for figure in section.figures
        ]
        lines.append("")
    return "\n".join(lines)


def document(sections: list[Section]) -> str:
    """The whole of RESULTS.md."""
    temporal = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
    how = (
        f"`uv run python -m benchmarks`, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {temporal.stdout.strip()}."
    )
    fairness = (
        "Engine and comparison run on the same servers in the same run, in turns. Every ratio is "
        "engine ÷ comparison. The machine is shared by everything measured: PostgreSQL, Temporal, "
        "API, worker, mail sink and the load itself."
    )
    head = ["# Benchmark results", "", how, "", fairness, ""]
    notes = ["## Notes", "", NOTES.read_text().strip(), ""] if NOTES.exists() else []
    return "\n".join([*head, table(sections), *notes])
