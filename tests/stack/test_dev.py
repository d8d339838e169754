"""`sojourn dev` from the outside: it starts, tells where everything is, stops, and comes back."""

import json
import os
import signal
import socket
import time

import httpx
import psutil
import pytest

from tests.stack.conftest import FREE_PORTS, Dev


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def gone(processes, seconds=20):
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not alive


def test_it_starts_tells_where_everything_is_and_stops_cleanly(dev):
    dev.start()
    assert dev.info.keys() == {
        "api", "temporal", "temporal_ui", "smtp", "database_url", "write_key", "secret_key",
        "welcome",
    }  # fmt: skip
    for value in dev.info.values():
        assert value in dev.output
    with dev.api() as api:
        assert api.get("/readyz").status_code == 200
        assert api.get("/v1/contacts").status_code == 200
        answer = api.post(
            "/v1/track", json={"userId": "u1", "event": "Hello"},
            headers={"Authorization": f"Bearer {dev.info['write_key']}"},
        )  # fmt: skip
        assert answer.json() == {"success": True}
    host, port = dev.info["smtp"].split(":")
    with socket.create_connection((host, int(port)), 10) as smtp:
        assert smtp.recv(3) == b"220"
    assert (dev.data_dir / "keys.json").stat().st_mode & 0o077 == 0
    assert dev.info_file.stat().st_mode & 0o077 == 0

    second = Dev(dev.directory)
    second.spawn()
    assert second.process.wait(60) == 1
    assert f"another sojourn (process {dev.process.pid})" in dev.output
    assert dev.info_file.exists()

    family = dev.family()
    assert dev.stop(signal.SIGINT) == 0, dev.output
    assert gone(family)
    assert not dev.info_file.exists()
    assert "Traceback" not in dev.output


def test_a_taken_port_is_told_before_anything_starts(dev):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        dev.arguments = [*FREE_PORTS, "--smtp-port", str(port)]
        dev.spawn()
        assert dev.process.wait(60) == 1
    assert f"port {port}, for the local inbox (SMTP), is taken" in dev.output
    assert "--smtp-port" in dev.output
    assert "Traceback" not in dev.output
    assert not (dev.data_dir / "postgres").exists()


def test_a_data_directory_that_cannot_be_made_is_told_in_a_sentence(dev):
    dev.data_dir.parent.joinpath("file").write_text("")
    dev.arguments = [*FREE_PORTS]
    dev.spawn("--data-dir", "file/below")
    assert dev.process.wait(60) == 1
    assert "cannot be used as data directory" in dev.output
    assert "Traceback" not in dev.output


WAITING = {
    "name": "Waiting",
    "start": {"kind": "event", "event": "Begin"},
    "stop": [{"kind": "event", "events": ["Enough"]}],
    "blocks": [
        {"id": "long", "kind": "timer", "wait": {"for": "PT1H"}, "next": "done"},
        {"id": "done", "kind": "exit"},
    ],
}


def begin_journey(dev):
    with dev.api() as api:
        api.put("/v1/workflows/waiting", json={"definition": WAITING}).raise_for_status()
        api.post("/v1/workflows/waiting/publish", json={}).raise_for_status()
        api.post("/v1/track", json={"userId": "u1", "event": "Begin"}).raise_for_status()
        return until(lambda: [j for j in journeys(api) if j["block"] == "long"])[0]["id"]


def journeys(api):
    answer = api.get("/v1/journeys")
    answer.raise_for_status()
    return answer.json()["data"]


def stop_journey(dev, journey_id):
    """The journey that began in an earlier run takes a stop in this one."""
    with dev.api() as api:
        api.post("/v1/track", json={"userId": "u1", "event": "Enough"}).raise_for_status()
        until(lambda: api.get(f"/v1/journeys/{journey_id}").json()["state"] == "stopped")


@pytest.mark.slow
def test_a_restart_keeps_keys_and_running_journeys(dev):
    dev.start()
    before = dev.info
    journey = begin_journey(dev)
    assert dev.stop() == 0
    dev.start()
    assert dev.info["write_key"] == before["write_key"]
    assert dev.info["secret_key"] == before["secret_key"]
    assert dev.info["database_url"] == before["database_url"]
    stop_journey(dev, journey)
    assert dev.stop() == 0


