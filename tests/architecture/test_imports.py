"""Who may import whom: `.importlinter` says it, and this suite fails when it is broken."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "activities", "api", "channels", "cli", "demo", "engine", "journeys", "runtime", "storage",
    "workflows",
)  # fmt: skip
STANDARD = sys.stdlib_module_names


def imported(file: Path) -> Iterator[str]:
    """The absolute names a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def files_of(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def test_import_contracts_are_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_broken_contract_is_noticed(tmp_path: Path) -> None:
    for name, text in {"lower": "import upper\n", "upper": ""}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_packages =\n    lower\n    upper\n"
        "[importlinter:contract:layers]\nname = layers\ntype = layers\n"
        "layers =\n    upper\n    lower\n"
    )
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [program, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1, run.stdout + run.stderr


@pytest.mark.parametrize("package", [package for package in PACKAGES if package != "cli"])
def test_only_the_command_line_imports_the_worker(package: str) -> None:
    guilty = [str(file) for file in files_of(package) if "worker" in set(imported(file))]
    assert guilty == []


def test_every_package_is_under_a_contract() -> None:
    top_level = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert top_level - {"tests", "benchmarks"} == set(PACKAGES)


def test_workflow_code_imports_only_temporal_the_domain_and_itself() -> None:
    allowed = {"temporalio", "journeys", "workflows"} | STANDARD
    strangers = {
        (file.name, name)
        for file in files_of("workflows")
        for name in imported(file)
        if name.split(".")[0] not in allowed
    }
    assert strangers == set()
