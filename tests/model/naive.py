"""The engine's promises as a plain program: people, what they did, and what follows from it.

Nothing is kept that can be worked out. Memberships are evaluated from everything that ever happened
whenever anything happens, and at every moment at which time alone could change one; journeys are
dictionaries of blocks, walked one by one. What is promised is in docs/starts-and-stops.md,
docs/blocks.md and docs/predicates.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tests.model.entering import Entering
from tests.model.membership import Memberships
from tests.model.people import Human, News, Run
from tests.model.record import Record
from tests.model.rules import Rules
from tests.model.walking import Walking


class Model(Record):
    """One workspace: what happens to it, and time."""

    def __init__(self, segments: Mapping[str, Rules | None], workflows: Mapping[str, Rules]):
        super().__init__()
        self._memberships = Memberships(segments)
        self._entering = Entering(workflows, self._memberships)
        self._walking = Walking(workflows, self._memberships, self)

    def due(self, human: Human, run: Run) -> datetime | None:
        """When the journey's present wait ends."""
        return self._walking.due(human, run)

    def act(self, now: datetime) -> None:
        """Decide on what is new, then let one journey after the other go on, until nobody can."""
        for user in sorted(self.people):
            human = self.people[user]
            while True:
                self._entering.decide(human, now)
                run = next(
                    iter(sorted(self._walking.ready(human, now), key=lambda run: run.order)), None
                )
                if run is None:
                    break
                self._walking.walk(human, run, now)

    def pass_time(self, now: datetime) -> None:
        """Look at every membership, as time alone may have changed it."""
        for human in self.people.values():
            human.news += [News("clock", key) for key in self._memberships.changed(human, now)]
        self.act(now)

    def next_change(self, after: datetime, until: datetime) -> datetime | None:
        """The next moment at which a journey is due, or a membership changes with time."""
        moments = [
            self._walking.due(human, run) for human in self.people.values() for run in human.runs
        ]
        for human in self.people.values():
            for moment in sorted(
                {m for m in self._memberships.watersheds(human) if after < m <= until}
            ):
                if self._memberships.changed(human, moment):
                    moments.append(moment)
                    break
        return min((m for m in moments if m is not None and after < m <= until), default=None)