@pytest.mark.slow
def test_the_link_of_the_first_start_makes_an_owner_and_is_not_shown_again(dev):
    dev.start()
    shown = dev.info["welcome"]
    assert shown.startswith(f"{dev.info['api']}/welcome/")
    with httpx.Client(base_url=dev.info["api"], timeout=30) as browser:
        body = {"email": "ada@example.com", "name": "Ada", "password": "correct horse battery"}
        token = shown.rpartition("/")[2]
        browser.post(f"/v1/invitations/{token}", json=body).raise_for_status()
        assert browser.get("/v1/session").json()["user"]["role"] == "owner"
    for log in (dev.data_dir / "logs").glob("*.log"):
        assert token not in log.read_text(errors="replace")
    assert dev.stop() == 0
    dev.start()
    assert dev.info["welcome"] is None
    assert dev.stop() == 0


@pytest.mark.slow
def test_fresh_throws_the_data_away_and_nothing_else(dev):
    dev.start()
    before = dev.info
    begin_journey(dev)
    assert dev.stop() == 0
    (dev.data_dir / "notes.txt").write_text("mine")
    dev.start("--fresh")
    with dev.api() as api:
        assert journeys(api) == []
    assert dev.info["secret_key"] != before["secret_key"]
    assert (dev.data_dir / "notes.txt").read_text() == "mine"


@pytest.mark.slow
def test_a_killed_stack_takes_its_children_along_and_comes_back_with_its_journeys(dev):
    dev.start()
    journey = begin_journey(dev)
    family = dev.family()
    dev.process.kill()
    dev.process.wait()
    assert gone(family)
    dev.start()
    stop_journey(dev, journey)
    assert dev.stop() == 0


@pytest.mark.slow
def test_everything_killed_at_once_is_recovered(dev):
    dev.start()
    journey = begin_journey(dev)
    family = dev.family()
    dev.process.kill()
    for one in family:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    dev.process.wait()
    assert gone(family)
    dev.start()
    stop_journey(dev, journey)
    assert dev.stop() == 0


@pytest.mark.slow
@pytest.mark.parametrize("part", ["worker", "api", "server", "-D"])
def test_a_killed_part_is_started_again_and_journeys_go_on(dev, part):
    dev.start()
    journey = begin_journey(dev)
    dev.child(part).kill()
    until(lambda: "is back" in dev.output, 120)
    stop_journey(dev, journey)
    assert dev.stop() == 0, dev.output


@pytest.mark.slow
def test_a_frozen_orphan_of_a_killed_stack_is_ended_by_the_next_start(dev):
    dev.start()
    frozen = dev.child("worker")
    os.kill(frozen.pid, signal.SIGSTOP)
    dev.process.kill()
    dev.process.wait()
    time.sleep(1)
    assert frozen.is_running()
    dev.start()
    assert "that a killed run had left" in dev.output
    assert not frozen.is_running()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.5, 1.5, 3, 6])
def test_a_kill_in_the_middle_of_the_first_start_is_recovered(dev, seconds):
    dev.spawn()
    time.sleep(seconds)
    dev.process.kill()
    dev.process.wait()
    dev.start()
    assert json.loads((dev.data_dir / "keys.json").read_text())["secret_key"] in dev.output


@pytest.mark.slow
def test_a_second_ctrl_c_ends_it_at_once_and_the_next_start_recovers(dev):
    dev.start()
    journey = begin_journey(dev)
    family = dev.family()
    os.kill(dev.child("worker").pid, signal.SIGSTOP)
    dev.process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert dev.process.poll() is None
    dev.process.send_signal(signal.SIGINT)
    assert dev.process.wait(10) == 130
    assert gone(family)
    dev.start()
    stop_journey(dev, journey)


@pytest.mark.slow
def test_ctrl_c_while_starting_stops_what_was_started(dev):
    dev.spawn()
    until(lambda: "starting Temporal" in dev.output, 60)
    family = dev.family()
    assert dev.stop(signal.SIGINT) == 0, dev.output
    assert gone(family)


@pytest.mark.slow
def test_the_demo_shows_messages_within_a_minute_and_does_not_load_twice(dev):
    dev.command = "demo"
    dev.start()
    with dev.api() as api:
        until(lambda: api.get("/v1/messages").json()["data"])
        events = len(api.get("/v1/workflows").json()["data"])
    assert events == 3
    assert "6937/6937" in dev.output or "loading" in dev.output
    assert dev.stop() == 0
    loaded = dev.output.count("loading a tenth")
    dev.start()
    assert dev.output.count("loading a tenth") == loaded
    assert dev.stop() == 0
