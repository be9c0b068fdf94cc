"""How a source is doing, judged on its own rhythm."""

from __future__ import annotations

from datetime import datetime

from data.vocabulary import SourceState


def source_state(
    *,
    last_ok_at: datetime | None,
    failures: int,
    every_s: int,
    stale_after_s: int,
    now: datetime,
) -> SourceState:
    """Return never, fresh, late, silent or failed.

    late: one poll is overdue by more than its rhythm; failed: polls end in
    errors while the last good values still hold; silent: nothing good for so
    long that its values are stale.
    """
    if last_ok_at is None:
        return SourceState.NEVER
    age = (now - last_ok_at).total_seconds()
    if age > stale_after_s:
        return SourceState.SILENT
    if failures >= 2:
        return SourceState.FAILED
    return SourceState.LATE if age > max(2 * every_s + 15, 60) else SourceState.FRESH
