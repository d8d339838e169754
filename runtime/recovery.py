"""A data directory belongs to one running stack; what a killed one left is found and ended safely.

The lock is the kernel's, so it cannot outlive its process. The children are recorded with the time
they started, because a process id alone may by now belong to somebody else's program.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
from pathlib import Path

import psutil

from runtime.files import write_atomically

LOCK = "lock"
CHILDREN = "children.json"

CLOCK_TOLERANCE = 2.0
"""Seconds by which the kernel's start time of one process may differ between two readings."""

ORPHAN_PATIENCE = 10.0
"""Seconds that an orphan gets to end by itself; the signal at its parent's death came before."""


class DataDirInUseError(Exception):
    """Another stack runs on this data directory."""


class DataDirLock:
    """Held while a stack uses the directory; released by the kernel however the process ends."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / LOCK
        self._data_dir = data_dir
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise `DataDirInUseError` that names the process that has it."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(fd, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise DataDirInUseError(
                f"another sojourn (process {owner}) runs on {self._data_dir}; "
                "stop it, or choose another directory with --data-dir"
            ) from None
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()}\n".encode())
        self._fd = fd

    def release(self) -> None:
        """Give the directory free."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


class ChildrenFile:
    """The children of the running stack, on disk, for a start after a kill."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / CHILDREN
        self._started: dict[int, float] = {}

    def record(self, pid: int) -> None:
        """Remember a child that was just started."""
        try:
            self._started[pid] = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        self._save()

    def forget(self, pid: int) -> None:
        """A child has ended and was waited for."""
        if self._started.pop(pid, None) is not None:
            self._save()

    def end_orphans(self) -> int:
        """End the children of an earlier stack that still run; answer how many there were."""
        orphans = [
            process for pid, started in self._load().items()
            if (process := _same_process(pid, started)) is not None
        ]  # fmt: skip
        for orphan in orphans:
            # PostgreSQL takes SIGINT for "now, but in order"; the others take it as SIGTERM.
            _signal(orphan, signal.SIGINT)
        _, alive = psutil.wait_procs(orphans, timeout=ORPHAN_PATIENCE)
        for orphan in alive:
            _signal(orphan, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=ORPHAN_PATIENCE)
        self._path.unlink(missing_ok=True)
        return len(orphans)

    def _load(self) -> dict[int, float]:
        try:
            content = json.loads(self._path.read_text())
            return {int(pid): float(started) for pid, started in content.items()}
        except FileNotFoundError:
            return {}
        # Written atomically, so never half; but a hand may have been at it.
        except (ValueError, AttributeError, TypeError):
            return {}

    def _save(self) -> None:
        write_atomically(self._path, json.dumps(self._started))


def _same_process(pid: int, started: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < CLOCK_TOLERANCE
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
