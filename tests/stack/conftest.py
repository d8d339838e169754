"""`sojourn dev` as a user runs it: a process of its own, on free ports, in a new directory."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

START_SECONDS = 240
"""Long, because the machine that runs the tests may have much else to do."""
FREE_PORTS = [
    "--port", "0", "--temporal-port", "0", "--temporal-ui-port", "0", "--smtp-port", "0",
]  # fmt: skip


@dataclass
class Dev:
    """One `sojourn dev` (or `demo`) on one data directory."""

    directory: Path
    arguments: list[str] = field(default_factory=lambda: list(FREE_PORTS))
    command: str = "dev"
    builder: bool = False
    info: dict[str, str] = field(default_factory=dict)

    @property
    def data_dir(self) -> Path:
        return self.directory / "da ta"

    @property
    def info_file(self) -> Path:
        return self.directory / "info.json"

    @property
    def output(self) -> str:
        return (self.directory / "output.txt").read_text()

    def spawn(self, *more: str) -> None:
        with (self.directory / "output.txt").open("ab") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-P", "-m", "cli.main", self.command, *self.arguments,
                    "--data-dir", self.data_dir.name, "--info-file", self.info_file.name,
                    *([] if self.builder else ["--no-builder"]), *more,
                ],
                cwd=self.directory, stdout=output, stderr=output,
                env={**os.environ, "COLUMNS": "200"}, start_new_session=True,
            )  # fmt: skip

    def start(self, *more: str) -> None:
        # A killed run leaves its file; ours is the one that appears from here on.
        self.info_file.unlink(missing_ok=True)
        self.spawn(*more)
        deadline = time.monotonic() + START_SECONDS
        while not self.info_file.exists():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)
        self.info = json.loads(self.info_file.read_text())

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        """Find the direct child whose command line has this word."""
        children = psutil.Process(self.process.pid).children()
        return next(one for one in children if word in one.cmdline())

    def end(self) -> None:
        if getattr(self, "process", None) is None or self.process.poll() is not None:
            return
        family = self.family()
        self.process.kill()
        self.process.wait()
        _, alive = psutil.wait_procs(family, timeout=20)
        for one in alive:
            one.kill()

    def api(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.info["api"],
            headers={"Authorization": f"Bearer {self.info['secret_key']}"},
            timeout=30,
        )


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own directory: every new session of pytest closes that to other users again,
    and PostgreSQL, where root runs the tests, is one."""
    path = Path(tempfile.mkdtemp(prefix="sojourn-stack-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def dev(folder):
    dev = Dev(folder)
    yield dev
    dev.end()
