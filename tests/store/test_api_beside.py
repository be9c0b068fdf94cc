"""Pushes beside others who write: the collector, another push, a writer who keeps the place."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from click.testing import CliRunner

from data import models as m
from data.catalogue import catalogue
from data.cli import main
from data.store import Store
from tests.store.api_client import (
    AT_COUNTER,
    HALLS,
    Caller,
    caller,
    caller_of,
    case,
    event,
    value,
    verdicts,
)
from tests.store.payloads import request, requests
from tests.store.support import (
    CITY,
    YUANCHENG,
    ZIJIN,
    count,
    rows_of,
    sqlite_only,
    sums,
    take,
    values,
)

__all__ = ["caller"]


def test_a_push_waits_only_so_long_for_the_writers_place(store, monkeypatch):
    hasty = caller_of(store, monkeypatch, api_wait_s=1)
    token = hasty.token()
    other = Store(store.engine.url.render_as_string(hide_password=False))
    with other.write():
        answer = hasty.push("observations", [value()], token)
    assert (answer.status_code, answer.json["code"]) == (503, "store_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert hasty.push("observations", [value()], token).status_code == 200
    other.dispose()


def test_pushes_and_polls_side_by_side_lose_nothing(caller: Caller):
    """Two departments push while polls are stored: one writer at a time, all of it counted."""
    token, answers, faults = caller.token(), [], []
    rounds = 5

    def pushes(area: str) -> None:
        pushed = (
            caller.push("observations", [value(area, n)], token) for n in range(1, rounds + 1)
        )
        answers.extend(answer.status_code for answer in pushed)

    def polls() -> None:
        for n in range(rounds):
            take(caller.store, "yuepingan", requests(request(str(n), "ZD-01")))

    def run(work, *more) -> None:
        try:
            work(*more)
        except BaseException as error:
            faults.append(error)

    works = [(pushes, YUANCHENG), (pushes, ZIJIN), (polls,)]
    threads = [threading.Thread(target=run, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert set(answers) == {200}
    assert count(caller.store, m.cases) == rounds
    assert set(values(caller.store, AT_COUNTER).values()) == {(float(rounds), 10.0)}
    assert sums(caller.store, "day", AT_COUNTER, CITY, "2026-11-18") == (2.0 * rounds, 20.0, 2)
    assert len(rows_of(caller.store, m.api_push)) == 2 * rounds


def test_a_full_push_is_answered_row_by_row(caller: Caller):
    """As many rows as one push may hold, some of them bad, twice."""
    towns = [a.code for a in catalogue().areas.values() if a.level == 3][:100]
    rows = [
        value(town, n, 60, period_start=f"2026-11-{d:02d}", grain="day")
        for n, town in enumerate(towns) for d in range(1, 16)
    ]  # fmt: skip
    answer = caller.push("observations", rows)
    found = verdicts(answer)
    assert (answer.status_code, len(found)) == (207, 1500)
    assert found.count("ratio_above_one") == answer.json["refused"] == 39 * 15
    again = verdicts(caller.push("observations", rows))
    assert set(again) == {"same", "ratio_above_one"}
    assert [r["row"] for r in answer.json["rows"]] == list(range(1, 1501))


def test_a_source_that_left_the_catalogue_takes_nothing_more(store, monkeypatch):
    from flask import Flask

    from callbacks import api
    from data.settings import Settings

    here = caller_of(store, monkeypatch)
    token = here.token()
    facts = catalogue()
    left = {k: s for k, s in facts.sources.items() if k != HALLS}
    server = Flask("later")
    api.register(server, store, replace(facts, sources=left), Settings(api_read="open"))
    answer = replace(here, server=server).push("events", [], token)
    assert (answer.status_code, answer.json["code"]) == (403, "source_gone")


def test_events_of_one_body_may_stand_in_any_order(caller: Caller):
    caller.push("cases", [case("1")])
    rows = [event("1", "closed", -1), event("1", "accepted", -8), event("1", "arrived", -4)]
    assert verdicts(caller.push("events", rows)) == ["changed"] * 3
    (row,) = rows_of(caller.store, m.cases)
    assert row.stage == "closed"


@pytest.mark.parametrize("name", ["push-observations", "push-requests", "push-events"])
@sqlite_only
def test_a_file_of_what_is_pushed_can_be_looked_at_and_stored_by_hand(
    store, fresh_settings, tmp_path, name
):
    fresh_settings.setenv("DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    body = {
        "push-observations": [value(period_start="2025-01-06T09:00:00+08:00")],
        "push-requests": [case("1", requested_datetime="2025-01-06T09:00:00+08:00",
                               updated_datetime="2025-01-06T09:00:00+08:00")],
        "push-events": [event("1", at="2025-01-06T09:00:00+08:00")],
    }[name]  # fmt: skip
    file = tmp_path / "body.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    looked = CliRunner().invoke(main, ["check", name, str(file)])
    assert (looked.exit_code, "1 accepted" in looked.output) == (0, True), looked.output
    stored = CliRunner().invoke(main, ["ingest", name, str(file), "--source", HALLS])
    refused = 1 if name == "push-events" else 0  # no such case
    assert stored.exit_code == 2 * refused, stored.output
    assert f"{refused} quarantined" in stored.output
    guessed = CliRunner().invoke(main, ["ingest", name, str(file)])
    assert guessed.exit_code == 2 * refused, guessed.output
    assert CliRunner().invoke(main, ["ingest", "push", str(file)]).exit_code == 2
