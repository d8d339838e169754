"""`uv run python -m benchmarks`: measure everything and write RESULTS.md beside this file.

`--quick` uses small sizes (about a minute) and only prints; `--only NAME` measures one thing.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks import imports, ingest, instants, journeys, latency, launch, memory, segments, stops
from benchmarks.report import Section, document, table
from benchmarks.stack import Stack, running

RESULTS = Path(__file__).with_name("RESULTS.md")

Measurement = Callable[[Stack, bool], Awaitable[Section]]

MEASUREMENTS: dict[str, Measurement] = {
    "latency": lambda stack, quick: latency.measure(stack, samples=20 if quick else 150),
    "journeys": lambda stack, quick: journeys.measure(
        stack, count=40 if quick else 400, rounds=2 if quick else 4, concurrency=20
    ),
    "ingest": lambda stack, quick: ingest.measure(
        stack, count=5_000 if quick else 50_000, rounds=2 if quick else 4
    ),
    "segments": lambda stack, quick: segments.measure(
        stack,
        small=1_000 if quick else 10_000,
        large=20_000 if quick else 1_000_000,
        events_each=10,
        samples=100 if quick else 500,
        rounds=1 if quick else 3,
    ),
    "instants": lambda stack, quick: instants.measure(
        stack,
        contacts=20_000 if quick else 1_000_000,
        falling_due=1_000 if quick else 20_000,
        seconds=15 if quick else 60,
    ),
    "import": lambda stack, quick: imports.measure(stack, count=20_000 if quick else 1_000_000),
    # Late, so that the processes weighed have done all the other work.
    "memory": lambda stack, quick: memory.measure(stack, count=1_000 if quick else 10_000),
    # Stops what memory has parked.
    "stops": lambda stack, quick: stops.measure(stack, count=500 if quick else 10_000, rounds=2),
    # Last, because what it starts stays open in Temporal.
    "launch": lambda stack, quick: launch.measure(
        stack, count=400 if quick else 5_000, rounds=2 if quick else 3
    ),
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; only prints")
    parser.add_argument("--only", choices=MEASUREMENTS, action="append", help="measure only this")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    # So that being ended leaves no server and no directory behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sections: list[Section] = []
    with running() as stack:
        for name, measure in MEASUREMENTS.items():
            if chosen.only and name not in chosen.only:
                continue
            begin = time.monotonic()
            sys.stderr.write(f"{name} …\n")
            section = asyncio.run(_run(measure, stack, chosen.quick))
            sections.append(section)
            sys.stderr.write(f"{name}: {time.monotonic() - begin:.0f} s\n")
            sys.stdout.write(table([section]))
            sys.stdout.flush()
            if not (chosen.quick or chosen.only):
                RESULTS.write_text(document(sections))


async def _run(measure: Measurement, stack: Stack, quick: bool) -> Section:
    return await measure(stack, quick)


if __name__ == "__main__":
    main()
