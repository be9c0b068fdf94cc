"""Rules that could not be judged: noted where lists and the shell find them, others go on."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from data import models as m
from data.logs import logger
from data.queries.alarms.failing import KEY, failing_rules

log = logger("alarms")
i = m.store_info.c
LENGTH = 300


def note_failing(
    conn: Connection, judged: Collection[str], errors: Mapping[str, str], now: datetime,
    *, whole: bool,
) -> None:  # fmt: skip
    """Keep which rules fail since when and why; written only when it changes.

    judged: the rules that were looked at: of them those not in errors are well again. whole: every
    rule was looked at, so that none is kept that is no rule any more.
    """
    if not errors and not whole:
        return
    known = failing_rules(conn)
    now_failing = {
        code: {"since": known.get(code, {}).get("since", now.timestamp()), "error": said[:LENGTH]}
        for code, said in errors.items()
    }
    kept = {} if whole else {c: told for c, told in known.items() if c not in judged}
    after = kept | now_failing
    if after == known:
        return
    for code in sorted(set(after) - set(known)):
        log.warning("alarm rule fails", rule=code, error=after[code]["error"])
    for code in sorted(set(known) - set(after)):
        log.info("alarm rule is well again", rule=code)
    conn.execute(m.store_info.delete().where(i.key == KEY))
    conn.execute(m.store_info.insert().values(key=KEY, value=json.dumps(after, sort_keys=True)))
