"""Programs run as children of this process: they die with it, log to a file and stop in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
TAIL_BYTES = 16_384

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
"""Loaded beforehand: between fork and exec nothing may be imported."""


class ChildError(Exception):
    """A child did not start or did not stay; the message carries the end of its log."""


def dies_with(parent: int, death_signal: int) -> Callable[[], None] | None:
    """Return what a child does before exec so that the kernel signals it when `parent` dies.

    Linux only; elsewhere a killed parent leaves children that the next start finds by the
    recorded process ids.
    """
    if _libc is None:
        return None
    libc = _libc

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, death_signal)
        # The parent may have died before the line above took effect.
        if os.getppid() != parent:
            os.kill(os.getpid(), death_signal)

    return arrange


def spawn(
    command: Sequence[str],
    *,
    log: Path | None,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    death_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own (a Ctrl-C on the terminal reaches only the parent).

    `log` receives both output streams; without one the child writes where its parent does.
    `death_signal` is sent to it should this process die.
    """
    output = log.open("ab") if log is not None else None
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            user=user,
            start_new_session=True,
            # Safe beside threads: one system call, its library loaded long before.
            preexec_fn=dies_with(os.getpid(), death_signal),  # noqa: PLW1509
        )
    finally:
        if output is not None:
            output.close()


def stop(
    process: subprocess.Popen[bytes], *, gentle: int = signal.SIGTERM, patience: float = 10.0
) -> bool:
    """Ask a child to end and wait `patience` seconds; then kill it. True if it ended by itself."""
    if process.poll() is not None:
        return True
    process.send_signal(gentle)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def ending(log: Path) -> str:
    """Return `; the end of <log>:` and its last lines, or nothing if it wrote to the terminal."""
    last = tail(log)
    return f"; the end of {log}:\n{last}" if last else ""


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, indented; empty if there is none."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], *, name: str, log: Path,
    seconds: float,
) -> None:  # fmt: skip
    """Wait until `ready()`; raise `ChildError` if the child dies first or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise ChildError(
                f"{name} ended with code {process.returncode} while starting{ending(log)}"
            )
        if time.monotonic() > deadline:
            raise ChildError(f"{name} was not ready after {seconds:.0f} s{ending(log)}")
        time.sleep(0.05)
