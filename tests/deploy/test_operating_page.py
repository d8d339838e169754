"""docs/operating.md lists every setting, with the default that the program has."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from runtime.settings import Settings, SmtpSettings

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
LISTED = dict(re.findall(r"^\| `(SOJOURN_[A-Z_]+)` \| (\S.*?) \| \S", PAGE, re.MULTILINE))


def variables(settings: type[BaseSettings]) -> dict[str, str]:
    """Each variable and its default as the page writes it."""
    prefix = settings.model_config["env_prefix"]
    return {
        f"{prefix}{name.upper()}": "–" if field.default in (None, [], {}) else f"`{field.default}`"
        for name, field in settings.model_fields.items()
    }


@pytest.mark.parametrize("settings", [Settings, SmtpSettings])
def test_each_setting_is_listed_with_its_default(settings: type[BaseSettings]) -> None:
    expected = variables(settings)
    assert {name: LISTED.get(name) for name in expected} == expected


def test_no_setting_is_listed_that_does_not_exist() -> None:
    assert set(LISTED) == set(variables(Settings)) | set(variables(SmtpSettings))
