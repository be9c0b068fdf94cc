"""Every export leaves an entry: who took which week of which area out, and what the file was."""

from __future__ import annotations

import hashlib

from callbacks.report_wish import Wish
from data.commands.audit import By, note
from data.store import Store, utc_now


def note_export(
    store: Store, by: By, wish: Wish, mark: str, made: bytes, *, outcome: str = "done"
) -> None:
    """Keep who takes what out, before it is handed out. mark: of the review's content."""
    after = {
        "lang": wish.lang,
        "mark": mark,
        "bytes": len(made),
        "sha256": hashlib.sha256(made).hexdigest() if made else None,
    }
    with store.write() as conn:
        note(
            conn, by, "export", f"weekly/{wish.week}/{wish.area}.{wish.kind}",
            at=utc_now(), outcome=outcome, after=after,
        )  # fmt: skip
