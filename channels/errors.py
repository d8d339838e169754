"""What a channel raises; a refusal for good is a result, not an error."""

from __future__ import annotations


class TransientFailure(Exception):  # noqa: N818  (an outcome of the channels' protocol)
    """The message was not delivered now, and may be later.

    `retry_after` (seconds) is the soonest that makes sense; None leaves it to the retry policy.
    `ambiguous`: the provider may have taken the message although its answer was lost.
    """

    def __init__(
        self, reason: str, retry_after: float | None = None, *, ambiguous: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.ambiguous = ambiguous
