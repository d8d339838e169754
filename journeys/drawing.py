"""Whether the drawing holds together: ids, edges, reachability and loops.

Branches that join are no loop. A loop is refused only if a journey could go round it without time
passing, which would send without end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from journeys.definition import (
    Block,
    Definition,
    TimerBlock,
    UntilParam,
    Wait,
    WaitForBlock,
    targets,
)
from journeys.errors import Issue
from journeys.paths import closest, json_path

Edge = tuple[str, str]
"""The field of a block that names the target (`next`, `branches[0].next`), and the target's id."""


def drawing_issues(definition: Definition) -> Iterable[Issue]:
    """Find duplicate ids, missing targets, unreachable blocks and loops without a timer."""
    yield from _duplicate_ids(definition.blocks)
    yield from _missing_targets(definition)
    yield from _unreachable(definition)
    yield from _loops_without_time(definition)


def _block_path(index: int) -> str:
    return json_path(("blocks", index))


def _duplicate_ids(blocks: list[Block]) -> Iterable[Issue]:
    first: dict[str, int] = {}
    for index, block in enumerate(blocks):
        if first.setdefault(block.id, index) != index:
            yield Issue(
                f"{_block_path(index)}.id",
                f"the id '{block.id}' is already that of {_block_path(first[block.id])};"
                " every block needs its own",
            )


def _missing_targets(definition: Definition) -> Iterable[Issue]:
    known = definition.by_id()
    for index, block in enumerate(definition.blocks):
        for field, target in targets(block):
            if target not in known:
                guess = closest(target, known)
                hint = f"; did you mean '{guess}'?" if guess else "; leave it out to end there"
                yield Issue(f"{_block_path(index)}.{field}", f"there is no block '{target}'{hint}")


def _unreachable(definition: Definition) -> Iterable[Issue]:
    ways: dict[str, set[str]] = {}
    for block in definition.blocks:  # blocks of the same id, told elsewhere, count as one here
        ways.setdefault(block.id, set()).update(target for _, target in targets(block))
    reached = {definition.first}
    pending = [definition.first]
    while pending:
        for target in ways[pending.pop()]:
            if target in ways and target not in reached:
                reached.add(target)
                pending.append(target)
    for index, block in enumerate(definition.blocks):
        if block.id not in reached:
            yield Issue(
                _block_path(index),
                f"block '{block.id}' is unreachable: no way leads to it from the first block,"
                f" '{definition.first}'",
            )


def instant_edges(block: Block) -> list[Edge]:
    """List the edges that a journey may follow without waiting each time it comes by.

    A member of the segment that it waits for does not wait, nor who has opened the message.
    """
    match block:
        case WaitForBlock(event=None):
            return [edge for edge in targets(block) if edge[0] == "then"]
        case WaitForBlock():
            return []
        case TimerBlock(wait=wait) if not _is_one_moment(wait):
            return []
    return targets(block)


def _is_one_moment(wait: Wait) -> bool:
    """Whether it waits for a moment that stays the same for a journey, so that it passes but once.

    A field may have been moved on when the journey comes by again.
    """
    return wait.for_ is None and (wait.at is not None or isinstance(wait.until, UntilParam))


def _loops_without_time(definition: Definition) -> Iterable[Issue]:
    blocks = definition.by_id()
    edges = {
        id_: [edge for edge in instant_edges(block) if edge[1] in blocks]
        for id_, block in blocks.items()
    }
    _drop_dead_ends(edges)
    index_of = {block.id: index for index, block in enumerate(definition.blocks)}
    told: set[str] = set()
    for start in [id_ for id_ in blocks if id_ in edges]:
        if start in told:
            continue
        loop = _shortest_loop(start, edges)
        if loop is None:
            continue
        told.update(loop)
        last, field = loop[-1], next(f for f, target in edges[loop[-1]] if target == start)
        way = " → ".join([*loop, start])
        yield Issue(
            f"{_block_path(index_of[last])}.{field}",
            f"the loop {way} {_lacks([blocks[id_] for id_ in loop])}",
        )


def _drop_dead_ends(edges: dict[str, list[Edge]]) -> None:
    """Take away the blocks whose every way ends: they are on no loop."""
    sources: dict[str, list[str]] = {id_: [] for id_ in edges}
    for id_, out in edges.items():
        for _, target in out:
            sources[target].append(id_)
    ways = {id_: len(out) for id_, out in edges.items()}
    dead = [id_ for id_, count in ways.items() if count == 0]
    while dead:
        id_ = dead.pop()
        del edges[id_]
        for source in sources[id_]:
            ways[source] -= 1
            if ways[source] == 0:
                dead.append(source)
    for id_, out in edges.items():
        edges[id_] = [edge for edge in out if edge[1] in edges]


def _lacks(blocks: Collection[Block]) -> str:
    if any(isinstance(block, TimerBlock) for block in blocks):
        return (
            "has no timer that waits every time: 'at' and 'param' hold one moment, past the"
            " second time; add 'for', or wait 'until' a time of day"
        )
    if any(isinstance(block, WaitForBlock) for block in blocks):
        return "has no timer in it: members of the segment do not wait; add a timer"
    return "has no timer in it: add a timer or a wait_for, or let the journey leave it"


def _shortest_loop(start: str, edges: dict[str, list[Edge]]) -> list[str] | None:
    """Find the blocks of the shortest way from `start` back to it, beginning with `start`."""
    came_from: dict[str, str] = {}
    pending = deque([start])
    while pending:
        here = pending.popleft()
        for _, target in edges[here]:
            if target == start:
                way = [here]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if target not in came_from:
                came_from[target] = here
                pending.append(target)
    return None
