"""Every number walks back to its line, and its corrections are told: was, now, why, when."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from data import models as m
from data.catalogue import catalogue
from data.cli.evidence import evidence as command
from data.collector import upkeep
from data.queries.chain import Question, chain
from data.queries.periods import read_period
from data.settings import Settings
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import (
    CALLS,
    CITY,
    DISPUTES_ON_TIME,
    LONGCHUAN,
    TICKETS_OPEN,
    YUANCHENG,
    ZIJIN,
    local,
    observed,
    put,
    take,
    utc,
)


def ask(store, indicator, area, period, **more):
    facts = catalogue()
    with store.read() as conn:
        return chain(
            conn, facts, Question(facts.indicators[indicator], area, read_period(period), **more)
        )


@pytest.fixture
def run(store, monkeypatch):
    """Run the command on the test's store."""
    monkeypatch.setattr("data.cli.evidence.open_store", lambda: store)

    def call(*args):
        return CliRunner().invoke(command, list(args))

    return call


WEEK = [
    observed(CALLS, area, f"2026-11-{day:02d}T{h:02d}:00", n * 10 + h)
    for n, area in enumerate((YUANCHENG, ZIJIN))
    for day in (2, 3, 9)
    for h in (8, 9)
]


@pytest.mark.parametrize(
    ("period", "parts", "total"),
    [("2026-11-02T08", 2, 26), ("2026-11-02", 2, 54), ("2026-W45", 2, 108), ("2026-11", 2, 162)],
)
def test_a_city_total_is_the_sum_of_its_areas(store, period, parts, total):
    put(store, *WEEK)
    found = ask(store, CALLS, CITY, period)
    assert (found["value"], len(found["parts"]), found["reconciles"]) == (total, parts, True)
    assert found["sums"] == found["stored"] == (total, None)
    assert sum(p["numerator"] for p in found["parts"]) == total


@pytest.mark.parametrize(("period", "parts"), [("2026-11-02", 2), ("2026-W45", 2), ("2026-11", 3)])
def test_a_county_total_is_the_sum_of_its_hours_or_days(store, period, parts):
    put(store, *WEEK)
    found = ask(store, CALLS, ZIJIN, period)
    assert (len(found["parts"]), found["reconciles"]) == (parts, True)


def test_each_part_can_be_asked_for_in_its_turn(store, run):
    put(store, *WEEK)
    for period in ("2026-11", "2026-W45", "2026-11-02", "2026-11-02T08", "now"):
        for part in json.loads(run(CALLS, CITY, period, "--json").stdout)["parts"]:
            below = run(*part["drill"].split(), "--json")
            assert below.exit_code == 0, below.output
            assert json.loads(below.stdout)["sums"][0] == part["numerator"]


def test_a_ratio_is_sum_over_sum_and_says_so(store):
    put(store, observed(DISPUTES_ON_TIME, YUANCHENG, "2026-11-02T08:00", 1, 2),
        observed(DISPUTES_ON_TIME, ZIJIN, "2026-11-02T08:00", 9, 10))  # fmt: skip
    found = ask(store, DISPUTES_ON_TIME, CITY, "2026-11-02")
    assert found["sums"] == (10, 12)
    assert found["value"] == pytest.approx(1000 / 12)


def test_a_gauge_has_the_newest_of_each_area(store):
    rows = [("2026-11-18T09:00", 4), ("2026-11-18T10:00", 7)]
    put(store, *(observed(TICKETS_OPEN, ZIJIN, at, n) for at, n in rows),
        observed(TICKETS_OPEN, YUANCHENG, "2026-11-18T09:00", 5))  # fmt: skip
    assert ask(store, TICKETS_OPEN, CITY, "2026-11-18")["sums"] == (12, None)
    assert ask(store, TICKETS_OPEN, ZIJIN, "2026-11-18")["reconciles"] is True


def test_now_is_the_newest_of_each_area_and_not_reconciled_with_anything(store):
    put(store, *WEEK)
    found = ask(store, CALLS, CITY, "now")
    assert (found["period"], found["stored"], found["reconciles"]) == ("now", None, None)
    assert found["value"] == 9 + 19


def test_a_late_correction_says_was_now_why_and_when(store):
    put(
        store,
        observed("HE-24", ZIJIN, "2026-11-02T08:00", 12),
        now=utc("2026-11-02T01:05"),
        as_of=utc("2026-11-02T01:00"),
    )
    put(store, observed("HE-24", ZIJIN, "2026-11-02T08:00", 15), now=utc("2026-11-05T01:00"),
        as_of=utc("2026-11-05T00:00"))  # fmt: skip
    found = ask(store, "HE-24", CITY, "2026-11")
    (was,) = found["revisions"]
    assert (was["was"], was["now"], was["revision"]) == (12, 15, 0)
    assert was["why"]["en"] == "a newer file of the source"
    assert was["now_as_of"] == utc("2026-11-05T00:00").timestamp()
    assert was["late"] == timedelta(days=3).total_seconds()
    assert was["was_run"] != was["now_run"]
    assert found["facts"][0]["revision"] == 1


