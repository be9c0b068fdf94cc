"""The API's alarms: filters, pages, CSV, and what was known then."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

from data.vocabulary.alarms import AlarmAct, Outcome
from tests.conftest import NOW
from tests.store.alarming import MINUTE, done, hears, reading
from tests.store.api_client import Caller, caller
from tests.store.support import CITY, YUANCHENG, ZIJIN

__all__ = ["caller"]


def at(instant) -> str:
    return quote(instant.isoformat())


def rules(found):
    return [x["rule"] for x in found]


def test_every_alarm_is_listed_page_by_page(caller: Caller):
    hears(caller.store, *[reading(f"r{i}") for i in range(7)])
    assert rules(caller.items("alarms?limit=2")) == [f"r{i}" for i in range(7)]


def test_the_list_is_narrowed(caller: Caller):
    made = hears(
        caller.store, reading("a", priority=1), reading("b", area=ZIJIN), reading("c", area=CITY)
    )
    done(caller.store, made.raised[1], AlarmAct.ACKNOWLEDGE)
    assert rules(caller.items("alarms?severity=1")) == ["a"]
    assert rules(caller.items(f"alarms?area={ZIJIN}")) == ["b"]
    assert rules(caller.items(f"alarms?area={CITY}&descendants=false")) == ["c"]
    assert rules(caller.items("alarms?state=acknowledged")) == ["b"]
    assert rules(caller.items("alarms?rule=a,c")) == ["a", "c"]
    assert rules(caller.items(f"alarms?from={at(NOW + MINUTE)}")) == []
    assert caller.get("alarms?area=999999").status_code == 400
    assert caller.get("alarms?state=red").status_code == 400
    assert caller.get(f"alarms?from={at(NOW)}&to={at(NOW)}").status_code == 400


def test_alarms_that_are_over_are_told_apart(caller: Caller):
    made = hears(caller.store, reading("over"), reading("open", area=ZIJIN))
    done(caller.store, made.raised[0], AlarmAct.ACKNOWLEDGE)
    hears(caller.store, reading("over", active=False, at=NOW + MINUTE), now=NOW + MINUTE)
    assert rules(caller.items("alarms?open=true")) == ["open"]
    (over,) = caller.items("alarms?open=false")
    assert (over["rule"], over["state"]) == ("over", "normal")
    assert over["ended_at"]


def test_as_of_tells_what_was_known_then(caller: Caller):
    store = caller.store
    (id_,) = hears(store, reading(priority=3)).raised
    hears(store, reading(priority=2, value=9.0, at=NOW + 5 * MINUTE), now=NOW + 5 * MINUTE)
    done(store, id_, AlarmAct.ACKNOWLEDGE, now=NOW + 10 * MINUTE)
    done(store, id_, AlarmAct.OUTCOME, outcome=Outcome.FALSE_ALARM, now=NOW + 11 * MINUTE)
    hears(store, reading(active=False, at=NOW + 20 * MINUTE), now=NOW + 20 * MINUTE)
    hears(store, reading("later", area=YUANCHENG, at=NOW + 20 * MINUTE), now=NOW + 20 * MINUTE)
    caller.now = NOW + 60 * MINUTE

    def then(minutes, more=""):
        found = caller.items(f"alarms?as_of={at(NOW + minutes * MINUTE)}{more}")
        return {x["rule"]: x for x in found}

    first = then(1)["rain"]
    assert (first["severity"], first["state"], first["value"]) == (3, "unacknowledged", 3.0)
    assert (first["acknowledged_at"], first["outcome"], first["open"]) == (None, None, True)
    second = then(6)["rain"]
    assert (second["severity"], second["value"], second["version"]) == (2, 9.0, 2)
    third = then(12)["rain"]
    assert (third["state"], third["outcome"]) == ("acknowledged", "false_alarm")
    assert set(then(12)) == {"rain"}
    assert then(21, "&open=true").keys() == {"later"}
    assert then(12, "&state=acknowledged").keys() == {"rain"}
    assert then(1, "&state=acknowledged") == {}


def test_now_and_as_of_now_agree(caller: Caller):
    store = caller.store
    made = hears(store, *[reading(f"r{i}", cause="warning:x") for i in range(3)])
    done(store, made.raised[0], AlarmAct.SHELVE, reason="检修", until=NOW + 30 * MINUTE)
    done(store, made.raised[1], AlarmAct.ACKNOWLEDGE)
    caller.now = NOW + 2 * MINUTE
    plain = caller.items("alarms")
    assert caller.items(f"alarms?as_of={at(NOW + MINUTE)}") == plain


def test_nobody_s_name_or_number_is_in_it(caller: Caller):
    made = hears(caller.store, reading())
    done(caller.store, made.raised[0], AlarmAct.ACKNOWLEDGE)
    assert "王敏" not in caller.get("alarms").text


def test_a_table_for_excel(caller: Caller):
    hears(caller.store, reading())
    answer = caller.get("alarms?format=csv&bom=true")
    assert answer.headers["Content-Type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")))
    assert (row["rule"], row["state"], row["value"]) == ("rain", "unacknowledged", "3.0")


def test_without_a_token_nothing_is_told_where_one_is_needed(store, monkeypatch):
    from tests.store.api_client import caller_of

    closed = caller_of(store, monkeypatch, api_read="token")
    assert closed.get("alarms").status_code == 401
    assert closed.get("alarms", closed.token()).status_code == 200
