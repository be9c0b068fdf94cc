"""Tables reach the store by the same road as every feed."""

from datetime import timedelta

from sqlalchemy import func, select

from data import models as m
from data.catalogue import catalogue
from data.ingest.run import ingest
from data.ingest.table_files import ingest_table
from data.panels.board import publish_all
from data.queries.keys import read_keys
from data.queries.sources import source_rows
from data.store import utc_now
from tests.shared_samples import sample_bytes
from tests.unit.test_tables_shipped import CASES
from tests.workbooks import county_monthly

NOW = utc_now()


def store_table(store, key, raw, **told):
    source = catalogue().sources[key]
    return ingest(store, catalogue(), source, raw, origin=f"file:///in/{key}", now=NOW, **told)


def test_a_county_workbook_becomes_monthly_facts_with_their_rows(store):
    outcome = store_table(store, "county_monthly", county_monthly(suppressed=True))
    assert (outcome.status, outcome.counts.new, outcome.quarantined) == ("ok", 11, 0)
    with store.read() as conn:
        o = m.observation.c
        rows = conn.execute(select(o.row_no, o.grain).order_by(o.row_no)).all()
        kept = conn.execute(select(m.quarantine.c.reason)).scalars().all()
    assert {r.row_no for r in rows if r.grain == 5} == {5, 6, 7, 8, 9, 10}
    assert kept == ["suppressed"]


def test_the_same_table_twice_changes_nothing_and_a_correction_is_kept(store):
    book = county_monthly()
    store_table(store, "county_monthly", book)
    assert store_table(store, "county_monthly", book).status == "duplicate"
    again = store_table(store, "county_monthly", county_monthly(suppressed=True))
    assert (again.counts.new, again.counts.changed, again.counts.same) == (0, 0, 11)


def test_years_are_facts_of_years(store):
    outcome = store_table(store, "yearbook", sample_bytes("cn_stats/nbs_zongrenkou_1978_2014.csv"))
    assert (outcome.counts.new, outcome.quarantined) == (37, 0)
    with store.read() as conn:
        latest = conn.execute(select(m.latest.c.num, m.latest.c.grain)).all()
    assert [(r.num, r.grain) for r in latest] == [(1_367_820_000, 7)]


def test_a_table_of_work_orders_becomes_cases(store):
    outcome = store_table(store, "hotline_cases", CASES.encode("gbk"))
    assert (outcome.counts.new, outcome.quarantined) == (3, 3)
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(m.cases)).scalar() == 3
        closed = conn.execute(select(m.cases.c.closed_at).where(m.cases.c.ext_id == "G1")).scalar()
    assert closed is not None


def test_a_table_that_does_not_fit_fails_with_what_is_missing(store):
    outcome = store_table(store, "hotline_cases", b"a,b\n1,2\n")
    assert outcome.status == "failed"
    assert "there is no column '工单编号'" in outcome.error


def test_a_table_of_which_no_row_can_be_taken_says_so_wherever_it_is_told(store, tmp_path):
    """By the collector as one payload, by hand from its path: the same verdict."""
    lines = CASES.splitlines()
    bad = "\n".join([lines[0], *(line.replace("2024", "noon") for line in lines[1:])])
    outcome = store_table(store, "hotline_cases", bad.encode("gbk"))
    assert outcome.status == "refused"
    path = tmp_path / "t.csv"
    path.write_bytes(bad.encode("gb18030") + b"\n")
    told = ingest_table(
        store, catalogue(), catalogue().sources["hotline_cases"], path, origin="t", now=NOW
    )
    assert (told.status, told.counts.total) == ("refused", 0), told.error
    assert "not one row could be taken" in told.error
    with store.read() as conn:
        runs = conn.execute(select(m.ingest_run.c.status, m.ingest_run.c.error)).all()
        tried = conn.execute(select(m.source_state.c.failures)).scalar()
    assert [r.status for r in runs] == ["refused", "refused"]
    assert all(r.error for r in runs)
    assert tried == 2


def test_a_source_that_waits_is_not_on_the_wall_before_its_first_file(store):
    def shown():
        with store.read() as conn:
            rows = source_rows(conn, catalogue(), read_keys(conn), now=NOW, waiting=False)
        return {r["key"] for r in rows}

    waiting = {s.key for s in catalogue().sources.values() if s.waits}
    assert not shown() & waiting
    store_table(store, "county_monthly", county_monthly())
    assert shown() & waiting == {"county_monthly"}
    with store.write() as conn:
        publish_all(conn, catalogue(), NOW + timedelta(seconds=1))
