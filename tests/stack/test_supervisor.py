"""Parts are started again when they die, given up when they keep dying, stopped in reverse."""

import os
import sys
import threading
import time

import pytest

from runtime.children import ChildError
from runtime.recovery import ChildrenFile
from runtime.service import Program
from runtime.supervisor import StackError, StopRequestedError, Supervisor

STAY = "import time; time.sleep(60)"


@pytest.fixture
def told():
    return []


@pytest.fixture
def supervisor(tmp_path, told):
    supervisor = Supervisor(ChildrenFile(tmp_path), report=told.append)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def program(tmp_path):
    def make(code, *, name="part", ready=lambda: True):
        return Program(
            name,
            [sys.executable, "-c", code],
            log=tmp_path / f"{name}.log",
            env=dict(os.environ),
            ready=ready,
            seconds=20,
        )

    return make


def watch(supervisor):
    failures = []

    def run():
        try:
            supervisor.watch()
        except StackError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failures


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_part_is_started_again_and_the_user_told(supervisor, program, told):
    part = program(STAY)
    supervisor.start(part)
    first = part.process
    thread, failures = watch(supervisor)
    first.kill()
    until(lambda: "part is back" in told)
    supervisor.stop_requested.set()
    thread.join()
    assert part.process.pid != first.pid
    assert not failures
    assert any("part ended with code -9" in line for line in told)


def test_a_stop_does_not_wait_for_a_part_that_comes_back_slowly(supervisor, program, told):
    ready = [True]
    part = program(STAY, ready=lambda: ready[0])
    supervisor.start(part)
    thread, failures = watch(supervisor)
    ready[0] = False
    part.process.kill()
    until(lambda: any("starting part again" in line for line in told))
    supervisor.stop_requested.set()
    thread.join(5)
    assert not thread.is_alive()
    assert not failures


def test_a_part_that_keeps_dying_stops_the_stack_with_the_end_of_its_log(supervisor, program):
    supervisor.start(program("print('out of cheese'); raise SystemExit(3)"))
    thread, failures = watch(supervisor)
    thread.join(30)
    assert "part ended with code 3" in str(failures[0])
    assert "out of cheese" in str(failures[0])
    assert "times in a minute" in str(failures[0])


def test_a_part_that_ends_while_starting_is_told_with_the_end_of_its_log(supervisor, program):
    part = program("print('no such file'); raise SystemExit(2)", ready=lambda: False)
    with pytest.raises(
        ChildError, match=r"(?s)part ended with code 2 while starting.*no such file"
    ):
        supervisor.start(part)


def test_parts_stop_in_reverse_and_each_is_waited_for(supervisor, program, tmp_path):
    order = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    time.sleep(0.2); open({order!r}, 'a').write({name!r}); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); open({ready!r}, 'w').close(); time.sleep(60)\n"
    )
    for name in "abc":
        ready = tmp_path / f"{name}.ready"
        supervisor.start(
            program(
                code.format(order=str(order), name=name, ready=str(ready)),
                name=name,
                ready=ready.exists,
            )
        )
    supervisor.stop()
    assert order.read_text() == "cba"


def test_a_stop_asked_for_while_a_part_starts_ends_the_wait(supervisor, program):
    threading.Timer(0.3, supervisor.stop_requested.set).start()
    with pytest.raises(StopRequestedError):
        supervisor.start_together([program(STAY, ready=lambda: False)])


def test_kill_ends_every_part_at_once(supervisor, program):
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    part = program(deaf)
    supervisor.start(part)
    supervisor.kill()
    assert part.process.wait(5) == -9


def test_a_program_that_fails_is_told_with_the_end_of_its_log(supervisor, tmp_path):
    with pytest.raises(StackError, match=r"(?s)`migrate` ended with code 1.*boom"):
        supervisor.run_to_end(
            "`migrate`", [sys.executable, "-c", "raise SystemExit('boom')"],
            log=tmp_path / "migrate.log", env=dict(os.environ),
        )  # fmt: skip
