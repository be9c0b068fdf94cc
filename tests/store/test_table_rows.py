"""A cell of a table: put right by a steward, and shown as it stood by the evidence of a number."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from data import models as m
from data.catalogue import catalogue
from data.catalogue.mapping import load_mapping
from data.cli import main
from data.ingest.replay import Fix, ReplayError, replay
from data.ingest.table_files import ingest_table
from tests.conftest import NOW
from tests.store.support import YUANCHENG, count, rows_of, sqlite_only
from tests.workbooks import xlsx

MAPPING = """
layout: indicators
area: {column: 县区}
period: {column: 月份}
values:
- {column: 办结数, indicator: GS-29}
"""
ROWS = [
    ["某县办件报表"],
    ["县区", "月份", "办结数"],
    ["源城区", date(2026, 3, 1), 10],
    ["紫金县", date(2026, 3, 1), "约二十"],
    ["龙川县", "三月末", 30],
]
TEXT = "县区,月份,办结数\n源城区,2026-03,10\n紫金县,2026-03,约二十\n龙川县,三月末,30\n"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def given(mapping):
    """Return the catalogue in which every table is read by this mapping."""
    facts = catalogue()
    return replace(facts, mappings=dict.fromkeys(facts.mappings, load_mapping(mapping)))


def taken(store, mapping, raw, tmp_path, name="t"):
    path = tmp_path / name
    path.write_bytes(raw)
    facts = given(mapping)
    source = facts.sources["county_monthly"]
    return ingest_table(store, facts, source, path, origin=path.as_uri(), now=NOW)


FILES = {
    "workbook": (xlsx({"表": ROWS}), 4, 5),
    "utf-8": (TEXT.encode(), 3, 4),
    "gb18030": (TEXT.encode("gb18030"), 3, 4),
    "utf-16": (TEXT.replace(",", "\t").encode("utf-16"), 3, 4),
}


@pytest.mark.parametrize("kind", FILES)
def test_one_cell_is_put_right_and_read_again(store, mapping, tmp_path, kind):
    raw, number, when = FILES[kind]
    run = taken(store, mapping, raw, tmp_path)
    assert (run.counts.new, run.quarantined) == (1, 2)
    fixes = [
        Fix(number, "办结数", "20", "王科", "电话核实"),
        Fix(when, "[2]", "2026-03", "王科", "电话核实"),
    ]
    done = replay(store, given(mapping), run.run_id, now=LATER, fixes=fixes)
    assert (done.resolved, done.still) == (2, 0)
    assert [was for _, was in done.fixes] == ["约二十", "三月末"]
    assert [c.old for c in rows_of(store, m.correction)] == ["约二十", "三月末"]
    assert "was" not in (rows_of(store, m.ingest_run)[-1].summary or {})
    with store.read() as conn:
        shown = {r.num for r in conn.execute(m.observation.select())}
    assert shown == {10, 20, 30}
    again = replay(store, given(mapping), run.run_id, now=LATER)
    assert (again.outcome.counts.same, again.outcome.quarantined) == (3, 0), "made again"


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [(4, "办结数x", "办结数"), (99, "办结数", "no row 99"), (2, "办结数", "no row 2")],
)
def test_a_fix_of_a_cell_that_is_not_there_changes_nothing(
    store, mapping, tmp_path, row, field, said
):
    run = taken(store, mapping, FILES["workbook"][0], tmp_path)
    fix = Fix(row, field, "1", "王科", "试")
    with pytest.raises(ReplayError, match=said):
        replay(store, given(mapping), run.run_id, now=LATER, fixes=[fix])
    assert count(store, m.correction) == 0
    assert count(store, m.ingest_run) == 1


@sqlite_only
@pytest.mark.parametrize("kind", ["workbook", "utf-8"])
def test_the_evidence_of_a_table_with_a_mapping_of_its_own_shows_the_cells(
    store, mapping, tmp_path, kind, fresh_settings
):
    fresh_settings.setenv("DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    path = tmp_path / "file"
    path.write_bytes(FILES[kind][0])
    words = ["ingest", "table", path, "--mapping", mapping, "--source", "county_monthly"]
    assert CliRunner().invoke(main, [str(w) for w in words]).exit_code == 0
    mapping.unlink()  # what the clerk had on the desk is gone
    asked = ["evidence", "GS-29", YUANCHENG, "2026-03", "--json"]
    shown = json.loads(CliRunner().invoke(main, asked).stdout)
    (fact,) = shown["facts"]
    assert fact["row"] == (3 if kind == "workbook" else 2)
    assert "县区: 源城区" in fact["excerpt"]
    assert "办结数: 10" in fact["excerpt"]


def test_a_header_row_that_is_not_there_still_names_the_column_that_lacks(store, mapping, tmp_path):
    told = MAPPING + "header: [7]\n"
    mapping.write_text(told.replace("{column: 县区}", "{column: 县区名}"), encoding="utf-8")
    said = taken(store, mapping, FILES["utf-8"][0], tmp_path).error
    assert "header row 7 is empty; there is no column '县区名' (looks like it: 县区)" in said
    mapping.write_text(told, encoding="utf-8")
    said = taken(store, mapping, FILES["utf-8"][0], tmp_path, "u").error
    assert said.endswith("header row 7 is empty; its columns stand in row 1")


@pytest.mark.parametrize("kind", ["csv", "workbook"])
def test_what_was_refused_is_kept_without_telling_of_a_person(store, mapping, tmp_path, kind):
    """A telephone or identity number typed into the wrong cell stays out of the store."""
    cell = "张三 13812345678 441602199001011234"
    rows = [*ROWS[1:3], ["紫金县", date(2026, 3, 1), cell], ["龙川县", cell, 30]]
    text = "县区,月份,办结数\n源城区,2026-03,10\n紫金县,2026-03," + cell + f"\n龙川县,{cell},30\n"
    raw = text.encode() if kind == "csv" else xlsx({"表": rows})
    run = taken(store, mapping, raw, tmp_path)
    assert run.quarantined == 2
    kept = rows_of(store, m.quarantine)
    assert {row.row_no for row in kept} == {3, 4}
    said = " ".join(f"{row.value} {row.detail}" for row in kept)
    assert "13812345678" not in said
    assert "199001011234" not in said
    assert all(row.value for row in kept), "the rest of the cell is still there to be put right"
