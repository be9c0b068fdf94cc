"""Workbooks nobody vouches for: whole or not at all, in a child with limits."""

import io
import zipfile
from datetime import date, datetime

import pytest

from data.connectors.connector import PayloadError
from data.tables import workbook
from data.tables.workbook import read_workbook
from tests.shared_samples import sample_bytes
from tests.workbooks import county_monthly, ods, xlsb, xlsx


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in files.items():
            book.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_a_workbook_tells_its_sheets_merges_and_hidden_parts():
    grid = read_workbook(county_monthly())
    assert [(s.name, s.hidden) for s in grid.sheets] == [("月报", False), ("代码", True)]
    assert grid.sheet == "月报"
    assert (3, 1, 3, 2) in grid.merged
    assert grid.sheets[0].hidden_rows == 1
    assert grid.rows[3][:2] == ["县区", "办件"]


def test_rows_keep_their_own_numbers():
    grid = read_workbook(xlsx({"a": [[], [], ["x", 1], [], ["y", 2]]}))
    assert sorted(grid.rows) == [3, 5]


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_days_are_the_same_in_both_systems(epoch):
    grid = read_workbook(xlsx({"a": [["day"], [date(2024, 3, 5)]]}, epoch=epoch))
    assert grid.rows[2] == [datetime(2024, 3, 5)]
    assert grid.epoch == epoch


def test_a_sheet_is_found_by_name_and_place():
    book = xlsx({"一": [["a"], [1]], "二": [["b"], [2]]})
    assert read_workbook(book, ["二"]).rows[1] == ["b"]
    assert read_workbook(book, ["[2]"]).rows[1] == ["b"]
    with pytest.raises(PayloadError, match="there is no sheet 三; the workbook has: 一, 二"):
        read_workbook(book, ["三"])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_workbook_that_breaks_off_is_never_read_half(share):
    book = county_monthly()
    with pytest.raises(PayloadError, match="damaged"):
        read_workbook(book[: int(len(book) * share)])


def test_an_old_workbook_that_breaks_off_is_never_read_half():
    book = sample_bytes("messy/merged-cells.xls")
    for end in (200, 600, 2000, len(book) - 700, len(book) - 10):
        with pytest.raises(PayloadError, match="damaged"):
            read_workbook(book[:end])


def test_a_sheet_whose_xml_breaks_off_is_refused():
    whole = io.BytesIO(county_monthly())
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            new.writestr(name, raw[: len(raw) // 2] if name.endswith("sheet1.xml") else raw)
    with pytest.raises(PayloadError, match="damaged"):
        read_workbook(out.getvalue())


def test_a_zip_bomb_is_refused_before_it_is_opened():
    bomb = zipped(xl__workbook="<workbook/>", xl__worksheets__sheet1=b"0" * (60 << 20))
    with pytest.raises(PayloadError, match="zip bomb"):
        read_workbook(bomb)


def test_a_zip_that_lies_about_its_size_is_stopped_by_the_child():
    bomb = bytearray(zipped(xl__workbook="<workbook/>", xl__worksheets__sheet1=b"0" * (60 << 20)))
    size = (60 << 20).to_bytes(4, "little")
    small = (1000).to_bytes(4, "little")
    assert size in bomb
    with pytest.raises(PayloadError):
        read_workbook(bytes(bomb).replace(size, small))


def test_too_many_entries_and_other_zips_are_refused():
    with pytest.raises(PayloadError, match="no workbook"):
        read_workbook(zipped(**{"stops.txt": "a,b"}))
    with pytest.raises(PayloadError, match="5001 files"):
        read_workbook(zipped(**{f"xl__{n}": "" for n in range(5001)}))


def test_a_workbook_with_a_password_says_so():
    book = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(PayloadError, match="encrypted"):
        read_workbook(book)


def test_a_cell_far_away_costs_no_memory_here():
    raw = county_monthly()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name).replace(
                b"</sheetData>",
                b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
            )
            new.writestr(name, text)
    with pytest.raises(PayloadError):
        read_workbook(out.getvalue())


def test_a_child_that_works_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(workbook, "SECONDS", 0)
    with pytest.raises(PayloadError, match=r"too much time|too long"):
        read_workbook(xlsx({"a": [["x" * 20, n] for n in range(60_000)]}))


def test_a_child_without_memory_says_so_in_one_line(monkeypatch):
    monkeypatch.setattr(workbook, "MEMORY", 40 << 20)
    with pytest.raises(PayloadError) as refusal:
        read_workbook(xlsx({"a": [["x" * 50, n] for n in range(60_000)]}))
    assert "\n" not in str(refusal.value)


def test_an_open_document_is_read_and_its_million_empty_rows_are_not():
    grid = read_workbook(ods([["县区", "人口"], ["源城区", 12.5], ["紫金县", 3]]))
    assert (grid.sheet, grid.rows[3]) == ("表", ["紫金县", 3])
    assert len(grid.rows) == 3
    with pytest.raises(PayloadError, match="encrypted"):
        read_workbook(ods([["a"]], password=True))
    with pytest.raises(PayloadError, match="damaged"):
        read_workbook(ods([["a", 1]])[:-30])


BINARY = [["某县办件报表"], ["县区", "月份", "办结数"], ["源城区", date(2026, 3, 1), 20.5]]


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_a_binary_workbook_is_read_with_its_dates_and_hidden_sheets(epoch):
    raw = xlsb({"表": BINARY, "代码": [["x"]]}, hidden=("代码",), epoch=epoch)
    grid = read_workbook(raw)
    assert [(s.name, s.hidden) for s in grid.sheets] == [("表", False), ("代码", True)]
    assert grid.rows[3] == ["源城区", datetime(2026, 3, 1), 20.5]
    assert grid.epoch == epoch


@pytest.mark.parametrize("cut", [12, 30, 60])
def test_a_binary_sheet_that_breaks_off_is_not_read_half(cut):
    raw, out = xlsb({"表": BINARY}), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part[:-cut] if "sheet1" in name else part)
    with pytest.raises(PayloadError):
        read_workbook(out.getvalue())


@pytest.mark.parametrize("part", ["sheet1.xml", "workbook.xml"])
def test_a_workbook_that_declares_entities_is_refused_not_read_as_empty(part):
    bomb = b'<!DOCTYPE z [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    raw, out = xlsx({"a": [["\u53bf\u533a", "v"], ["\u6e90\u57ce\u533a", 1]]}), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            told = old.read(name)
            if name.endswith(part):
                head, _, rest = told.partition(b"?>")
                told = head + b"?>" + bomb + rest
            new.writestr(name, told)
    with pytest.raises(PayloadError, match="declares a document type or entities"):
        read_workbook(out.getvalue())


def test_an_error_of_a_formula_is_no_number():
    raw, out = xlsx({"a": [["县区", "v"], ["源城区", 1]]}), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name).replace(
                b'<c r="B2"><v>1</v></c>', b'<c r="B2" t="e"><v>#DIV/0!</v></c>'
            )
            new.writestr(name, text)
    cells = read_workbook(out.getvalue()).rows[2]
    assert len(cells) == 1 or not isinstance(cells[1], (int, float))
