"""A dry run on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cli.output import UserError
from cli.simulation import body_of, show

STEP = {"block": "hello", "entered_at": "2026-03-01T07:00:00Z", "outcome": "sent", "note": None}
MESSAGE = {"channel": "email", "template": "t", "to": "ann@example.com", "subject": "Hi"}
TOLD = {
    "timezone": "Europe/Kyiv",
    "start": {"outcome": "started", "reason": None},
    "steps": [{**STEP, "message": MESSAGE}, {**STEP, "block": "wait", "message": None}],
    "end": {"state": "completed", "detail": None, "at": "2026-03-02T07:00:00Z"},
    "assumptions": ["Nothing new happens."],
}


def test_each_step_is_told_by_the_contacts_clock(capsys):
    show(TOLD)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Sun 2026-03-01 09:00  hello  sent  email ann@example.com t: Hi")
    assert lines[2] == "Mon 2026-03-02 09:00  completed"
    assert "Europe/Kyiv" in lines[3]


def test_what_keeps_the_contact_out_is_told(capsys):
    refused = {"outcome": "reentry", "reason": "once only"}
    show({**TOLD, "start": refused, "steps": [], "end": None, "timezone": "Nowhere"})
    assert capsys.readouterr().err.startswith("would not start: once only")


def test_the_request_is_made_of_the_file_and_the_options():
    body = body_of({"blocks": []}, "u1", '{"minutes": 30}', datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert body == {
        "definition": {"blocks": []}, "userId": "u1", "event": {"properties": {"minutes": 30}},
        "start_at": "2026-03-01T09:00:00+00:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "event"), [({"channel": "email"}, None), ({"blocks": []}, "{"),
                              ({"blocks": []}, "[]")],
    ids=["template", "no-json", "no-object"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(definition, event):
    with pytest.raises(UserError):
        body_of(definition, "u1", event, None)
