"""What a killed PostgreSQL leaves in its data directory, told apart from a living server.

`postmaster.pid` names a process id that may by now belong to any other program, even to one of the
same user; PostgreSQL itself would then refuse to start.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil

FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT


def clear_the_way(data_dir: Path) -> None:
    """Stop a server that still runs on `data_dir` and remove a lock file that nobody holds."""
    lock = data_dir / "postmaster.pid"
    server = _server_of(lock, data_dir)
    if server is not None:
        _stop(server)
    lock.unlink(missing_ok=True)


def _server_of(lock: Path, data_dir: Path) -> psutil.Process | None:
    """Find the running server that wrote the lock file, or None if the id is stale."""
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    if pid in (os.getpid(), os.getppid()) or pid <= 0:
        return None
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return None
        # The server's working directory is its data directory, however it was started.
        return process if Path(process.cwd()) == data_dir.resolve() else None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _stop(server: psutil.Process) -> None:
    for number, patience in ((FAST, 10), (IMMEDIATE, 5), (signal.SIGKILL, 5)):
        try:
            server.send_signal(number)
            server.wait(patience)
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue
        return
