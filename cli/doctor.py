"""`sojourn doctor`: whether everything that this installation needs is there and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import out, show_json

if TYPE_CHECKING:
    from temporalio.client import Client

    from runtime.settings import Settings

PATIENCE = 10.0
"""Seconds for each check."""


@dataclass(frozen=True)
class Finding:
    """One check: `ok`, `failed`, or `skipped` because something it needs failed."""

    check: str
    state: str
    detail: str


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check database, schema, Temporal, search attributes, workers and the mail server.

    Exit code 0 when all is well, 1 otherwise.
    """
    from runtime.settings import Settings

    findings = asyncio.run(examine(Settings()))
    healthy = all(one.state == "ok" for one in findings)
    if as_json:
        show_json({"healthy": healthy, "checks": [asdict(one) for one in findings]})
    else:
        colours = {"ok": "green", "failed": "red", "skipped": "yellow"}
        for one in findings:
            out.print(f"[{colours[one.state]}]{one.state:<8}[/]{one.check:<18} ", end="")
            out.print(one.detail, markup=False, soft_wrap=True)
    if not healthy:
        raise typer.Exit(1)


async def examine(settings: Settings) -> list[Finding]:
    """Run every check; those that build on a failed one are skipped."""
    # Imported before the clock of a check runs: on a busy machine that takes seconds.
    import aiosmtplib  # noqa: F401

    import runtime.search_attributes  # noqa: F401
    import storage.migrate  # noqa: F401

    findings = [await _check("database", lambda: _database(settings))]
    if findings[0].state == "ok":
        findings.append(await _check("schema", lambda: _schema(settings)))
    else:
        findings.append(Finding("schema", "skipped", "the database does not answer"))
    findings += await _examine_temporal(settings)
    findings.append(await _check("mail server", _smtp))
    return findings


async def _examine_temporal(settings: Settings) -> list[Finding]:
    from runtime.temporal_client import TemporalClient

    client: Client | None = None

    async def reach() -> str:
        nonlocal client
        client = await TemporalClient(settings).get()
        from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=settings.temporal_namespace), retry=False
        )
        return f"{settings.temporal_address}, namespace {settings.temporal_namespace}"

    findings = [await _check("Temporal", reach)]
    for check, work in (("search attributes", _attributes), ("workers", _workers)):
        if client is None or findings[0].state != "ok":
            findings.append(Finding(check, "skipped", "Temporal does not answer"))
        else:
            findings.append(await _check(check, partial(work, client, settings)))
    return findings


async def _check(name: str, work: Callable[[], Awaitable[str]]) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            return Finding(name, "ok", await work())
    except TimeoutError:
        return Finding(name, "failed", f"no answer within {PATIENCE:.0f} s")
    except Exception as error:  # noqa: BLE001  (whatever it is, it is what is wrong)
        return Finding(name, "failed", str(error) or type(error).__name__)


async def _database(settings: Settings) -> str:
    from sqlalchemy.engine import make_url

    version = await _scalar(settings, "SHOW server_version")
    if int(version.split(".")[0]) < 16:
        raise RuntimeError(f"PostgreSQL {version} is too old; 16 or newer is needed")
    return f"PostgreSQL {version} at {make_url(settings.database_url).render_as_string()}"


async def _schema(settings: Settings) -> str:
    from alembic.script import ScriptDirectory

    from storage.migrate import alembic_config

    needed = ScriptDirectory.from_config(alembic_config(settings.database_url)).get_current_head()
    try:
        present = await _scalar(settings, "SELECT version_num FROM alembic_version")
    except Exception as error:
        raise RuntimeError("the database is empty; run `sojourn migrate`") from error
    if present != needed:
        raise RuntimeError(f"version {present}, this program needs {needed}; run `sojourn migrate`")
    return f"version {present}"


async def _scalar(settings: Settings, query: str) -> str:
    from sqlalchemy import text

    from storage.database import Database

    database = Database(settings.database_url, pooled=False)
    try:
        async with database.transaction() as connection:
            return str(await connection.scalar(text(query)))
    finally:
        await database.close()


async def _attributes(client: Client, _settings: Settings) -> str:
    from runtime.search_attributes import missing

    if absent := await missing(client):
        raise RuntimeError(f"missing: {', '.join(absent)}; run `sojourn migrate`")
    return "registered"


async def _workers(client: Client, settings: Settings) -> str:
    from cli.pollers import identities
    from workflows.names import journeys_queue

    queue = journeys_queue(settings.task_queue_prefix)
    found = await identities(client, settings)
    if not found:
        raise RuntimeError(f"nobody works on {queue}; start `sojourn worker`")
    return f"{len(found)} on {queue}"


async def _smtp() -> str:
    import aiosmtplib

    from runtime.settings import SmtpSettings

    smtp = SmtpSettings()
    client = aiosmtplib.SMTP(
        hostname=smtp.host, port=smtp.port, timeout=PATIENCE,
        use_tls=smtp.tls == "tls", start_tls=smtp.tls == "starttls",
        cert_bundle=smtp.ca_file, username=smtp.username,
        password=smtp.password.get_secret_value() if smtp.password else None,
    )  # fmt: skip
    async with client:
        await client.noop()
    return f"{smtp.host}:{smtp.port} ({smtp.tls})"
