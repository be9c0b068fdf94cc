"""What a print may open is opened once: the entry in the audit says that it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from data import models as m
from data.commands.audit import By, note


def spend(conn: Connection, by: By, nonce: str, step: str, *, at: datetime) -> bool:
    """Use up one step of a ticket, in the transaction of `conn`; False if it was used before."""
    a, act, object_ = m.audit.c, f"print_{step}", f"print/{nonce[:64]}"
    if conn.execute(select(a.id).where(a.object == object_, a.act == act).limit(1)).first():
        return False
    note(conn, by, act, object_, at=at)
    return True
