"""One collector leads: a lease row that lapses when its holder falls silent."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, text

from data import models as m
from data.store import Store

_TAKE = """insert into lease (name, holder, until, beat_at, started_at)
  values (:name, :holder, :until, :now, :now)
  on conflict (name) do update set holder = excluded.holder, until = excluded.until,
    beat_at = excluded.beat_at,
    started_at = case when lease.holder = excluded.holder then lease.started_at
      else excluded.started_at end
  where lease.holder = excluded.holder or lease.until < excluded.beat_at"""


class Lease:
    """The right to lead, under one name, for `seconds` after each renewal."""

    def __init__(self, store: Store, name: str, *, seconds: int) -> None:
        self.store, self.name, self.seconds = store, name, seconds
        self.holder = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"

    def hold(self, now: datetime) -> bool:
        """Take or renew the lease; return whether we lead."""
        values = {
            "name": self.name,
            "holder": self.holder,
            "until": now + timedelta(seconds=self.seconds),
            "now": now,
        }
        with self.store.write() as conn:
            conn.execute(text(_TAKE).bindparams(*m.instants("until", "now")), values)
            query = select(m.lease.c.holder).where(m.lease.c.name == self.name)
            return conn.execute(query).scalar() == self.holder

    def release(self) -> None:
        """Give the lease up, so that a standby need not wait for it to lapse."""
        lease = m.lease
        with self.store.write() as conn:
            own = (lease.c.name == self.name, lease.c.holder == self.holder)
            conn.execute(lease.delete().where(*own))