def test_what_was_known_when(store):
    put(
        store,
        observed(CALLS, ZIJIN, "2026-11-02T08:00", 12),
        now=utc("2026-11-02T01:05"),
        as_of=utc("2026-11-02T01:00"),
    )
    put(
        store,
        observed(CALLS, ZIJIN, "2026-11-02T08:00", 15),
        now=utc("2026-11-05T01:00"),
        as_of=utc("2026-11-05T00:00"),
    )
    at = utc("2026-11-03T00:00")
    assert ask(store, CALLS, CITY, "2026-11-02", as_of=at)["value"] == 12
    assert ask(store, CALLS, CITY, "2026-11-02")["value"] == 15
    assert ask(store, CALLS, CITY, "2026-11-02", as_of=utc("2026-11-01T00:00")) is None


def test_the_definition_is_the_one_of_the_period(store):
    put(store, *WEEK)
    with store.write() as conn:
        v = m.indicator_version
        old = (
            conn.execute(
                v.select().where(v.c.indicator_id == m.indicator.c.id, m.indicator.c.code == CALLS)
            )
            .mappings()
            .one()
        )
        entry = {**old["entry"], "definition": {"zh": "新口径", "en": "the new rule"}}
        conn.execute(v.insert().values(**{**{k: old[k] for k in old}, "version": 2, "valid_from": date(2026, 11, 9), "entry": entry}))  # fmt: skip
    assert ask(store, CALLS, CITY, "2026-11-02")["definition"]["version"] == 1
    then = ask(store, CALLS, CITY, "2026-11-09")["definition"]
    assert (then["version"], then["definition"]["en"]) == (2, "the new rule")


def test_a_case_count_names_its_cases_file_and_hash(store):
    take(store, "hotline", requests(request("A-1", "01")))
    found = ask(store, "GS-04", CITY, "now")
    link = next(x for x in found["facts"] if x["numerator"])
    assert "hotline-A-1" in link["excerpt"]
    assert (len(link["sha256"]), link["origin"]) == (64, "file:///test")
    assert link["let_go"] is None


def test_bytes_let_go_are_said_with_their_day(store, run):
    take(store, "hotline", requests(request("A-1", "01")))
    upkeep.hourly(store, catalogue(), Settings(raw_days=3), NOW + timedelta(days=4))
    link = ask(store, "GS-04", CITY, "now")["facts"][0]
    assert link["let_go"] == (NOW + timedelta(days=1)).timestamp()
    assert "hash kept" in run("GS-04", CITY, "now").stdout


# ---- the command ----


def test_it_prints_the_chain_in_plain_lines(store, run):
    put(store, *WEEK)
    said = run("110有效警情", "紫金县", "2026-11-02")
    assert said.exit_code == 0
    for word in (
        "PS-01",
        "紫金县",
        "version",
        "run",
        "sha-256",
        "the sum is the stored total",
        "corrections: none",
    ):
        assert word in said.stdout


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (("PS-99", CITY, "now"), "no such indicator"),
        (("110有效警请", CITY, "now"), "PS-01"),
        ((CALLS, "紫金", "yesterday"), "2026-W47"),
        ((CALLS, "紫京县", "now"), "441621"),
        ((CALLS, CITY, "2026-13"), "no period"),
        ((CALLS, CITY, "2026-W60"), "no period"),
        ((CALLS, CITY, "now", "--as-of", "noon"), "no time"),
    ],
)
def test_what_is_not_understood_is_one_line_with_the_nearest(store, run, asked, hint):
    said = run(*asked)
    assert (said.exit_code, said.stdout) == (2, "")
    assert hint in said.stderr
    assert said.stderr.count("\n") == 1


def test_no_data_is_said_and_is_no_success(store, run):
    said = run(CALLS, CITY, "2026-11-02")
    assert said.exit_code == 1
    assert said.stderr.startswith("evidence: no data: PS-01")


def test_a_total_that_is_not_its_parts_is_loud(store, run):
    put(store, *WEEK)
    with store.write() as conn:
        conn.execute(update(m.rollup_day).where(m.rollup_day.c.native == 0).values(num=1.0))
    said = run(CALLS, CITY, "2026-11-02")
    assert said.exit_code == 1
    assert "NOT THE SAME" in said.stdout
    assert "NOT THE SUM" in said.stderr


def test_a_long_list_is_cut_and_the_rest_counted(store, run):
    put(
        store,
        *(
            observed(CALLS, LONGCHUAN, local("2026-11-01T00:00") + timedelta(hours=h), 1)
            for h in range(300)
        ),
    )
    found = json.loads(run(CALLS, LONGCHUAN, "2026-11", "--json", "--limit", "5").stdout)
    assert (len(found["parts"]), found["parts_left"]) == (5, 8)
    assert (len(found["facts"]), found["facts_left"]) == (5, 295)
