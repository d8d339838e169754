"""One part of the stack: a program that is started, waited for, restarted if it dies, stopped."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from runtime import children


class Service(Protocol):
    """What the stack needs to know of a part."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """Start it and wait until it serves; raise `ChildError` if it does not."""

    def stop(self, *, patience: float, force: bool = False) -> None:
        """End it."""


class Program:
    """A command of this project as a part of the stack."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str],
        ready: Callable[[], bool],
        on_terminal: bool = False,
        seconds: float = 180,
    ) -> None:
        self.name = name
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._command = command
        self._env = env
        self._ready = ready
        self._on_terminal = on_terminal
        self._seconds = seconds

    def start(self) -> None:
        """Start the program and wait until it is ready."""
        self.spawn()
        self.await_ready()

    def spawn(self) -> None:
        """Start the program; it ends when this process does."""
        self.process = children.spawn(
            self._command,
            log=None if self._on_terminal else self.log,
            env=self._env,
            death_signal=signal.SIGTERM,
        )

    def await_ready(self, check: Callable[[], None] = lambda: None) -> None:
        """Wait until `ready()`; `check` is called meanwhile and may raise."""
        assert self.process is not None

        def ready() -> bool:
            check()
            return self._ready()

        children.wait_until(
            ready, self.process, name=self.name, log=self.log, seconds=self._seconds
        )

    def stop(self, *, patience: float, force: bool = False) -> None:
        """Ask the program to finish what it does; `force` kills it."""
        if self.process is not None:
            gentle = signal.SIGKILL if force else signal.SIGTERM
            children.stop(self.process, gentle=gentle, patience=patience)
            self.process = None
