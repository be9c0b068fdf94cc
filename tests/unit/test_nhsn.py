"""NHSN bed tables: headers as hospitals write them, blanks are absent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.connectors.connector import Options, PayloadError
from data.connectors.nhsn import parse
from tests.shared_samples import expected, payload, sample_bytes

SAMPLE = "fhir/cdc_nhsn_hospital_capacity_import.csv"
HEAD = "orgid,collectionDate,numbeds,numBedsOcc"


def read(text, tz="UTC"):
    return parse(text if isinstance(text, bytes) else text.encode(), Options(tz=tz))


def test_the_real_file_says_what_its_account_says():
    wanted = expected(SAMPLE)
    parsed = read(sample_bytes(SAMPLE))
    assert (parsed.accepted, parsed.quarantined) == (wanted["rows"], 0)
    assert parsed.summary["columns"] == wanted["columns"]
    assert parsed.summary["bed_occupancy_pct"] == wanted["bed_occupancy_pct"]
    assert parsed.summary["icu_occupancy_pct"] == wanted["icu_occupancy_pct"]
    assert parsed.summary["dates"] == ["2020-05-29", "2020-05-30", "2020-05-31", "2020-06-01"]
    assert parsed.problems == ()
    died = [r.value for r in parsed.records if r.population == "numC19Died"]
    assert died == [1, 1, 1, 1]


def test_a_row_is_a_whole_local_day():
    (beds, _) = read(f"{HEAD}\n1,6/1/2020,125,100\n", tz="Asia/Shanghai").records
    assert beds.period_start == datetime(2020, 5, 31, 16, tzinfo=UTC)
    assert beds.period_end == datetime(2020, 6, 1, 16, tzinfo=UTC)


def test_blank_is_absent_and_not_zero():
    parsed = read(payload("nhsn.csv"))
    values = {(r.subject, r.report_id[-10:], r.population): r.value for r in parsed.records}
    assert values["12345", "2026-11-16", "numC19Died"] is None
    assert values["12345", "2026-11-17", "numC19Died"] == 0
    assert values["12345", "2026-11-17", "numICUBedsOcc"] is None
    assert values["99999", "2026-11-17", "numICUBedsOcc"] is None


def test_bad_cells_and_rows_are_named():
    parsed = read(payload("nhsn.csv"))
    assert parsed.reasons == {"bad_date": 1}
    found = {(p.reason, p.row, p.field, p.value) for p in parsed.problems}
    assert found == {
        ("bad_date", 5, "collectionDate", "13/17/2026"),
        ("bad_count", 4, "numICUBedsOcc", "one"),
        ("occupied_above_beds", 3, "numBedsOcc", "130"),
    }


@pytest.mark.parametrize("written", ["6/1/2020", "06/01/2020", "6/1/20", "2020-06-01", "20200601"])
def test_a_date_is_american_or_iso(written):
    assert read(f"{HEAD}\n1,{written},2,1\n").summary["dates"] == ["2020-06-01"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",6/1/2020,2,1", "no_orgid"),
        ("1,,2,1", "no_collection_date"),
        ("1,31/12/2020,2,1", "bad_date"),
        ("1,6/1/2020,2,1,9", "bad_cell_count"),
    ],
)
def test_a_row_that_says_not_whose_or_when_is_refused(line, reason):
    parsed = read(f"{HEAD}\n{line}\n2,6/1/2020,2,1\n")
    assert (parsed.accepted, parsed.reasons) == (1, {reason: 1})


def test_a_hospital_twice_on_a_day_counts_once():
    parsed = read(f"{HEAD}\n1,6/1/2020,2,1\n1,6/1/2020,2,2\n")
    assert (parsed.accepted, parsed.reasons) == (1, {"duplicate": 1})


@pytest.mark.parametrize("head", ["a,b", "collectionDate,x", "orgid,numbeds"])
def test_another_table_is_refused(head):
    with pytest.raises(PayloadError, match="not an NHSN bed table"):
        read(f"{head}\n1,2\n")
