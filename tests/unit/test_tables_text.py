"""Lines of a text table in any encoding: none garbled, none lost, each by its own number."""

import io

import pytest

from data.connectors.connector import PayloadError
from data.tables.open import open_table
from data.tables.text import Block, Splitter, TextFile, delimiter_of

SHORT = ["区县,人数\n源城区,12\n", "源城区,5\n", "城市\n", "月份;合计\n1月;3\n"]


def encoding(raw):
    return TextFile(io.BytesIO(raw)).encoding


@pytest.mark.parametrize("text", SHORT)
@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("gbk", "GB18030"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16 LE"),
        ("utf-16-le", "UTF-16 LE"),
        ("utf-16-be", "UTF-16 BE"),
    ],
)
def test_short_chinese_files_are_told_apart(text, codec, name):
    opened = open_table(io.BytesIO(text.encode(codec)))
    assert opened.encoding == name
    assert opened.grid.rows[1] == text.split("\n")[0].split(opened.delimiter)


@pytest.mark.parametrize(
    "text", ["Année;Prix\né;1\n", "Brébeuf,1\n", "Größe\nübrig\n", "Año,Niño\n"]
)
def test_western_text_is_never_read_as_chinese(text):
    assert encoding(text.encode("latin-1")).codec == "iso-8859-1"


def test_windows_quotes_and_euro_are_windows_1252():
    assert encoding("Prix;€\n“é”;1\n".encode("cp1252")).codec == "cp1252"


def test_traditional_chinese_is_big5():
    assert encoding("區縣,人數\n臺北市,12\n報告單位,總計\n".encode("big5")).codec == "big5"


def lines(raw):
    blocks = list(TextFile(io.BytesIO(raw)).blocks())
    return "".join(b.raw.decode() for b in blocks), [p for b in blocks for p in b.refused]


@pytest.mark.parametrize(
    ("main", "other"), [("utf-8", "gbk"), ("gbk", "utf-8"), ("latin-1", "utf-8")]
)
def test_a_line_in_another_encoding_is_refused_by_number_and_not_garbled(main, other):
    words = ["é,1", "è,2", "à,3"] if main == "latin-1" else ["源城区,1", "紫金县,2", "龙川县,3"]
    raw = b"\n".join([words[0].encode(main), words[1].encode(other), words[2].encode(main), b"a,4"])
    text, problems = lines(raw)
    assert text.split("\n") == [words[0], "", words[2], "a,4", ""]
    assert [(p.row, p.reason) for p in problems] == [(2, "mixed_encoding")]


def test_ascii_for_a_long_time_and_then_chinese():
    head = b"a,b\n" + b"x,1\n" * 1_100_000
    text, problems = lines(head + "源城区,2\n".encode("gbk"))
    assert text.endswith("源城区,2\n")
    assert not problems


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_lines_alike(ending):
    grid = open_table(io.BytesIO(ending.join(["a,b", "1,2", "", "3,4"]).encode())).grid
    assert sorted(grid.rows) == [1, 2, 4]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_found(sign):
    text = "\n".join(sign.join(["a,b" if sign != "," else "a", "c", "d"]) for _ in range(5)) + "\n"
    assert delimiter_of(Block(1, text.encode()))[0] == sign


def records(text):
    splitter = Splitter(",")
    found = [*splitter.feed(Block(1, text.encode())), *splitter.finish()]
    return [(r.line, r.cells) for r in found], splitter.problems


def test_a_cell_may_hold_line_ends_and_its_row_is_where_it_begins():
    found, problems = records('a,"b\nc",d\n1,2,3\n')
    assert found == [(1, ["a", "b\nc", "d"]), (3, ["1", "2", "3"])]
    assert not problems


def test_a_quote_that_is_never_closed_costs_one_line():
    found, problems = records('x,1\n"open,1\n2,3\n4,5\n')
    assert [line for line, _ in found] == [1, 3, 4]
    assert [(p.row, p.reason) for p in problems] == [(2, "unclosed_quote")]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"), (b"\xef\xbb\xbf\n", "empty"), (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "binary"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"), (b"<?xml version='1.0'?><a/>", "XML"),
        (b'{"a": 1}', "JSON"), (b"%PDF-1.7\n1 0 obj", "binary"), (",".join("a" * 100_000).encode(), "columns"),
        (bytes(1000), "empty"), (b"a" * (9 << 20), "longer than 4 MB"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_one_line(raw, said):
    with pytest.raises(PayloadError, match=said) as refusal:
        open_table(io.BytesIO(raw))
    assert "\n" not in str(refusal.value)
