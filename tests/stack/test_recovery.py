"""One stack a directory; what a killed one left is ended, and nothing else is."""

import json
import subprocess
import sys

import psutil
import pytest

from runtime.recovery import CHILDREN, ChildrenFile, DataDirInUseError, DataDirLock


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_a_second_stack_on_a_directory_is_refused_by_name(tmp_path):
    first, second = DataDirLock(tmp_path), DataDirLock(tmp_path)
    first.acquire()
    with pytest.raises(DataDirInUseError, match=r"another sojourn \(process \d+\).*--data-dir"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from runtime.recovery import DataDirLock\n"
        "lock = DataDirLock(Path(sys.argv[1])); lock.acquire()\n"
        "print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    holder.stdout.readline()
    with pytest.raises(DataDirInUseError, match=str(holder.pid)):
        DataDirLock(tmp_path).acquire()
    holder.kill()
    holder.communicate()
    DataDirLock(tmp_path).acquire()


def test_a_child_does_not_inherit_the_lock(tmp_path, sleeper):
    lock = DataDirLock(tmp_path)
    lock.acquire()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    lock.release()
    try:
        DataDirLock(tmp_path).acquire()
    finally:
        child.kill()
        child.wait()


def test_orphans_of_a_killed_stack_are_ended(tmp_path, sleeper):
    ChildrenFile(tmp_path).record(sleeper.pid)
    assert ChildrenFile(tmp_path).end_orphans() == 1
    assert not psutil.pid_exists(sleeper.pid)
    assert ChildrenFile(tmp_path).end_orphans() == 0


def test_an_orphan_that_ignores_the_signal_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("runtime.recovery.ORPHAN_PATIENCE", 0.3)
    code = (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "print('deaf', flush=True); time.sleep(60)"
    )
    deaf = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    deaf.stdout.readline()
    ChildrenFile(tmp_path).record(deaf.pid)
    assert ChildrenFile(tmp_path).end_orphans() == 1
    assert not psutil.pid_exists(deaf.pid)
    deaf.communicate()


def test_a_process_that_got_the_id_later_is_left_alone(tmp_path, sleeper):
    started = psutil.Process(sleeper.pid).create_time()
    (tmp_path / CHILDREN).write_text(json.dumps({str(sleeper.pid): started - 100}))
    assert ChildrenFile(tmp_path).end_orphans() == 0
    assert sleeper.poll() is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 1}', '{"999999999": 1.0}'])
def test_a_damaged_record_is_no_obstacle(tmp_path, content):
    (tmp_path / CHILDREN).write_text(content)
    assert ChildrenFile(tmp_path).end_orphans() == 0


def test_a_child_that_was_waited_for_is_forgotten(tmp_path, sleeper):
    children = ChildrenFile(tmp_path)
    children.record(sleeper.pid)
    children.forget(sleeper.pid)
    assert ChildrenFile(tmp_path).end_orphans() == 0
    assert sleeper.poll() is None
