"""Whatever arrives: a refusal of the file, or complete records. Never another escape."""

import dataclasses
import json
import types
import typing
from datetime import datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data.connectors import records
from data.connectors.connector import Options, PayloadError, locate
from data.connectors.excerpt import excerpt
from data.connectors.privacy import mask
from data.connectors.registry import CONNECTORS
from tests.shared_samples import payload
from tests.unit.test_gtfs import FEED, feed
from tests.unit.test_gtfs_rt import add_trip, add_vehicle, message

OPTIONS = Options(tz="Asia/Shanghai", max_bytes=1_000_000)
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def realtime():
    new = message()
    trip = add_trip(new)
    trip.stop_time_update.add(stop_id="S1").arrival.delay = 60
    add_vehicle(new)
    new.entity.add(id="n").alert.header_text.translation.add(text="绕行", language="zh")
    return new.SerializeToString()


VALID = {
    "cap": payload("rainstorm.atom.xml"),
    "gtfs": feed(),
    "gtfs-rt": realtime(),
    "fhir": payload("fhir_bundle.json"),
    "open311": payload("open311_bad_rows.json"),
    "cma-warning": payload("cma_list.json"),
    "cnemc": payload("cnemc.csv"),
    "openaq": payload("openaq_hours.json"),
    "edxl-have": payload("edxl_have_1.xml"),
    "nhsn": payload("nhsn.csv"),
}
FIRST_ROW = {"gtfs": 2, "cnemc": 2, "nhsn": 2}
keys = st.sampled_from(sorted(VALID))


