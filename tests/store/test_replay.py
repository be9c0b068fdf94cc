"""Refused rows are taken later: the catalogue or the row is put right and the bytes are read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from data import models as m
from data.catalogue import catalogue
from data.ingest import ledger
from data.ingest.replay import Fix, ReplayError, replay
from tests.conftest import NOW
from tests.store.payloads import bundle, location, report, request, requests, timetable
from tests.store.support import FACTS, contents, count, rows_of, take, values

LATER = NOW + timedelta(hours=2)
FIX = Fix(2, "service_code", "110-02", "王科", "错用旧编码")


def knowing(**codes):
    """The catalogue after the steward added codes to the mapping of a source."""
    facts = catalogue()
    source = facts.sources["yuepingan"]
    mended = source.model_copy(update={"categories": {**source.categories, **codes}})
    return replace(facts, sources={**facts.sources, "yuepingan": mended})


def cases(store):
    return {r.ext_id: r for r in rows_of(store, m.cases)}


def bad_file(store, **more):
    return take(store, "yuepingan", requests(request("1"), request("2", code="999")), **more)


def test_a_mended_mapping_takes_the_refused_row(store):
    run = bad_file(store)
    assert run.quarantined == 1
    done = replay(store, knowing(**{"999": "dispute"}), run.run_id, now=LATER)
    assert (done.resolved, done.still) == (1, 0)
    assert set(cases(store)) == {"1", "2"}
    (row,) = rows_of(store, m.quarantine)
    assert (row.resolved_at, row.resolved_by) == (LATER, done.outcome.run_id)
    original, again = rows_of(store, m.ingest_run)
    assert (again.replay_of, again.as_of, again.status) == (original.id, original.as_of, "replayed")


def test_what_is_still_wrong_says_so_and_stands_once(store):
    run = bad_file(store)
    done = replay(store, catalogue(), run.run_id, now=LATER)
    assert (done.resolved, done.still) == (0, 1)
    (row,) = rows_of(store, m.quarantine)
    assert (row.resolved_at, row.tried_by) == (None, done.outcome.run_id)


def test_a_dry_run_tells_and_changes_nothing(store):
    run = bad_file(store)
    before = contents(store, *FACTS, m.quarantine, m.ingest_run)
    done = replay(store, knowing(**{"999": "dispute"}), run.run_id, now=LATER, dry_run=True)
    assert (done.dry, done.resolved) == (True, 1)
    assert contents(store, *FACTS, m.quarantine, m.ingest_run) == before


def test_a_row_is_put_right_by_a_named_person(store):
    run = bad_file(store)
    done = replay(store, catalogue(), run.run_id, now=LATER, fixes=[FIX])
    assert done.resolved == 1
    assert "2" in cases(store)
    (kept,) = rows_of(store, m.correction)
    assert (kept.row_no, kept.field, kept.old, kept.new) == (2, "service_code", "999", "110-02")
    assert (kept.made_by, kept.why, kept.made_at) == ("王科", "错用旧编码", LATER)


def test_a_correction_is_made_again_by_a_later_replay(store):
    run = bad_file(store)
    first = replay(store, catalogue(), run.run_id, now=LATER, fixes=[FIX])
    again = replay(store, catalogue(), first.outcome.run_id, now=LATER + timedelta(hours=1))
    assert (again.root, again.outcome.quarantined) == (run.run_id, 0)
    assert count(store, m.correction) == 1


def test_a_correction_of_a_dry_run_is_not_kept(store):
    run = bad_file(store)
    replay(store, catalogue(), run.run_id, now=LATER, fixes=[FIX], dry_run=True)
    assert count(store, m.correction) == 0


@pytest.mark.parametrize(("field", "row"), [("service_code", 9), ("a.b", 1)])
def test_a_fix_that_names_nothing_is_refused_and_leaves_nothing(store, field, row):
    run = bad_file(store)
    with pytest.raises(ReplayError, match=r"no (row|field)"):
        replay(
            store, catalogue(), run.run_id, now=LATER, fixes=[replace(FIX, row=row, field=field)]
        )
    assert count(store, m.correction) == 0
    assert count(store, m.ingest_run) == 1


def test_newer_facts_are_not_undone(store):
    run = bad_file(store)
    closed = request("1", status="closed", updated_datetime=(NOW + timedelta(hours=1)).isoformat())
    take(store, "yuepingan", requests(closed), now=NOW + timedelta(hours=1))
    done = replay(store, knowing(**{"999": "dispute"}), run.run_id, now=LATER)
    assert cases(store)["1"].stage == "closed"
    assert done.outcome.counts.outdated == 1
    assert "2" in cases(store)


def test_a_newer_file_without_a_time_is_not_undone_either(store):
    """Without updated_datetime only the order of the files tells which is newer."""
    old = request("1", status_notes="待派单", updated_datetime=None)
    run = take(store, "yuepingan", requests(old, request("2", code="999")))
    new = request("1", status_notes="处置中", updated_datetime=None)
    take(store, "yuepingan", requests(new), now=NOW + timedelta(hours=1))
    replay(store, knowing(**{"999": "dispute"}), run.run_id, now=LATER)
    assert cases(store)["1"].stage == "handling"


def test_a_newer_hospital_figure_is_not_undone(store):
    take(store, "health_sites", bundle(location("H1", "441602")))
    counts = {"beds-occupied": 50, "beds-staffed": 100}
    run = take(store, "health_capacity", bundle(
        report("a", "H1", "beds", counts), report("b", "H9", "beds", counts)))  # fmt: skip
    newer = {"beds-occupied": 60, "beds-staffed": 100}
    take(store, "health_capacity", bundle(report("c", "H1", "beds", newer)),
         now=NOW + timedelta(hours=1))  # fmt: skip
    take(store, "health_sites", bundle(location("H1", "441602"), location("H9", "441621")),
         now=NOW + timedelta(hours=1))  # fmt: skip
    done = replay(store, catalogue(), run.run_id, now=LATER)
    assert done.resolved == 1
    told = {area: counts for (area, _), counts in values(store, "HE-05").items()}
    assert told == {"441602": (60.0, 100.0), "441621": (50.0, 100.0)}


def test_a_replay_does_not_say_that_the_source_was_heard(store):
    run = bad_file(store)
    replay(store, knowing(**{"999": "dispute"}), run.run_id, now=LATER)
    (state,) = rows_of(store, m.source_state)
    assert state.last_ok_at == NOW
    gauges = {at for (_, at) in values(store, "PS-31")}
    assert max(gauges) <= NOW


def test_the_live_source_is_still_recognised_after_a_replay(store):
    bad = bad_file(store)
    body = requests(request("5"))
    take(store, "yuepingan", body, now=NOW + timedelta(hours=1))
    replay(store, catalogue(), bad.run_id, now=LATER)
    assert take(store, "yuepingan", body, now=LATER).status == "duplicate"


def test_bytes_let_go_are_said_so(store):
    run = bad_file(store)
    with store.write() as conn:
        conn.execute(update(m.fetch).values(raw=None))
    with pytest.raises(ReplayError, match="let go"):
        replay(store, catalogue(), run.run_id, now=LATER)


def test_a_run_that_is_not_there_is_said_so(store):
    with pytest.raises(ReplayError, match="no run 77"):
        replay(store, catalogue(), 77, now=LATER)


def test_a_duplicate_names_the_run_that_read_the_bytes(store):
    run, same = bad_file(store), bad_file(store, now=NOW + timedelta(minutes=1))
    with pytest.raises(ReplayError, match=f"by run {run.run_id}"):
        replay(store, catalogue(), same.run_id, now=LATER)


def test_an_old_timetable_is_not_put_over_a_new_one(store):
    old = take(store, "bus_static", timetable())
    new = take(store, "bus_static", timetable(routes="route_id,route_type\nR1,3\n"),
               now=NOW + timedelta(hours=1))  # fmt: skip
    with pytest.raises(ReplayError, match=f"run {new.run_id} replaced"):
        replay(store, catalogue(), old.run_id, now=LATER)
    assert replay(store, catalogue(), new.run_id, now=LATER).outcome.status == "replayed"


def test_a_file_that_could_not_be_read_at_all_is_read_again(store, monkeypatch):
    run = take(store, "yuepingan", b"{broken")
    assert run.status == "failed"
    with pytest.raises(ReplayError, match="still refused"):
        replay(store, catalogue(), run.run_id, now=LATER)


def test_problems_beyond_the_list_are_counted_and_come_back_with_a_replay(store, monkeypatch):
    monkeypatch.setattr(ledger, "MAX_PROBLEMS", 2)
    rows = [request(str(n), code="999") for n in range(5)]
    run = take(store, "yuepingan", requests(*rows))
    assert (run.quarantined, run.unlisted) == (5, 3)
    (row,) = rows_of(store, m.ingest_run)
    assert row.unlisted == 3
    done = replay(store, catalogue(), run.run_id, now=LATER)
    assert (count(store, m.quarantine), done.outcome.unlisted) == (4, 1)
    done = replay(store, knowing(**{"999": "dispute"}), run.run_id, now=LATER)
    assert done.resolved == 4
    assert len(cases(store)) == 5
