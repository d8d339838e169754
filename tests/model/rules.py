"""The segments and workflows of the model's world, as their owners would have written them."""

from __future__ import annotations

from typing import Any

Rules = dict[str, Any]

SEGMENTS: dict[str, Rules | None] = {
    "vip": None,
    "silent": {"event": "Viewed", "within": "P3D", "times": {"op": "=", "value": 0}},
    "buyers": {"order": {"status": ["delivered"], "times": {"op": ">=", "value": 2}}},
    "rich": {
        "order": {"status": ["delivered"], "within": "P10D", "total": {"op": ">=", "value": 200}}
    },
    "calm": {"all": [{"segment": "silent"}, {"not": {"segment": "buyers"}}]},
    "eager": {
        "any": [
            {"segment": "vip"},
            {"event": "Viewed", "within": "P2D", "times": {"op": ">=", "value": 3}},
        ]
    },
    "ending": {
        "all": [
            {"field": "trial", "op": "before", "value": "P1D"},
            {"field": "trial", "op": "after", "value": "-P1D"},
        ]
    },
}
"""Static lists are None. A segment stands behind those that it names."""

WORKFLOWS: dict[str, Rules] = {
    "course": {
        "start": {
            "kind": "event",
            "event": "Begun",
            "where": [{"param": "minutes", "op": ">=", "value": 20}],
            "reentry": {"mode": "after", "after": "P1D", "key": ["plan"]},
        },
        "stop": [{"kind": "event", "events": ["Done"], "same": ["plan"], "lookback": "P1D"}],
        "blocks": [
            {"id": "rest", "kind": "timer", "wait": {"for": "P2D"}, "next": "often"},
            {
                "id": "often", "kind": "condition",
                "if": {"event": "Viewed", "within": "P7D", "times": {"op": ">=", "value": 2}},
                "then": "fan", "else": "last",
            },
            {"id": "fan", "kind": "exit", "reason": "fan"},
            {"id": "last", "kind": "timer", "wait": {"for": "PT12H"}},
        ],
    },
    "pursuit": {
        "start": {
            "kind": "event",
            "event": "Begun",
            "overlap": "restart",
            "reentry": {"mode": "always", "key": ["plan"]},
        },
        "stop": [
            {
                "kind": "order", "status": ["delivered"], "lookback": "P2D",
                "where": [{"param": "total", "op": ">=", "value": 100}],
            }
        ],
        "blocks": [
            {
                "id": "reply", "kind": "wait_for", "event": "Replied", "same": ["plan"],
                "timeout": "P2D", "then": "thank", "else": "more",
            },
            {
                "id": "thank", "kind": "emit", "event": "Nudged",
                "properties": {"plan": {"param": "plan"}}, "next": "again",
            },
            {"id": "more", "kind": "timer", "wait": {"for": "P1D"}, "next": "again"},
            {
                "id": "again", "kind": "wait_for", "event": "Replied", "timeout": "P1D",
                "then": "end",
            },
            {"id": "end", "kind": "exit", "reason": "talked"},
        ],
    },
    "upsell": {
        "start": {
            "kind": "field_change",
            "field": "plan",
            "to": ["gold"],
            "reentry": {"mode": "after", "after": "P3D"},
        },
        "stop": [{"kind": "segment", "segment": "buyers"}],
        "blocks": [
            {
                "id": "join", "kind": "wait_for", "segment": "rich", "timeout": "P4D",
                "then": "won", "else": "back",
            },
            {"id": "won", "kind": "exit", "reason": "won"},
            {
                "id": "back", "kind": "update", "set": {"plan": "basic"}, "add_to": ["vip"],
                "next": "pause",
            },
            {"id": "pause", "kind": "timer", "wait": {"for": "PT6H"}, "next": "lure"},
            {"id": "lure", "kind": "update", "set": {"plan": "gold"}, "remove_from": ["vip"]},
        ],
    },
    "wake-up": {
        "start": {"kind": "segment", "segment": "silent", "schedule": "entry"},
        "stop": [
            {"kind": "event", "events": ["Viewed"]},
            {"kind": "segment", "segment": "vip"},
        ],
        "blocks": [
            {"id": "nudge", "kind": "emit", "event": "Nudged", "properties": {}, "next": "rest"},
            {"id": "rest", "kind": "timer", "wait": {"for": "P2D"}, "next": "calm"},
            {
                "id": "calm", "kind": "condition", "if": {"segment": "calm"},
                "then": "slept", "else": "bought",
            },
            {"id": "slept", "kind": "exit", "reason": "slept"},
            {"id": "bought", "kind": "exit", "reason": "bought"},
        ],
    },
    "nudged": {
        "start": {"kind": "event", "event": "Nudged", "reentry": {"mode": "once"}},
        "stop": [{"kind": "event", "events": ["Done", "Nudged"]}],
        "blocks": [{"id": "rest", "kind": "timer", "wait": {"for": "P1D"}}],
    },
    "each-view": {
        "start": {"kind": "event", "event": "Viewed", "overlap": "parallel"},
        "stop": [
            {"kind": "segment", "segment": "eager"},
            {"kind": "order", "status": ["cancelled"]},
        ],
        "blocks": [
            {"id": "rest", "kind": "timer", "wait": {"for": "PT18H"}, "next": "bought"},
            {
                "id": "bought", "kind": "condition",
                "if": {"order": {"status": ["delivered"], "within": "journey"}},
                "then": "end", "else": "tell",
            },
            {"id": "tell", "kind": "emit", "event": "Done", "properties": {}, "next": "end"},
            {"id": "end", "kind": "exit"},
        ],
    },
    "trial": {
        "start": {"kind": "field_change", "field": "trial", "overlap": "skip"},
        "stop": [{"kind": "event", "events": ["Done"]}],
        "blocks": [
            {
                "id": "until", "kind": "timer", "next": "end",
                "wait": {"until": {"field": "trial", "offset": "-P1D"}},
            },
            {"id": "end", "kind": "exit", "reason": "reminded"},
        ],
    },
    "club": {
        "start": {
            "kind": "segment", "segment": "vip", "schedule": "entry", "overlap": "restart",
        },
        "stop": [{"kind": "event", "events": ["Replied"]}],
        "blocks": [
            {"id": "day", "kind": "timer", "wait": {"for": "P1D"}, "next": "seen"},
            {
                "id": "seen", "kind": "condition", "if": {"event": "Viewed", "within": "journey"},
                "then": None, "else": "day",
            },
        ],
    },
    "fans": {
        "start": {
            "kind": "segment", "segment": "eager", "schedule": "entry", "overlap": "parallel",
        },
        "stop": [{"kind": "event", "events": ["Done"]}],
        "blocks": [
            {"id": "first", "kind": "timer", "wait": {"for": "PT5H"}, "next": "out"},
            {"id": "out", "kind": "update", "remove_from": ["vip"], "next": "second"},
            {"id": "second", "kind": "timer", "wait": {"for": "PT5H"}, "next": "in"},
            {"id": "in", "kind": "update", "add_to": ["vip"]},
        ],
    },
    "ending": {
        "start": {"kind": "segment", "segment": "ending", "schedule": "entry"},
        "stop": [{"kind": "segment", "segment": "rich"}],
        "blocks": [
            {
                "id": "eager", "kind": "wait_for", "segment": "eager", "timeout": "P1D",
                "then": "yes", "else": "no",
            },
            {"id": "yes", "kind": "exit", "reason": "eager"},
            {"id": "no", "kind": "exit", "reason": "tired"},
        ],
    },
}  # fmt: skip
