"""Every dependency says what it is for, in docs/dependencies.md."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=;~! ]", requirement, maxsplit=1)[0] for requirement in requirements}


def test_each_dependency_has_its_line_and_each_line_its_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = names(project["project"]["dependencies"]) | names(project["dependency-groups"]["dev"])
    page = (ROOT / "docs" / "dependencies.md").read_text()
    listed = re.findall(r"^\| `([^`]+)` \| \S", page, re.MULTILINE)
    assert sorted(listed) == sorted(wanted)
