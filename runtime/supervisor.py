"""The parts of a running stack: started in order, again when they die, stopped in reverse."""

from __future__ import annotations

import signal
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from runtime import children
from runtime.recovery import ChildrenFile
from runtime.service import Program, Service

PATIENCE = {"PostgreSQL": 30.0, "worker": 40.0}
"""Seconds to end in order; the worker finishes the sends that it has begun."""
DEFAULT_PATIENCE = 10.0

RESTARTS = 3
RESTART_WINDOW = 60.0
"""A part may die this often in so many seconds before the stack gives up."""

PAUSE = 0.05


class StackError(Exception):
    """The stack cannot go on; the message says which part and why."""


class StopRequestedError(Exception):
    """A signal arrived while the stack was starting."""


class Supervisor:
    """Owns the children. `stop_requested` may be set at any time, from a signal handler too."""

    def __init__(self, record: ChildrenFile, *, report: Callable[[str], None]) -> None:
        self.stop_requested = threading.Event()
        self._record = record
        self._report = report
        self._services: list[Service] = []
        self._deaths: defaultdict[str, deque[float]] = defaultdict(deque)

    @property
    def any_running(self) -> bool:
        """Whether there is anything to stop."""
        return bool(self._services)

    def start(self, service: Service) -> None:
        """Start one part and wait until it serves."""
        self._raise_if_stopping()
        self._services.append(service)
        self._report(f"starting {service.name}")
        service.start()
        self._note(service)

    def start_together(self, programs: Sequence[Program]) -> None:
        """Start several at once and wait until all serve."""
        for program in programs:
            self._raise_if_stopping()
            self._services.append(program)
            self._report(f"starting {program.name}")
            program.spawn()
            self._note(program)
        for program in programs:
            program.await_ready(self._raise_if_stopping)

    def run_to_end(
        self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str]
    ) -> None:
        """Run a program that ends by itself; raise `StackError` unless it ends well."""
        self._report(f"running {name}")
        process = children.spawn(command, log=log, env=env, death_signal=signal.SIGKILL)
        try:
            while process.poll() is None:
                self._raise_if_stopping()
                time.sleep(PAUSE)
        finally:
            children.stop(process, gentle=signal.SIGKILL)
        if process.returncode != 0:
            raise StackError(f"{name} ended with code {process.returncode}{children.ending(log)}")

    def watch(self) -> None:
        """Keep every part running until a stop is requested; raise `StackError` if one cannot."""
        with suppress(StopRequestedError):
            while not self.stop_requested.wait(0.2):
                for service in self._services:
                    if service.process is not None and service.process.poll() is not None:
                        self._revive(service)

    def stop(self) -> None:
        """Stop the parts, the last started first, each with its time to finish."""
        for service in reversed(self._services):
            process = service.process
            service.stop(patience=PATIENCE.get(service.name, DEFAULT_PATIENCE))
            if process is not None:
                self._record.forget(process.pid)
        self._services.clear()

    def kill(self) -> None:
        """End every part at once, without waiting for what they do."""
        for service in reversed(self._services):
            if service.process is not None and service.process.poll() is None:
                # PostgreSQL would leave its own children behind for a moment if simply killed.
                urgent = signal.SIGQUIT if service.name == "PostgreSQL" else signal.SIGKILL
                service.process.send_signal(urgent)

    def _revive(self, service: Service) -> None:
        assert service.process is not None
        code, now = service.process.returncode, time.monotonic()
        self._record.forget(service.process.pid)
        deaths = self._deaths[service.name]
        deaths.append(now)
        while now - deaths[0] > RESTART_WINDOW:
            deaths.popleft()
        story = f"{service.name} ended with code {code}{children.ending(service.log)}"
        if len(deaths) > RESTARTS:
            raise StackError(f"{story}\n{service.name} died {len(deaths)} times in a minute")
        self._report(f"{story}\nstarting {service.name} again")
        if isinstance(service, Program):
            service.spawn()
            self._note(service)
            # a stop must not wait for a part that does not become ready
            service.await_ready(self._raise_if_stopping)
        else:
            service.start()
            self._note(service)
        self._report(f"{service.name} is back")

    def _note(self, service: Service) -> None:
        if service.process is not None:
            self._record.record(service.process.pid)

    def _raise_if_stopping(self) -> None:
        if self.stop_requested.is_set():
            raise StopRequestedError
