"""The servers and processes that are measured, each a real one in a process of its own.

PostgreSQL runs with fsync on, Temporal's dev server with the settings of `sojourn dev`; the
engine's side is a `sojourn api` and a `sojourn worker`, the floor's side is `benchmarks.floor`, and
all of it talks over loopback.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from uuid import UUID, uuid4

import asyncpg
import psutil
from sqlalchemy import insert
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from benchmarks.floor_workflows import JOURNEYS
from engine.keys import create_key
from runtime import children
from runtime.ports import free_port
from runtime.postgres import EmbeddedPostgres
from runtime.temporal_server import TemporalDevServer
from storage.database import Database
from storage.tables import Workspace
from workflows.names import SEARCH_ATTRIBUTES, journeys_queue

SOJOURN = str(Path(sys.executable).with_name("sojourn"))
POSTGRES_OPTIONS = {"max_connections": "200", "shared_buffers": "1GB"}
START_SECONDS = 60
STOP_SECONDS = 45


@dataclass(frozen=True)
class Keys:
    """A workspace and its keys."""

    workspace: UUID
    write: str
    secret: str


@dataclass(frozen=True)
class Stack:
    """What a measurement needs to know of the running system."""

    database_url: str
    temporal_address: str
    api_url: str
    api: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]
    others: dict[str, subprocess.Popen[bytes]]
    """What else runs: the servers, the mail sink, the floor's worker."""
    mails: Path
    """The sink's lines: recipient and moment."""

    def processes(self) -> dict[str, subprocess.Popen[bytes]]:
        """Every process by its name."""
        return {"API": self.api, "worker": self.worker, **self.others}

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time that each has used so far, its children and the load included."""
        used = {name: _cpu(process.pid) for name, process in self.processes().items()}
        return {**used, "load": _cpu(os.getpid(), family=False)}

    def check(self) -> None:
        """Raise if a process has died: what waits for it would wait in vain."""
        for process in self.processes().values():
            if process.poll() is not None:
                raise children.ChildError(f"{process.args!r} ended with {process.returncode}")

    async def new_workspace(self, name: str) -> Keys:
        """A workspace that holds nothing yet."""
        database = Database(self.database_url, pooled=False)
        id_ = uuid4()
        async with database.transaction() as connection:
            await connection.execute(
                insert(Workspace).values(
                    id=id_, name=name, timezone="UTC", paused=False, rules_revision=0
                )
            )
            _, write = await create_key(connection, id_, "write", name)
            _, secret = await create_key(connection, id_, "secret", name)
        await database.close()
        return Keys(id_, write, secret)


def _cpu(pid: int, *, family: bool = True) -> float:
    process = psutil.Process(pid)
    times = [process.cpu_times()]
    # A server's short-lived children count once they have ended, the others while they run.
    for member in process.children(recursive=True) if family else ():
        with suppress(psutil.NoSuchProcess):
            times.append(member.cpu_times())
    own = sum(time.user + time.system for time in times)
    return own + times[0].children_user + times[0].children_system if family else own


def _process(server: EmbeddedPostgres | TemporalDevServer) -> subprocess.Popen[bytes]:
    assert server.process is not None
    return server.process


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def _polled(address: str, queue: str) -> bool:
    """Whether a worker asks for workflow tasks of this queue."""

    async def ask() -> bool:
        client = await Client.connect(address)
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
        return bool(answer.pollers)

    return asyncio.run(ask())


def _environment() -> dict[str, str]:
    """This process's environment, with compiled modules kept as they are in production.

    The sandbox loads a workflow's module for each execution: without them it compiles the source
    each time, on either side of a comparison.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def _child(
    command: list[str], *, log: Path, ready: Callable[[], bool], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is there while the block runs; the end of its log is shown if it fails."""
    process = children.spawn(command, log=log, env={**_environment(), **environment})
    try:
        children.wait_until(
            ready, process, name=" ".join(command[1:]), log=log, seconds=START_SECONDS
        )
        yield process
    except BaseException:
        sys.stderr.write(f"the end of {log.name}:\n{children.tail(log)}\n")
        raise
    finally:
        children.stop(process, patience=STOP_SECONDS)


@contextmanager
def _postgres(directory: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(directory / "postgres", options=POSTGRES_OPTIONS)
    server.start()
    try:
        asyncio.run(_create_database(server.url()))
        yield server
    finally:
        server.stop()


async def _create_database(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE DATABASE sojourn")
    await connection.close()


@contextmanager
def _temporal(directory: Path) -> Iterator[TemporalDevServer]:
    server = TemporalDevServer(
        directory / "temporal",
        port=free_port(),
        ui_port=None,
        log=directory / "temporal.log",
        search_attributes=[attribute.name for attribute in SEARCH_ATTRIBUTES],
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def running() -> Iterator[Stack]:
    """Everything, started in order and stopped in the reverse one."""
    directory = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        database = stack.enter_context(_postgres(directory))
        temporal = stack.enter_context(_temporal(directory))
        database_url, address = database.url("sojourn"), temporal.address
        smtp_port, api_port = free_port(), free_port()
        environment = {
            "SOJOURN_DATABASE_URL": database_url,
            "SOJOURN_TEMPORAL_ADDRESS": address,
            "SOJOURN_API_PORT": str(api_port),
            "SOJOURN_SMTP_HOST": "127.0.0.1",
            "SOJOURN_SMTP_PORT": str(smtp_port),
            "SOJOURN_LOG_LEVEL": "WARNING",
        }

        def start(
            name: str, command: list[str], ready: Callable[[], bool]
        ) -> subprocess.Popen[bytes]:
            return stack.enter_context(
                _child(command, log=directory / name, ready=ready, environment=environment)
            )

        sink = start(
            "mails.txt",
            [sys.executable, "-m", "benchmarks.sink", str(smtp_port)],
            lambda: _listens(smtp_port),
        )
        # The dev server has the search attributes from its command line.
        migrate = [SOJOURN, "migrate", "--database-only"]
        subprocess.run(
            migrate, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
        )
        api_url = f"http://127.0.0.1:{api_port}"
        api = start("api.log", [SOJOURN, "api"], lambda: _answers(f"{api_url}/readyz"))
        worker = start(
            "worker.log", [SOJOURN, "worker"], lambda: _polled(address, journeys_queue("sojourn"))
        )
        floor = start(
            "floor.log",
            [sys.executable, "-m", "benchmarks.floor", address],
            lambda: _polled(address, JOURNEYS),
        )
        yield Stack(
            database_url=database_url,
            temporal_address=address,
            api_url=api_url,
            api=api,
            worker=worker,
            others={
                "PostgreSQL": _process(database),
                "Temporal": _process(temporal),
                "mail sink": sink,
                "floor": floor,
            },
            mails=directory / "mails.txt",
        )
