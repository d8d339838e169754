"""When the web app counts as built."""

import pytest

from runtime.builder import STAMP, digest, is_current


@pytest.fixture
def sources(tmp_path):
    (tmp_path / "src" / "app").mkdir(parents=True)
    (tmp_path / "dist").mkdir()
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "src" / "main.tsx").write_text("one")
    (tmp_path / "src" / "app" / "Shell.tsx").write_text("two")
    (tmp_path / "dist" / STAMP).write_text(digest(tmp_path))
    return tmp_path


def test_what_was_built_from_the_sources_as_they_are_is_current(sources):
    assert is_current(sources)
    (sources / "src" / "main.test.ts").write_text("a test is not part of the app")
    assert is_current(sources)


@pytest.mark.parametrize("name", ["src/main.tsx", "src/app/New.tsx", "package.json", "public/a.js"])
def test_a_changed_or_added_source_makes_it_old(sources, name):
    (sources / name).parent.mkdir(exist_ok=True)
    (sources / name).write_text("changed")
    assert not is_current(sources)


def test_without_a_build_it_is_not_current(sources):
    (sources / "dist" / STAMP).unlink()
    assert not is_current(sources)


def test_an_installed_package_has_no_sources_and_builds_nothing(tmp_path):
    assert is_current(tmp_path)
