"""The web app as files: where it lies, whether it is as new as its sources, and building it."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime import children
from runtime.node import NodeError, environment

SOURCES = Path(__file__).parent.parent / "builder"
"""In a checkout; an installed package has only `dist` in it."""
DIST = SOURCES / "dist"
STAMP = ".sources"
"""In `dist`: the digest of what it was built from."""
BUILD_SECONDS = 300.0

_NEW, _OLD = DIST.with_name("dist.new"), DIST.with_name("dist.old")
_FOLDERS = ("src", "public")
_FILES = (
    ".npmrc", "index.html", "package.json", "package-lock.json", "postcss.config.cjs",
    "tsconfig.json", "vite.config.ts",
)  # fmt: skip


def digest(sources: Path = SOURCES) -> str:
    """A digest of all that the app is built from; dates do not count, a clone's are all new."""
    found = hashlib.sha256()
    files = [sources / name for name in _FILES]
    files += [file for folder in _FOLDERS for file in (sources / folder).rglob("*")]
    for file in sorted(files):
        if file.is_file() and ".test." not in file.name:
            found.update(
                f"{file.relative_to(sources).as_posix()}\0{file.stat().st_size}\0".encode()
            )
            found.update(file.read_bytes())
    return found.hexdigest()


def is_current(sources: Path = SOURCES) -> bool:
    """Whether the built app is that of the sources; without sources it is what there is."""
    if not (sources / "package.json").exists():
        return True
    try:
        return (sources / "dist" / STAMP).read_text() == digest(sources)
    except FileNotFoundError:
        return False


class BuildError(Exception):
    """The app could not be built; the message says why and what to do."""


class Build:
    """Builds the app beside whatever else starts, if it must be built at all."""

    def __init__(self, log: Path, *, report: Callable[[str], None]) -> None:
        self._log = log
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False
        self._failure: BuildError | None = None
        self._thread = threading.Thread(target=self._work, name="builder", daemon=True)

    def begin(self) -> None:
        """Look whether it must be built, and begin."""
        self._thread.start()

    def finish(self, stop: threading.Event) -> bool:
        """Wait until the app is there; without it, say why. A stop that is asked for ends it."""
        while self._thread.is_alive() and not stop.is_set():
            self._thread.join(0.1)
        if stop.is_set():
            self.cancel()
        elif self._failure is not None:
            self._report(f"the builder is not served: {self._failure}")
        return not self._cancelled and self._failure is None

    def cancel(self) -> None:
        """End the build where it stands."""
        self._cancelled = True
        if self._process is not None and self._process.poll() is None:
            children.stop(self._process, gentle=signal.SIGTERM, patience=5)

    def _work(self) -> None:
        try:
            if is_current():
                return
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with _alone(SOURCES / ".building"):
                if not is_current():
                    self._build()
        except (BuildError, NodeError) as error:
            self._failure = BuildError(str(error))
        except OSError as error:
            self._failure = BuildError(f"{error}; --no-builder starts without it.")

    def _build(self) -> None:
        self._report("building the web app")
        before = digest()
        env = environment()
        npm = shutil.which("npm", path=env["PATH"])
        assert npm is not None
        if not _has_packages():
            self._run([npm, "ci", "--no-progress"], env)
        self._run([npm, "run", "build", "--", "--outDir", str(_NEW), "--emptyOutDir"], env)
        (_NEW / STAMP).write_text(before)
        # Whole at once: an API that runs meanwhile serves the old one until the new one is there.
        shutil.rmtree(_OLD, ignore_errors=True)
        if DIST.exists():
            DIST.rename(_OLD)
        _NEW.rename(DIST)
        shutil.rmtree(_OLD, ignore_errors=True)

    def _run(self, command: list[str], env: dict[str, str]) -> None:
        if self._cancelled:
            raise BuildError("it was stopped")
        self._process = children.spawn(command, log=self._log, cwd=SOURCES, env=env)
        try:
            code = self._process.wait(BUILD_SECONDS)
        except subprocess.TimeoutExpired:
            self.cancel()
            raise BuildError(f"it took longer than {BUILD_SECONDS:.0f} s; {self._log}") from None
        if code:
            raise BuildError(f"`npm {command[1]}` failed; {self._log} says why.")


def _has_packages(sources: Path = SOURCES) -> bool:
    """Whether what the lock file names is installed; npm notes what it installed in a file."""
    try:
        noted = (sources / "node_modules" / ".package-lock.json").stat().st_mtime
    except FileNotFoundError:
        return False
    return noted >= (sources / "package-lock.json").stat().st_mtime


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One build of a checkout at a time; whoever comes second finds it done."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build the app if it is old or missing: `python -m runtime.builder`."""
    log = SOURCES / "build.log"
    build = Build(log, report=print)
    build.begin()
    if build.finish(threading.Event()):
        log.unlink(missing_ok=True)
        return 0
    if log.exists():
        print(log.read_text())  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
