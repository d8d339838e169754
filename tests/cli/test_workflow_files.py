"""Workflows as files: what is pushed comes back by pull, and a refusal names the place."""

import pytest

from cli.demo import SAMPLE
from cli.output import UserError
from cli.workflows import read_document
from journeys.parsing import parse_definition

WORKFLOW = """
name: Reminder
start: {kind: event, event: Planned}
blocks:
  - {id: first, kind: message, channel: email, template: hello, next: wait}
  - {id: wait, kind: timer, wait: {at: 2026-12-24T10:00}, next: done}
  - {id: done, kind: exit}
"""
TEMPLATE = "channel: email\nsubject: Hi\ntext: |\n  two\n  lines\n"


def test_yaml_is_read_as_1_2_so_that_dates_and_words_stay_text(tmp_path):
    file = tmp_path / "w.yaml"
    file.write_text(
        "blocks: []\nwhen: 2026-12-24\nat: 2026-12-24T10:00\nclock: 09:00\n"
        "words: [on, no, yes, off]\nnumber: 12\ntruth: true\nnothing: null\n"
    )
    assert read_document(file) == {
        "blocks": [], "when": "2026-12-24", "at": "2026-12-24T10:00", "clock": "09:00",
        "words": ["on", "no", "yes", "off"], "number": 12, "truth": True, "nothing": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("w.yaml", "blocks: [\n"),
        ("w.yaml", "a: 1\na: 2\nblocks: []\n"),
        ("w.yaml", "- 1\n"),
        ("w.yaml", "name: no blocks\n"),
        ("w.yaml", "blocks: !!python/object:os.system []\n"),
        ("w.json", "{"),
        ("w.json", "[]"),
    ],
)
def test_a_file_that_is_no_workflow_is_refused_by_name(tmp_path, name, content):
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(UserError, match=r"w\.(yaml|json)"):
        read_document(file)


@pytest.mark.parametrize("file", sorted((SAMPLE / "workflows").iterdir()), ids=lambda f: f.stem)
def test_the_samples_are_definitions_of_this_release_and_name_known_templates(file):
    definition = parse_definition(read_document(file))
    assert definition.start.kind == "event"
    assert {stop.kind for stop in definition.stop} == {"event"}
    assert {b.kind for b in definition.blocks} <= {"message", "timer", "condition", "exit"}
    for block in definition.blocks:
        if block.kind == "message":
            template = read_document(SAMPLE / "templates" / f"{block.template}.yaml")
            assert template["channel"] == block.channel


async def test_what_is_pushed_comes_back_by_pull(sojourn, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "reminder.yaml").write_text(WORKFLOW)
    (folder / "hello.yml").write_text(TEMPLATE)
    ran = await sojourn("workflows", "push", folder, "--json")
    assert ran.code == 0, ran.err
    assert [(one["kind"], one["key"]) for one in ran.json] == [
        ("template", "hello"),
        ("workflow", "reminder"),
    ]
    assert ran.json[1]["version"] == 1

    again = await sojourn("workflows", "push", folder, "--json")
    assert again.json[1]["version"] == 1

    out = tmp_path / "out"
    assert (await sojourn("workflows", "pull", out)).code == 0
    pushed = parse_definition(read_document(folder / "reminder.yaml"))
    assert parse_definition(read_document(out / "reminder.yaml")) == pushed
    template = read_document(out / "templates" / "hello.yaml")
    assert template == read_document(folder / "hello.yml")
    assert "text: |" in (out / "templates" / "hello.yaml").read_text()


async def test_a_template_in_several_languages_comes_back_as_it_was_pushed(sojourn, tmp_path):
    file = tmp_path / "sale.yaml"
    file.write_text(
        """\
channel: email
subject: Sale
text: |
  Hello
  there
locale: en
locales:
  de:
    subject: Angebot
    text: |
      Guten
      Tag
  pt-BR:
    subject: Oferta
"""
    )
    assert (await sojourn("workflows", "push", file)).code == 0
    out = tmp_path / "out"
    assert (await sojourn("workflows", "pull", out)).code == 0
    pulled = out / "templates" / "sale.yaml"
    assert read_document(pulled) == read_document(file)
    assert pulled.read_text() == file.read_text()


async def test_a_refused_workflow_names_file_and_place(sojourn, tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(WORKFLOW.replace("next: wait", "next: nowhere"))
    ran = await sojourn("workflows", "push", file)
    assert ran.code == 1
    assert str(file) in ran.err.replace("\n", "")
    assert "nowhere" in ran.err
    assert "$.blocks[0].next" in ran.err.replace("definition.", "")


async def test_drafts_are_saved_without_publishing_if_so_asked(sojourn, tmp_path):
    (tmp_path / "hello.yaml").write_text(TEMPLATE)
    (tmp_path / "reminder.yaml").write_text(WORKFLOW)
    ran = await sojourn("workflows", "push", tmp_path, "--no-publish", "--json")
    assert ran.json[1] == {"kind": "workflow", "key": "reminder", "state": "saved"}
