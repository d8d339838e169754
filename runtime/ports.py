"""TCP ports of the one-machine stack: found free, or refused with the flag that changes them."""

from __future__ import annotations

import errno
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"

FREE_RANGE = range(15_000, 32_000)
"""Below the ports that the kernel gives to outgoing connections: one found free here is not taken
by some connection before the server that it was found for starts (or starts again)."""

ATTEMPTS = 50


@dataclass(frozen=True)
class PortWish:
    """A port that a user asked for; `number` 0 means any free one."""

    purpose: str
    flag: str
    number: int
    host: str = LOOPBACK


class PortTakenError(Exception):
    """One or more ports cannot be listened on; the message names each, its purpose and its flag."""


def free_port(host: str = LOOPBACK) -> int:
    """Find a TCP port that nobody listens on at this moment."""
    with _free_socket(host) as probe:
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether this process could listen on the port now."""
    try:
        _listen(port, host).close()
    except OSError:
        return False
    return True


def choose(wishes: Iterable[PortWish]) -> dict[str, int]:
    """Choose each purpose's port, all at once, so that two wishes for 0 never get the same one.

    Raises `PortTakenError` that names every wish that cannot be granted.
    """
    held: list[socket.socket] = []
    chosen: dict[str, int] = {}
    problems: list[str] = []
    asked: dict[int, PortWish] = {}
    try:
        # The fixed ones first: a free port must not be one that was asked for by number.
        for wish in sorted(wishes, key=lambda wish: wish.number == 0):
            if wish.number and wish.number in asked:
                problems.append(
                    f"{wish.flag} and {asked[wish.number].flag} both ask for port {wish.number}"
                )
                continue
            if wish.number:
                asked[wish.number] = wish
            try:
                probe = _listen(wish.number, wish.host) if wish.number else _free_socket(wish.host)
            except (OSError, OverflowError) as error:
                problems.append(_complaint(wish, error))
                continue
            held.append(probe)
            chosen[wish.purpose] = probe.getsockname()[1]
    finally:
        for probe in held:
            probe.close()
    if problems:
        raise PortTakenError("\n".join(problems))
    return chosen


def _listen(port: int, host: str) -> socket.socket:
    probe = socket.socket()
    try:
        # As servers do: a port in TIME_WAIT after the last run is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        # Two sockets may be bound to one port; only one can listen.
        probe.listen(1)
    except BaseException:
        probe.close()
        raise
    return probe


def _free_socket(host: str) -> socket.socket:
    for _ in range(ATTEMPTS):
        try:
            return _listen(secrets.choice(FREE_RANGE), host)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return _listen(0, host)


def _complaint(wish: PortWish, error: Exception) -> str:
    remedy = f"choose another with {wish.flag} PORT ({wish.flag} 0 takes a free one)"
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {wish.number}, for {wish.purpose}, is taken by another program; {remedy}"
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return f"port {wish.number}, for {wish.purpose}, needs more rights than yours; {remedy}"
    return f"port {wish.number}, for {wish.purpose}, cannot be used ({error}); {remedy}"
