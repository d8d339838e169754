"""Which branch of a split a contact falls into: by its id alone, so always the same one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from uuid import UUID

CONTROL = "$control"
"""In place of a block's id: no block is called so."""


def is_held_back(percent: float, *, workflow_id: UUID, contact_id: UUID) -> bool:
    """Whether the contact is one of so many in a hundred who start no journey of the workflow."""
    group = branch_of(
        [percent, 100 - percent], workflow_id=workflow_id, block_id=CONTROL, contact_id=contact_id
    )
    return group == 0


def branch_of(
    weights: Sequence[float], *, workflow_id: UUID, block_id: str, contact_id: UUID
) -> int:
    """The index of the contact's branch; `weights` are above 0 and need not sum up to anything.

    The journey is not part of it: who comes again falls the same way. Workflow and block are, so
    that the halves of one split are not the halves of another.
    """
    hashed = blake2b(workflow_id.bytes + contact_id.bytes + block_id.encode(), digest_size=7)
    share = (int.from_bytes(hashed.digest()) >> 3) / 2**53
    largest = max(weights)
    bounds = list(accumulate(weight / largest for weight in weights))
    return min(bisect_right(bounds, share * bounds[-1]), len(weights) - 1)
