"""What a kill leaves behind never keeps PostgreSQL from starting."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from runtime.postgres import UNFINISHED, EmbeddedPostgres, PostgresError
from runtime.stale_postgres import clear_the_way

QUICK = {"fsync": "off"}


@pytest.fixture
def server(folder):
    server = EmbeddedPostgres(folder / "a b" / "postgres", options=QUICK)
    yield server
    server.stop(force=True)


def value(server: EmbeddedPostgres, query: str) -> str:
    return server._run(
        "psql", "-X", "-q", "-At", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres",
        "-c", query, "postgres",
    ).strip()  # fmt: skip


def test_committed_data_survives_a_kill_and_the_next_start_takes_over(server):
    server.start()
    value(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.process.kill()
    server.process.wait()

    again = EmbeddedPostgres(server.data_dir, options=QUICK)
    again.start()
    try:
        assert value(again, "SELECT answer FROM kept") == "42"
    finally:
        again.stop(force=True)


def test_an_orphaned_server_is_stopped_before_its_directory_is_taken(server):
    server.start()
    orphan = psutil.Process(server.process.pid)

    again = EmbeddedPostgres(server.data_dir, options=QUICK)
    again.start()
    try:
        assert server.process.wait(5) == 0
        assert not orphan.is_running()
        assert value(again, "SELECT 1") == "1"
    finally:
        again.stop(force=True)


def test_a_lock_file_whose_process_id_is_another_programs_by_now_is_removed(server):
    server.start()
    server.stop()
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        lock = server.data_dir / "postmaster.pid"
        lock.write_text(f"{bystander.pid}\n{server.data_dir}\n")
        server.start()
        assert value(server, "SELECT 1") == "1"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.communicate()


def test_a_server_on_another_directory_is_left_alone(server, folder):
    server.start()
    other = folder / "other"
    other.mkdir()
    (other / "postmaster.pid").write_text(f"{server.process.pid}\n")
    clear_the_way(other)
    assert not (other / "postmaster.pid").exists()
    assert value(server, "SELECT 1") == "1"


@pytest.mark.parametrize(
    "content",
    ["", "not a number\n", "-1\n", "999999999\n", f"{os.getpid()}\n"],
    ids=["empty", "no number", "negative", "no such process", "another program's process"],
)
def test_a_damaged_or_stale_lock_file_is_removed(folder, content):
    (folder / "postmaster.pid").write_text(content)
    clear_the_way(folder)
    assert not (folder / "postmaster.pid").exists()


def test_an_interrupted_creation_is_done_again(server):
    unfinished = server.data_dir.with_name(server.data_dir.name + UNFINISHED)
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    (unfinished / "half").touch()
    server.start()
    assert value(server, "SELECT 1") == "1"
    assert not unfinished.exists()
    assert not (server.data_dir / "half").exists()


def test_a_directory_of_something_else_is_refused_and_kept(server):
    server.data_dir.mkdir(parents=True)
    (server.data_dir / "thesis.txt").write_text("mine")
    with pytest.raises(PostgresError, match="no PostgreSQL cluster"):
        server.start()
    assert (server.data_dir / "thesis.txt").read_text() == "mine"


def test_a_cluster_of_another_version_is_refused_with_a_way_out(server):
    server.start()
    server.stop()
    (server.data_dir / "PG_VERSION").write_text("12\n")
    with pytest.raises(
        PostgresError, match=r"made by PostgreSQL 12, installed is \d+; start afresh"
    ):
        server.start()


def test_a_server_that_cannot_start_tells_the_end_of_its_log(folder):
    server = EmbeddedPostgres(folder / "postgres", options={**QUICK, "shared_buffers": "none"})
    with pytest.raises(PostgresError, match="shared_buffers"):
        server.start()


def test_a_path_longer_than_a_unix_socket_may_have_works(folder):
    server = EmbeddedPostgres(Path(folder, *["long" * 10] * 4, "postgres"), options=QUICK)
    server.start()
    try:
        assert value(server, "SELECT 1") == "1"
    finally:
        server.stop(force=True)


def test_a_database_is_made_once(server):
    server.start()
    server.ensure_database("shop")
    server.ensure_database("shop")
    assert value(server, "SELECT count(*) FROM pg_database WHERE datname = 'shop'") == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own signal exists on Linux only")
def test_the_server_ends_when_the_process_that_started_it_is_killed(folder):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from runtime.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1]), options={'fsync': 'off'}); server.start()\n"
        "print(server.process.pid, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, str(folder / "postgres")], stdout=subprocess.PIPE, text=True
    )
    postmaster = psutil.Process(int(starter.stdout.readline()))
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    postmaster.wait(10)
    assert not (folder / "postgres" / "postmaster.pid").exists()
