"""Whatever comes as a table, it is read or refused in one line; no row is lost or made up."""

import csv
import io
import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data.catalogue import catalogue
from data.catalogue.mapping import Mapping
from data.connectors.connector import Options, PayloadError
from data.tables import stream
from data.tables.connector import parse
from data.tables.numerals import OK, Numerals
from data.tables.open import open_table
from data.tables.profile import look_at
from tests.workbooks import county_monthly

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FACTS = Mapping(
    layout="indicators",
    area={"column": "[1]"},
    period={"column": "[2]"},
    values=[{"column": "[3]", "indicator": "X"}, {"column": "[4]", "indicator": "Y"}],
)
ALL = (FACTS, *catalogue().mappings.values())
BOOK = county_monthly()

cells = st.one_of(
    st.sampled_from(
        [
            "源城区",
            "紫金县",
            "合计",
            "北京",
            "",
            "2024-03-05",
            "2024年3月",
            "3/4/2024",
            "1",
            "2.5",
            "<5",
            "x",
            "注：",
            "1,000",
            '"',
            "5%",
            "0",
            "#",
            "a\nb",
            "é",
            "1978年",
            "-",
            "２",
        ]
    ),
    st.text(max_size=8).filter(lambda t: "\0" not in t),
)
tables = st.lists(st.lists(cells, max_size=6), min_size=1, max_size=12)


def as_csv(rows, sign=","):
    out = io.StringIO()
    csv.writer(out, delimiter=sign, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def reads_or_refuses(raw, mapping):
    try:
        parsed = parse(raw, Options(tz="Asia/Shanghai", extra={"mapping": mapping}))
    except PayloadError as refusal:
        return len(str(refusal).splitlines()) == 1
    assert parsed.accepted + parsed.quarantined == parsed.summary["rows"]
    assert all(p.reason and (p.row is None or p.row > 0) for p in parsed.problems)
    json.dumps(parsed.summary, allow_nan=False, ensure_ascii=False)
    return True


def looks_or_refuses(raw):
    try:
        report = look_at("t", open_table(io.BytesIO(raw)), catalogue()).as_json()
    except PayloadError as refusal:
        return len(str(refusal).splitlines()) == 1
    json.dumps(report, allow_nan=False, ensure_ascii=False)
    return True


@QUICK
@given(st.binary(max_size=300))
@example(b"\xff\xfe\x00\x00")
@example(b"PK\x03\x04")
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
def test_any_bytes_are_read_or_refused(raw):
    assert all(reads_or_refuses(raw, m) for m in ALL)
    assert looks_or_refuses(raw)


@QUICK
@given(tables, st.sampled_from(",;\t"), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_table_is_read_or_refused_and_every_row_has_a_verdict(rows, sign, codec):
    raw = as_csv([["县区", "日期", "a", "b"], *rows], sign).decode().encode(codec, "replace")
    assert all(reads_or_refuses(raw, m) for m in ALL)
    assert looks_or_refuses(raw)


@QUICK
@given(tables, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4))
def test_a_mangled_table_is_read_or_refused(rows, changes):
    raw = bytearray(as_csv([["县区", "日期", "a", "b"], *rows]))
    for at, byte in changes:
        raw[at % len(raw)] = byte
    assert reads_or_refuses(bytes(raw), FACTS)
    assert looks_or_refuses(bytes(raw))


@SLOW
@given(
    st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, len(BOOK)),
)
def test_a_mangled_workbook_is_read_whole_or_refused(changes, end):
    raw = bytearray(BOOK)
    for at, byte in changes:
        raw[at] = byte
    raw = raw[:end] if end % 3 == 0 else raw
    mapping = catalogue().mappings["county_monthly"]
    try:
        parsed = parse(bytes(raw), Options(extra={"mapping": mapping}))
    except PayloadError as refusal:
        whole = len(str(refusal).splitlines()) == 1
    else:
        whole = parsed.accepted == 6
    assert whole


good = st.lists(
    st.tuples(
        st.sampled_from(["源城区", "紫金县", "龙川县", "北京", "合计", '"源城区"', "注：x"]),
        st.sampled_from(["2024-03-05", "2024-03-06", "2024-02-30", ""]),
        st.sampled_from(["1", "2.5", "<5", "x", "", "1e3", '"1,000"', " 7 ", "5%"]),
        st.sampled_from(["0", "3", "-", ""]),
    ),
    min_size=1,
    max_size=30,
)


@QUICK
@given(good, st.integers(1, 40), st.booleans())
def test_the_fast_and_the_careful_way_say_the_same(rows, batch, ragged):
    lines = [",".join(r) for r in rows]
    if ragged:
        lines[0] = lines[0].rpartition(",")[0]
    raw = ("县区,日期,a,b\n" + "\n".join(lines) + "\n").encode()

    def said(fast):
        reading = stream.read_frames(raw, FACTS, options=Options(), batch_rows=batch)
        if not fast:
            reading._fast = lambda block: None
        try:
            frames = list(reading)
        except PayloadError as refusal:
            return str(refusal)
        facts = [tuple(map(str, v)) for f in frames for v in f.values.itertuples(index=False)]
        return facts, [p for f in frames for p in f.problems], reading.summary

    assert said(True) == said(False)


@QUICK
@given(st.floats(-1e12, 1e12), st.sampled_from(["{}", " {} ", "{:,.2f}", "({:.2f})", "{:.3f}%"]))
def test_a_number_written_in_any_usual_way_is_that_number(value, form):
    text = form.format(value)
    found, state = Numerals().read(text.replace("(-", "(") if text.startswith("(-") else text)
    assert state == OK
    size = abs(value) * (0.01 if "%" in form else 1)
    assert abs(abs(found) - size) <= 0.006 + 1e-9 * size
