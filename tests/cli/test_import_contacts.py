"""Files from the command line: sent, worked through by a worker, and what was wrong told."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import sys

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from engine.dispatch.dispatcher import running
from tests.support.quiet import quiet_others
from tests.support.running import running_engine


@pytest.fixture
async def worker(database, temporal, workspace_id):
    """A worker, and a dispatcher that hands it what is sent."""
    await quiet_others(database, workspace_id)
    async with running_engine(database, temporal, {}) as engine, running(engine.dispatcher):
        yield engine


async def rows(database, workspace_id, sql):
    async with database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(text(sql), {"w": workspace_id})]


async def stored(database, workspace_id):
    sql = "SELECT user_id, email, fields FROM contacts WHERE workspace_id = :w ORDER BY 1"
    return await rows(database, workspace_id, sql)


async def test_columns_become_fields_and_bad_lines_are_told(
    sojourn, worker, database, workspace_id, tmp_path
):
    file = tmp_path / "people.csv"
    file.write_bytes(
        b"\xef\xbb\xbfuser_id,email,timezone,plan,note\r\n"
        b'u1,u1@shop.example,Europe/Berlin,premium,"two\r\nlines, ""quoted"""\r\n'
        b"u2,,,free,\r\n"
        b",nobody@shop.example,,,\r\n"
        b"u3,too,few\r\n"
        b"u4,u4@shop.example,Mars/Olympus,free,\r\n"
    )
    ran = await sojourn("import", "contacts", file, "--json", "--errors", tmp_path / "wrong.csv")
    assert ran.code == 1
    assert ran.json["state"] == "completed"
    assert ran.json["rows"] == {"read": 5, "accepted": 2, "rejected": 3}
    with (tmp_path / "wrong.csv").open(newline="") as wrong:
        table = [(row["line"], row["column"], row["reason"]) for row in csv.DictReader(wrong)]
    assert [one[:2] for one in table] == [("5", "user_id"), ("6", ""), ("7", "timezone")]
    assert "3 cells" in table[1][2]
    assert await stored(database, workspace_id) == [
        ("u1", "u1@shop.example", {"plan": "premium", "note": 'two\r\nlines, "quoted"'}),
        ("u2", None, {"plan": "free"}),
    ]


async def test_wrong_lines_are_told_to_a_person(sojourn, worker, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("userId,timezone\nu1,Nowhere\nu2,Europe/Rome\n")
    ran = await sojourn("import", "contacts", file)
    assert ran.code == 1
    assert "people.csv:2: timezone 'Nowhere': timezone must be an IANA name" in ran.err
    assert "stored 1 of 2 lines; refused 1" in ran.err


async def test_a_dry_run_tells_how_columns_are_read_and_stores_nothing(
    sojourn, worker, database, workspace_id, tmp_path
):
    file = tmp_path / "people.csv"
    file.write_text("key,E-Mail,level,secret\nu1,a@shop.example,007,x\n")
    (tmp_path / "mapping.json").write_text(json.dumps({"level": {"type": "number"}}))
    ran = await sojourn(
        "import", "contacts", file, "--dry-run", "--mapping", tmp_path / "mapping.json",
        "--mapping", "key=userId", "--mapping", "secret=",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    for told in ("key → userId (text)", "E-Mail → email", "level → level (number)", "left out"):
        assert told in ran.err
    assert "would store 1 of 1 lines" in ran.err
    assert await stored(database, workspace_id) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty"),
        (b"name\nAda\n", "no column is named userId"),
        (b"userId,a,a\n1,2,3\n", "columns 2 and 3 are both named 'a'"),
        (b'userId,"name\nu1,x\n', "Line 1, which must name the columns"),
    ],
    ids=["empty", "no id", "twice", "open quote"],
)
async def test_a_file_that_is_no_such_table_is_refused_in_a_sentence(
    sojourn, tmp_path, content, reason
):
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    ran = await sojourn("import", "contacts", file)
    assert ran.code == 1
    assert reason in ran.err


async def test_events_and_orders_have_files_of_their_own(
    sojourn, worker, database, workspace_id, tmp_path
):
    events, orders = tmp_path / "events.csv", tmp_path / "orders.csv"
    events.write_text("userId,time,price\nu1,2024-05-01,9.5\n")
    orders.write_text(
        "orderId,userId,status,sku\no1,u1,delivered,a\no1,u1,delivered,b\no2,u1,cancelled,a\n"
    )
    ran = await sojourn("import", "events", events, "--event", "Bought", "--backfill", "--json")
    assert (ran.code, ran.json["backfill"]) == (0, True)
    ran = await sojourn("import", "orders", orders, "--json")
    assert (ran.code, ran.json["rows"]["accepted"]) == (0, 3)
    sql = "SELECT name, properties FROM events WHERE workspace_id = :w"
    assert await rows(database, workspace_id, sql) == [("Bought", {"price": 9.5})]
    sql = "SELECT order_id, status, items FROM orders WHERE workspace_id = :w ORDER BY 1"
    assert await rows(database, workspace_id, sql) == [
        ("o1", "delivered", [{"sku": "a"}, {"sku": "b"}]),
        ("o2", "cancelled", [{"sku": "a"}]),
    ]


def polls():
    """How often the API was asked how far an import is."""
    labels = {"method": "GET", "route": "/v1/imports/{id}", "status": "200"}
    return REGISTRY.get_sample_value("sojourn_http_requests_total", labels) or 0


def _heeds_interrupts() -> None:
    """What runs in the background of a script inherits that SIGINT is ignored; a terminal's not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def test_an_interrupted_command_leaves_the_import_running_and_says_where(
    sojourn, database, workspace_id, tmp_path
):
    """No worker runs here, so the import waits for one."""
    file = tmp_path / "people.csv"
    file.write_text("userId\nu1\n")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "cli.main", "import", "contacts", str(file),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "300", **sojourn.env}, preexec_fn=_heeds_interrupts,
    )  # fmt: skip
    sql = "SELECT state FROM imports WHERE workspace_id = :w"
    looks = polls()
    async with asyncio.timeout(30):
        while polls() == looks:
            await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130
    assert b"the import goes on without this command" in err
    assert b"/cancel" in err
    assert await rows(database, workspace_id, sql) == [("waiting",)]
