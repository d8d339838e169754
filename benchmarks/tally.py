"""What rounds took: seconds by the clock, and of processor time by process."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.stack import Stack


@dataclass
class Tally:
    """Adds up the rounds of one side of a comparison."""

    stack: Stack
    concerned: tuple[str, ...]
    """The processes that do the work, by their names in the stack."""
    done: int = 0
    seconds: float = 0.0
    processor: Counter[str] = field(default_factory=Counter)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Add the processor time that the block takes."""
        before = Counter(self.stack.cpu_seconds())
        yield
        self.processor.update(self.stack.cpu_seconds())
        self.processor.subtract(before)

    def add(self, done: int, seconds: float) -> None:
        """A round did so much in so many seconds."""
        self.done += done
        self.seconds += seconds

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.done / self.seconds

    @property
    def milliseconds(self) -> float:
        """Processor time of each."""
        return 1000 * sum(self.processor[name] for name in self.concerned) / self.done

    @property
    def shares(self) -> str:
        """The same by process, in words."""
        return ", ".join(
            f"{name} {1000 * self.processor[name] / self.done:.1f} ms" for name in self.concerned
        )
