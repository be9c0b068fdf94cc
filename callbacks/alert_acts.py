"""Acts from the alarm console: with the version that was seen, refused or overtaken in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Connection

from callbacks import identity
from callbacks.alerts import MAKERS, ROLES, drawn
from callbacks.desk_json import Answer, answer, json_route, no_text
from components.alarm_ids import PATH
from components.alarm_one import log_line_words
from components.alarm_refusals import alarm_refusal_words, refused_field
from components.alarm_script import MAKE_CASE
from components.alarm_words import alarm_act_word
from components.formats import number
from components.i18n import _
from data.alarms.acts import AlarmCode, AlarmRefusal
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.alarms.act import Acted, act, act_on_situation
from data.commands.alarms.make_case import make_case
from data.commands.audit import By
from data.commands.cases import Done
from data.queries.alarms.console import one_row
from data.queries.alarms.one import log_since
from data.queries.alarms.spoken import spoken_with
from data.queries.keys import Keys, read_keys
from data.store import Store, utc_now
from data.vocabulary.alarms import AlarmAct, Outcome

BY_HAND = frozenset(
    {
        AlarmAct.ACKNOWLEDGE, AlarmAct.RESET, AlarmAct.SHELVE, AlarmAct.UNSHELVE, AlarmAct.REMOVE,
        AlarmAct.RESTORE, AlarmAct.NOTE, AlarmAct.OUTCOME,
    }
)  # fmt: skip
MOST_SEEN = 2000


@dataclass(frozen=True)
class Asked:
    """What somebody wants of an alarm. what None: a case of it.

    seen: of a whole situation, each with its version. category, place: codes, of the case.
    """

    id: int
    version: int
    what: AlarmAct | None
    reason: str = ""
    until: datetime | None = None
    outcome: Outcome | None = None
    seen: Mapping[int, int] | None = None
    category: str | None = None
    place: str | None = None


@dataclass(frozen=True)
class House:
    """What acts are done with."""

    store: Store
    catalogue: Catalogue


def register(server: Flask, store: Store, catalogue: Catalogue) -> None:
    """Attach the address."""
    house = House(store, catalogue)

    @json_route(server, f"{PATH}/act", post=True)
    def acts(body: Mapping[str, Any]) -> Answer:
        return _act(house, body)


def _act(house: House, body: Mapping[str, Any]) -> Answer:
    """Do one act; what it comes to, with the alarm as it stands after."""
    actor, now = identity.require(*ROLES), utc_now()
    asked = _asked(body, now)
    with house.store.write() as conn:
        keys = read_keys(conn)
        found = _done(conn, house, keys, asked, actor, now)
        return found | {"one": _one(conn, house, asked.id, actor, now)}


def _done(
    conn: Connection, house: House, keys: Keys, asked: Asked, actor: Actor, now: datetime
) -> Answer:
    by = By(actor.id, actor.name, actor.role.value, identity.origin())
    scope = identity.scope(actor)
    if asked.what is None:
        return _case(conn, house, keys, asked, actor, by, now)
    if asked.seen is not None:
        row = one_row(conn, spoken_with(conn, house.catalogue, now), scope, asked.id)
        situation = row["group"] if row is not None else 0
        many = act_on_situation(
            conn, house.catalogue, keys, situation, asked.what, by, now, seen=asked.seen,
            reason=asked.reason, until=asked.until, scope=scope,
        )  # fmt: skip
        return _many(asked.what, many)
    found = act(
        conn, house.catalogue, keys, asked.id, asked.what, by, now, seen_version=asked.version,
        reason=asked.reason, until=asked.until, outcome=asked.outcome, scope=scope,
    )  # fmt: skip
    if isinstance(found, Acted):
        return answer(done=_("{act}: done").format(act=alarm_act_word(asked.what.value)))
    return refused(conn, asked.id, asked.version, found, now)


def _case(
    conn: Connection,
    house: House,
    keys: Keys,
    asked: Asked,
    actor: Actor,
    by: By,
    now: datetime,
) -> Answer:
    """Make a case of an alarm, as at the desk."""
    identity.require(*MAKERS)
    found = make_case(
        conn, house.catalogue, keys, asked.id, by, actor, identity.scope(actor), now,
        area=asked.place, category=asked.category, note=asked.reason,
    )  # fmt: skip
    if isinstance(found, Done):
        return answer(done=_("Case {no} made").format(no=found.case_no), case=found.case_no)
    return refused(conn, asked.id, asked.version, found, now)


def _many(what: AlarmAct, found: Sequence[Acted | AlarmRefusal]) -> Answer:
    """Return how many of a situation it was done to; those that were not changed are told too."""
    done = sum(isinstance(x, Acted) for x in found)
    left = sum(
        isinstance(x, AlarmRefusal) and x.code is not AlarmCode.NOT_ALLOWED_IN_STATE for x in found
    )
    if not done:
        return answer(refused=_("Nothing in this situation waits for it any more"))
    said = _("{act}: done for {n} alarms").format(act=alarm_act_word(what.value), n=number(done))
    if left:
        said += _("; {n} changed meanwhile and were left as they are").format(n=number(left))
    return answer(done=said)


def refused(conn: Connection, alarm: int, seen: int, found: AlarmRefusal, now: datetime) -> Answer:
    """Return a refusal in words: what happened since, beside its field, or as it is."""
    words, field = alarm_refusal_words(found), refused_field(found)
    if found.code is AlarmCode.OUT_OF_DATE:
        lines = [log_line_words(x, now.timestamp()) for x in log_since(conn, alarm, seen)]
        return answer(conflict={"said": words, "lines": lines})
    return answer(errors={field: words}) if field else answer(refused=words)


def _one(conn: Connection, house: House, id_: int, actor: Actor, now: datetime) -> Answer:
    spoken = spoken_with(conn, house.catalogue, now)
    return drawn(conn, spoken, identity.scope(actor), actor.role, id_, now)


# ---- what was sent ----


def _asked(body: Mapping[str, Any], now: datetime) -> Asked:
    """Return what was sent. Raises ValueError for what no page of ours sends."""
    id_, seen = _whole(body.get("id")), _whole(body.get("v"))
    told = no_text(body, "act")
    what = None if told == MAKE_CASE else AlarmAct(told)
    if what is not None and what not in BY_HAND:
        raise ValueError("act")
    minutes, outcome = no_text(body, "minutes"), no_text(body, "outcome")
    until = now + timedelta(minutes=_minutes(minutes)) if minutes else None
    return Asked(
        id_,
        seen,
        what,
        no_text(body, "reason"),
        until,
        Outcome(outcome) if outcome else None,
        _seen(body.get("seen")) if what is AlarmAct.ACKNOWLEDGE else None,
        no_text(body, "category")[:60] or None,
        no_text(body, "place")[:12] or None,
    )


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**53:
        raise ValueError("number")
    return value


def _minutes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:7]) <= 366 * 1440:
        raise ValueError("minutes")
    return int(text)


def _seen(given: Any) -> Mapping[int, int] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or len(given) > MOST_SEEN:
        raise ValueError("seen")
    return {int(k): _whole(v) for k, v in given.items() if str(k).isdigit()}
