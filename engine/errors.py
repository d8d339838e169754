"""The engine's errors towards activities.

EngineError
├── FactsPending    acknowledged facts of the contact are not decided on yet: try again in a moment
├── RulesHeld       the rules are being changed: begin again, and wait for them first
└── StepMismatch    Temporal and PostgreSQL disagree on where a journey is: never right by retrying
"""

from __future__ import annotations


class EngineError(Exception):
    """The base of this module's errors."""


class FactsPending(EngineError):  # noqa: N818  (a state of affairs)
    """Deciding now would be deciding on older data than was acknowledged. Retry shortly."""


class RulesHeld(EngineError):  # noqa: N818  (a state of affairs)
    """Waiting for the rules with a contact locked could close a ring.

    Roll back, which lets the contact go, and begin again with the rules.
    """


class StepMismatch(EngineError):  # noqa: N818  (a state of affairs)
    """A call for a step that the journey has not reached."""
