"""How the API is asked: parameters, pages, tables, and who may."""

from __future__ import annotations

import csv
import io

import pytest

from callbacks.api_csv import cell
from data import models as m
from data.catalogue import catalogue
from tests.store.api_client import Caller, caller, caller_of
from tests.store.payloads import request, requests
from tests.store.support import (
    sqlite_only,
    take,
)

__all__ = ["caller"]

STAYS = next(i.code for i in catalogue().indicators.values() if i.small_count)


# ---- how it is asked ----


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("areas?limit=0", "limit"),
        ("areas?limit=1001", "limit"),
        ("areas?limit=x", "limit"),
        ("areas?limits=5", "limits"),
        ("areas?level=4", "level"),
        ("areas?parent=999", "parent"),
        ("areas?cursor=%21", "cursor"),
        ("areas?cursor=WzFd", "cursor"),
        ("areas?format=xml", "format"),
        ("areas?limit=1&limit=2", "limit"),
        ("indicators?domain=nowhere", "domain"),
        ("indicators?as_of=then", "as_of"),
        ("indicators?as_of=0001-01-01T00:00:00Z", "as_of"),
        ("observations?indicator=XX-1", "indicator"),
        ("observations?indicator=%00", "indicator"),
        ("observations?area=999", "area"),
        ("observations?grain=decade", "grain"),
        ("observations?from=2026-11-18T10:00:00", "from"),
        ("observations?from=2026-11-18&to=2026-11-17", "to"),
        ("observations?cursor=WzEsMiwzLDk5OTk5OTk5OTk5OTk5OTk5OTk5XQ", "cursor"),
        ("observations?cursor=WzEsMiwzLDQ1MDM1OTk2MjczNzA0OTZd", "cursor"),
        ("observations?cursor=WzEsMiwzLC01XQ", "cursor"),
        ("observations?descendants=perhaps", "descendants"),
        ("cases?stage=lost", "stage"),
        ("cases?severity=9", "severity"),
        ("cases?open=maybe", "open"),
        ("alerts?cursor=bnVsbA", "cursor"),
    ],
)
@sqlite_only
def test_a_wrong_question_is_told_by_its_parameter(caller: Caller, path, field):
    answer = caller.get(path)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), answer.text
    assert (answer.json["code"], answer.json["field"]) == ("bad_parameter", field)


@sqlite_only
def test_a_plus_sign_that_became_a_blank_is_understood(caller: Caller):
    assert caller.get("observations?from=2026-11-18T10:00:00+08:00").status_code == 200


@sqlite_only
def test_a_table_is_for_spreadsheets(caller: Caller):
    plain = caller.get("areas", Accept="text/csv")
    assert plain.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(plain.text)))
    assert rows[0]["name_zh"] == "河源市"
    assert plain.data[:3] != b"\xef\xbb\xbf"
    assert caller.get("areas?format=csv&bom=true").data[:3] == b"\xef\xbb\xbf"
    paged = caller.get("areas?format=csv&limit=3")
    assert 'rel="next"' in paged.headers["Link"]


def test_no_cell_of_text_is_a_formula(caller: Caller):
    for text in ("=1+1", "+1", "-1", "@x", "\tx", "\r=x", "  =x", "\n=x"):
        assert str(cell(text)).startswith("'")
    assert (cell(-1), cell(-1.5), cell(None), cell(True)) == (-1, -1.5, "", "true")
    assert cell(["=a", "b"]).startswith("'")
    title = "=HYPERLINK(1)"
    take(caller.store, "yuepingan", requests(request("1", "ZD-01", description=title)))
    (row,) = csv.DictReader(io.StringIO(caller.get("cases?format=csv").text))
    assert row["title"] == f"'{title}"


# ---- who may ----


def test_outside_the_demonstration_only_a_token_reads(store, monkeypatch):
    shut = caller_of(store, monkeypatch, api_read="auto")
    assert shut.get("areas").status_code == 401
    assert shut.get("areas", shut.token(None)).status_code == 200
    assert shut.get("areas", shut.token()).status_code == 200
    assert shut.get("areas", "zz_00000000_x").status_code == 401
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
    assert shut.get("areas").status_code == 200
    assert shut.get("areas", "zz_00000000_x").status_code == 401
    assert caller_of(store, monkeypatch, api_read="token").get("areas").status_code == 401


@sqlite_only
def test_a_reader_may_ask_so_often_a_minute(store, monkeypatch):
    slow = caller_of(store, monkeypatch, api_reads_per_minute=2)
    assert [slow.get("areas").status_code for _ in range(3)] == [200, 200, 429]
    assert slow.get("areas", slow.token(None)).status_code == 200


@sqlite_only
def test_guessing_is_slowed_down(store, monkeypatch):
    shut = caller_of(store, monkeypatch, api_read="token")
    statuses = [shut.get("areas", "zz_00000000_x").status_code for _ in range(61)]
    assert (statuses[0], statuses[-1]) == (401, 429)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("observations?indicator=GS29", "did you mean GS-29 "),
        ("observations?area=源城", "did you mean 441602 源城区"),
        ("cases?department=政务", "政务"),
        ("cases?category=police_frauds", "did you mean police_fraud "),
        ("indicators?domain=healt", "did you mean health "),
    ],
)
@sqlite_only
def test_an_unknown_code_is_answered_with_the_nearest(caller: Caller, path, meant):
    answer = caller.get(path)
    assert answer.status_code == 400
    assert meant in answer.json["detail"]