def fits(value, hint):
    """Return whether `value` is what the record's annotation promises, all the way down."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(fits(value, a) for a in args)
    if origin is tuple and args[-1] is Ellipsis:
        return isinstance(value, tuple) and all(fits(v, args[0]) for v in value)
    if origin is tuple:
        return len(value) == len(args) and all(map(fits, value, args))
    if dataclasses.is_dataclass(hint):
        return isinstance(value, hint) and complete(value)
    if hint is datetime:
        return isinstance(value, datetime) and value.utcoffset() is not None
    return isinstance(value, hint)


def complete(record):
    hints = typing.get_type_hints(type(record), vars(records))
    return all(fits(getattr(record, name), hint) for name, hint in hints.items())


def reads_or_refuses(key, raw):
    try:
        parsed = CONNECTORS[key].parse(raw, OPTIONS)
    except PayloadError as refusal:
        return len(str(refusal).splitlines()) == 1
    assert all(complete(record) for record in parsed.records)
    assert all(p.reason and (p.row is None or p.row > 0) for p in parsed.problems)
    json.dumps(parsed.summary, allow_nan=False, ensure_ascii=False).encode()
    assert parsed.accepted >= 0
    excerpt(raw, key, 1)
    return True


def test_a_valid_file_of_every_format_is_read():
    for key, raw in VALID.items():
        assert CONNECTORS[key].parse(raw, OPTIONS).accepted > 0
        assert reads_or_refuses(key, raw)
        assert excerpt(raw, key, FIRST_ROW.get(key, 1))


@QUICK
@given(keys, st.binary(max_size=300))
@example("cap", b"\xff\xfe\x00\x00")
@example("open311", b"\x00\x00\xfe\xff")
def test_any_bytes_are_read_or_refused(key, raw):
    assert reads_or_refuses(key, raw)


@pytest.mark.parametrize("key", sorted(VALID))
@QUICK
@given(st.data())
def test_a_truncated_file_is_read_or_refused(key, data):
    raw = VALID[key]
    assert reads_or_refuses(key, raw[: data.draw(st.integers(0, len(raw) - 1))])


@pytest.mark.parametrize("key", ["cap", "fhir", "open311", "cma-warning", "openaq", "edxl-have"])
@QUICK
@given(st.data())
def test_a_truncated_document_is_always_refused(key, data):
    raw = VALID[key].rstrip()
    with pytest.raises(PayloadError):
        CONNECTORS[key].parse(raw[: data.draw(st.integers(0, len(raw) - 1))], OPTIONS)


@pytest.mark.parametrize("key", sorted(VALID))
@QUICK
@given(st.data())
def test_flipped_bytes_are_read_or_refused(key, data):
    raw = bytearray(VALID[key])
    places = st.integers(0, len(raw) - 1)
    flips = st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=5)
    for place, byte in data.draw(flips):
        raw[place] = byte
    assert reads_or_refuses(key, bytes(raw))


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


def replaced(value, place, leaf):
    """Return JSON with the leaf or branch number `place` replaced."""
    count = -1

    def walk(node):
        nonlocal count
        count += 1
        if count == place:
            return leaf
        if isinstance(node, dict):
            return {k: walk(v) for k, v in node.items()}
        return [walk(v) for v in node] if isinstance(node, list) else node

    return walk(value)


@pytest.mark.parametrize("key", ["fhir", "open311", "cma-warning", "openaq"])
@QUICK
@given(st.integers(0, 150), leaves | st.lists(leaves, max_size=2))
def test_json_of_another_shape_is_read_or_refused(key, place, leaf):
    value = replaced(json.loads(VALID[key]), place, leaf)
    assert reads_or_refuses(key, json.dumps(value).encode())


@QUICK
@given(
    st.sampled_from(["routes", "stops", "trips", "stop_times", "calendar"]), st.text(max_size=60)
)
def test_any_line_in_a_table_is_read_or_refused(table, line):
    raw = feed(**{table: FEED[f"{table}.txt"] + line.encode(errors="ignore").decode() + "\n"})
    assert reads_or_refuses("gtfs", raw)


cells = st.text(alphabet='0123456789-./:年月日时 ",;\n\t—NAnaPM2.5O₃x', max_size=24)


@pytest.mark.parametrize("key", ["cnemc", "nhsn"])
@QUICK
@given(st.lists(st.lists(cells, max_size=9), max_size=4), st.sampled_from(",;\t"))
def test_any_cells_under_a_known_header_are_read_or_refused(key, rows, delimiter):
    header = VALID[key].split(b"\n", 1)[0].strip().decode("utf-8-sig")
    text = "\n".join([header, *(delimiter.join(row) for row in rows)])
    assert reads_or_refuses(key, text.encode())


fields = st.sampled_from(
    ["ISSUETIME", "RELIEVETIME", "identifier", "references", "TYPECODE", "LEVELCODE", "SIGNALTYPE",
     "SIGNALLEVEL", "msgType", "head", "CITY", "adcode", "status", "geometry"]
)  # fmt: skip


@QUICK
@given(st.dictionaries(fields, leaves | st.lists(st.lists(leaves, max_size=2), max_size=3)))
def test_a_warning_with_any_fields_is_read_or_refused(changes):
    text = payload("cma_detail.jsonp").decode()
    value = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert reads_or_refuses("cma-warning", json.dumps({**value, **changes}).encode())


@QUICK
@given(st.binary(max_size=200), st.text(max_size=20), st.sampled_from([*VALID, "?"]), st.integers())
def test_looking_something_up_never_fails(raw, key_text, key, row):
    line = locate(raw, key_text)
    assert line is None or 1 <= line <= len(raw) + 1
    assert excerpt(raw, key, row) is None or key in VALID


digits = st.sampled_from(["0123456789", "０１２３４５６７８９"])
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
identities = st.from_regex(
    r"4416(02|2[1-5])(19[0-9]{2}|200[0-9])(0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{3}[0-9X]",
    fullmatch=True,
)
around = st.text(alphabet="电话是，请 abc\n（）:", max_size=10)


@given(around, mobiles, around, digits)
def test_no_mobile_number_survives(before, number, after, alphabet):
    written = number.translate(str.maketrans("0123456789", alphabet))
    masked = mask(f"{before}{written}{after}")
    assert masked == f"{before}{number[:3]}****{number[-4:]}{after}"


@given(around, identities, around, digits)
def test_no_identity_number_survives(before, number, after, alphabet):
    written = number.translate(str.maketrans("0123456789", alphabet))
    masked = mask(f"{before}{written}{after}")
    assert masked == f"{before}{number[:6]}********{number[-4:]}{after}"


@given(st.from_regex(r"[a-z][a-z0-9._+]{0,20}", fullmatch=True))
def test_no_mail_address_survives(name):
    assert (
        mask(f"请回复 {name}@mail.heyuan.example，谢谢") == "请回复 ***@mail.heyuan.example，谢谢"
    )


@given(st.text(alphabet="0123456789０１8３ -+86@.ab电Xx*＠", max_size=60))
def test_masking_twice_changes_nothing_more(text):
    assert mask(mask(text)) == mask(text)


@given(st.text(alphabet="词语abc，。0123456789", max_size=10))
def test_short_numbers_and_words_stay(text):
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+86 138-0013-8000", "+86 138****8000"),
        ("8613800138000", "86138****8000"),
        ("工单 101005420892 号", "工单 101005420892 号"),
        ("１３８００１３８０００，ｚｓ＠ａ．ｃｎ", "138****8000，***@a.cn"),
    ],
)
def test_numbers_are_masked_as_people_write_them(text, masked):
    assert mask(text) == masked
