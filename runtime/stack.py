"""Everything on one machine: PostgreSQL, Temporal, worker and API as children of one small process.

The API and the worker are the production processes, started with settings for this machine. A part
that dies is started again; one that keeps dying stops the stack.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from runtime import own_key
from runtime.files import write_atomically
from runtime.ports import LOOPBACK, PortWish, choose, is_free
from runtime.postgres import UNFINISHED, EmbeddedPostgres
from runtime.probes import answers_ok
from runtime.recovery import CHILDREN, ChildrenFile, DataDirLock
from runtime.service import Program
from runtime.supervisor import StackError, Supervisor
from runtime.temporal_server import TemporalDevServer

DATABASE = "sojourn"
INFO = "info.json"
KEYS = "keys.json"
WELCOME = "welcome.txt"
STATE = "state.json"
POSTGRES, TEMPORAL, LOGS = "postgres", "temporal", "logs"
OURS = (
    POSTGRES,
    POSTGRES + UNFINISHED,
    TEMPORAL,
    LOGS,
    KEYS,
    own_key.FILE,
    WELCOME,
    STATE,
    INFO,
    CHILDREN,
    "demo.json",
)
"""All that a stack keeps in its data directory (beside its lock); `--fresh` removes these only."""

CAUGHT_CHANNELS = ["push", "in_app", "inbox", "sms", "web_push", "webhook"]
"""Channels whose messages go to the local inbox; e-mail reaches it through a real SMTP dialogue."""

LARGEST_LOG = 10_000_000
"""Bytes; a longer log is set aside (one generation) at the next start."""


@dataclass(frozen=True)
class StackOptions:
    """What a user can choose; a port of 0 means any free one."""

    data_dir: Path
    port: int = 8000
    temporal_port: int = 7233
    temporal_ui_port: int = 8233
    smtp_port: int = 1025
    database_port: int = 0
    host: str = LOOPBACK
    fresh: bool = False


@dataclass(frozen=True)
class StackInfo:
    """Where everything is; written as the info file (contract section 2)."""

    api: str
    temporal: str
    temporal_ui: str
    smtp: str
    database_url: str
    write_key: str
    secret_key: str
    welcome: str | None
    """The one-time link to the first owner; None once there is one."""

    def as_json(self) -> str:
        """Serialise for the info file."""
        return json.dumps(asdict(self), indent=2) + "\n"


class Stack:
    """The parts of one data directory, from the lock to the last child's end."""

    def __init__(self, options: StackOptions, *, report: Callable[[str], None]) -> None:
        self.data_dir = options.data_dir.resolve()
        self.options = options
        self.report = report
        self._lock = DataDirLock(self.data_dir)
        self._children = ChildrenFile(self.data_dir)
        self.parts = Supervisor(self._children, report=report)

    def own_data_dir(self) -> None:
        """Take the directory, end what a killed run left there, and empty it if so asked."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(
                f"{self.data_dir} cannot be used as data directory: {error}"
            ) from error
        self._lock.acquire()
        self._remove_info()
        orphans = self._children.end_orphans()
        if orphans:
            self.report(f"ended {orphans} programs that a killed run had left")
        if self.options.fresh:
            for name in OURS:
                path = self.data_dir / name
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)

    def start(self) -> StackInfo:
        """Start every part in order and wait until all serve. The directory must be owned."""
        ports = choose(self._wishes())
        self._remember(database_port=ports["PostgreSQL"])
        logs = self.data_dir / LOGS
        self._set_long_logs_aside(logs)

        postgres = EmbeddedPostgres(
            self.data_dir / POSTGRES, port=ports["PostgreSQL"], log=logs / "postgres.log"
        )
        temporal = TemporalDevServer(
            self.data_dir / TEMPORAL, port=ports["Temporal"], ui_port=ports["Temporal's web UI"],
            log=logs / "temporal.log",
        )  # fmt: skip
        self.parts.start(postgres)
        postgres.ensure_database(DATABASE)
        self.parts.start(temporal)

        api_url = f"http://{self._reachable_host()}:{ports['the API and the builder']}"
        smtp_port = ports["the local inbox (SMTP)"]
        env = self._environment(
            SOJOURN_DATABASE_URL=postgres.url(DATABASE),
            SOJOURN_TEMPORAL_ADDRESS=temporal.address,
            SOJOURN_TEMPORAL_UI=f"http://{LOOPBACK}:{temporal.ui_port}",
            SOJOURN_API_PORT=str(ports["the API and the builder"]),
            SOJOURN_PUBLIC_URL=os.environ.get("SOJOURN_PUBLIC_URL") or api_url,
            SOJOURN_ENCRYPTION_KEYS=os.environ.get("SOJOURN_ENCRYPTION_KEYS")
            or own_key.own_key(self.data_dir),
            SOJOURN_SMTP_PORT=str(smtp_port),
        )
        welcome_file = self.data_dir / WELCOME
        self.parts.run_to_end(
            "`sojourn migrate`",
            [
                *sojourn("migrate"), "--keys-file", str(self.data_dir / KEYS),
                "--welcome-file", str(welcome_file),
            ],
            log=logs / "migrate.log", env=env,
        )  # fmt: skip
        self._start_programs(api_url, smtp_port, env)
        keys = json.loads((self.data_dir / KEYS).read_text())
        info = StackInfo(
            api=api_url, temporal=temporal.address,
            temporal_ui=f"http://{LOOPBACK}:{temporal.ui_port}", smtp=f"{LOOPBACK}:{smtp_port}",
            database_url=postgres.url(DATABASE),
            write_key=keys["write_key"], secret_key=keys["secret_key"],
            welcome=welcome_file.read_text() or None,
        )  # fmt: skip
        welcome_file.unlink()
        write_atomically(self.data_dir / INFO, info.as_json())
        return info

    def environment_of(self, info: StackInfo) -> dict[str, str]:
        """Build the environment of a program that talks to this stack through its API."""
        return {
            **os.environ, "SOJOURN_URL": info.api,
            "SOJOURN_SECRET_KEY": info.secret_key, "SOJOURN_WRITE_KEY": info.write_key,
        }  # fmt: skip

    def stop(self) -> None:
        """Stop every part in order (API, worker, Temporal, PostgreSQL) and free the directory."""
        self._remove_info()
        self.parts.stop()
        self._lock.release()

    def _wishes(self) -> list[PortWish]:
        options = self.options
        database_port = options.database_port
        if not database_port:
            # The address stays the same over restarts as long as nobody took it meanwhile.
            last = self._state().get("database_port", 0)
            database_port = last if last and is_free(last) else 0
        return [
            PortWish("the API and the builder", "--port", options.port, options.host),
            PortWish("Temporal", "--temporal-port", options.temporal_port),
            PortWish("Temporal's web UI", "--temporal-ui-port", options.temporal_ui_port),
            PortWish("the local inbox (SMTP)", "--smtp-port", options.smtp_port),
            PortWish("PostgreSQL", "--database-port", database_port),
        ]

    def _start_programs(self, api_url: str, smtp_port: int, env: Mapping[str, str]) -> None:
        logs = self.data_dir / LOGS
        ready_file = self.data_dir / "worker.ready"
        ready_file.unlink(missing_ok=True)
        programs = [
            Program(
                "worker", [*sojourn("worker"), "--ready-file", str(ready_file)],
                log=logs / "worker.log", env=env, ready=ready_file.exists,
            ),
            Program(
                "API", [*sojourn("api"), "--inbox-port", str(smtp_port), "--no-welcome"],
                log=logs / "api.log", env=env,
                ready=lambda: answers_ok(f"{api_url}/readyz"),
            ),
        ]  # fmt: skip
        # Both at once: each spends its first second on imports.
        self.parts.start_together(programs)

    def _environment(self, **ours: str) -> dict[str, str]:
        # A mail server from the user's environment must not get what the inbox is to catch.
        inherited = {
            name: value for name, value in os.environ.items()
            if not name.upper().startswith("SOJOURN_SMTP_")
        }  # fmt: skip
        return {
            **inherited,
            "SOJOURN_API_HOST": self.options.host,
            "SOJOURN_SMTP_HOST": LOOPBACK,
            "SOJOURN_INBOX_ENABLED": "true",
            "SOJOURN_INBOX_CHANNELS": json.dumps(CAUGHT_CHANNELS),
            "SOJOURN_TEMPORAL_NAMESPACE": "default",
            **ours,
        }

    def _reachable_host(self) -> str:
        return LOOPBACK if self.options.host in ("0.0.0.0", "::", "") else self.options.host  # noqa: S104

    def _state(self) -> dict[str, int]:
        try:
            state = json.loads((self.data_dir / STATE).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _remember(self, **values: int) -> None:
        write_atomically(self.data_dir / STATE, json.dumps({**self._state(), **values}))

    def _remove_info(self) -> None:
        (self.data_dir / INFO).unlink(missing_ok=True)

    @staticmethod
    def _set_long_logs_aside(logs: Path) -> None:
        logs.mkdir(exist_ok=True)
        for log in logs.glob("*.log"):
            if log.stat().st_size > LARGEST_LOG:
                log.replace(log.with_suffix(".log.1"))


def sojourn(command: str) -> list[str]:
    """Build the command line of another command of this program."""
    # -P: a folder named `cli` or `api` in the user's directory must not be imported instead.
    return [sys.executable, "-P", "-m", "cli.main", command]
