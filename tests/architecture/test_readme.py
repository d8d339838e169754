"""What the README tells people to type and to write is right."""

import re
from pathlib import Path

import typer
from ruamel.yaml import YAML

from cli.main import app
from journeys.definition import Definition

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_its_workflow_is_one_that_the_program_takes() -> None:
    (example,) = blocks("yaml")
    definition = Definition.model_validate(YAML(typ="safe").load(example))
    assert definition.first == "planned"


def test_its_commands_exist() -> None:
    program = typer.main.get_command(app)
    named = set(re.findall(r"sojourn ([a-z]+)", README))
    assert {"demo", "dev", "workflows"} <= named
    assert named <= set(program.commands)


def test_ci_runs_its_test_command() -> None:
    assert "uv run pytest\n" in blocks("")
    script = (ROOT / ".ci" / "run").read_text().rstrip()
    assert script.endswith(' "$UV" run pytest')
