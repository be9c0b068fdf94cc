"""Hospital availability: absent is not zero, parts are not counted beside their whole."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest

from data.connectors.connector import Options, PayloadError
from data.connectors.edxl_have import parse
from data.connectors.excerpt import excerpt
from data.connectors.records import Facility, Measure
from tests.shared_samples import payload, sample_bytes

ONE, TWO = payload("edxl_have_1.xml"), payload("edxl_have_2.xml")


def read(raw, **options):
    return parse(raw if isinstance(raw, bytes) else raw.encode(), Options(**options))


def counts(parsed):
    found = [r for r in parsed.records if isinstance(r, Measure)]
    return {(r.subject, r.group, r.population): r.value for r in found}


def test_version_one_is_read():
    parsed = read(ONE)
    assert counts(parsed) == {
        ("h1", "AdultICU", "available"): 4,
        ("h1", "AdultICU", "baseline"): 20,
        ("h1", "AdultICU", "occupied"): 16,
        ("h1", "MedicalSurgical", "available"): 0,
        ("h1", "MedicalSurgical", "baseline"): 80,
        ("h1", "MedicalSurgical", "occupied"): 80,
        ("h1", "all", "available"): 4,
        ("h1", "all", "baseline"): 100,
        ("h1", "all", "occupied"): 96,
    }
    (place,) = (r for r in parsed.records if isinstance(r, Facility))
    assert (place.name, place.lat, place.lon) == ("源城区人民医院", 23.74, 114.68)
    assert parsed.summary["version"] == "1.0"
    assert parsed.summary["as_of"] == "2026-11-18T00:40:00+00:00"
    assert parsed.summary["beds"][0]["status"] == "Normal"


def test_version_two_is_read():
    parsed = read(TWO)
    assert counts(parsed)["h3", "AdultICU", "occupied"] == 7
    assert parsed.summary["version"] == "2.0"
    assert parsed.summary["beds"][0]["name"] == "紫金县人民医院"
    assert parsed.summary["beds"][0]["status"] == ""


def test_counts_are_about_the_hour_of_the_newest_report():
    found = {(r.period_start, r.period_end) for r in read(ONE).records if isinstance(r, Measure)}
    hour = datetime(2026, 11, 18, 0, tzinfo=UTC)
    assert found == {(hour, hour.replace(hour=1))}


def test_a_hospital_without_a_time_is_refused():
    parsed = read(ONE)
    assert parsed.reasons == {"no_time": 1}
    assert parsed.problems[0].row == 2


def test_absent_is_not_zero():
    assert not any(group == "Burn" for _, group, _ in counts(read(ONE)))
    bare = ONE.replace(b"<have:AvailableCount>4</have:AvailableCount>", b"")
    found = counts(read(bare))
    assert ("h1", "AdultICU", "available") not in found
    assert found["h1", "all", "baseline"] == 80


@pytest.mark.parametrize(
    ("count", "reason"),
    [("21", "available_above_baseline"), ("-1", "bad_count"), ("x", "bad_count"), ("1.5", "bad_count")],
)  # fmt: skip
def test_a_count_that_cannot_be_is_left_out_with_a_warning(count, reason):
    parsed = read(ONE.replace(b">4<", f">{count}<".encode(), 1))
    assert reason in parsed.summary["warnings"]
    assert ("h1", "AdultICU", "occupied") not in counts(parsed)


def test_a_type_beside_a_name_and_a_code_is_the_one_that_counts():
    swapped = TWO.replace(
        b"<bedType>AdultICU</bedType>", b"<name>Intensive care</name><code>ICU</code>"
    )
    assert ("h3", "Intensive care", "occupied") in counts(read(swapped))
    both = TWO.replace(b"<bedType>", b"<name>x</name><bedType>")
    assert ("h3", "AdultICU", "occupied") in counts(read(both))


def test_counts_of_nobody_knows_what_are_left_out_with_a_warning():
    bare = TWO.replace(b"<bedType>AdultICU</bedType>", b"")
    parsed = read(bare)
    assert counts(parsed) == {}
    assert parsed.summary["warnings"] == {"no_bed_type": 1, "no_beds": 1}


def test_many_hospitals_and_beds_are_read_in_one_pass():
    start, end = ONE.index(b"<have:Hospital>"), ONE.index(b"</have:Hospital>") + 16
    many = b"".join(ONE[start:end].replace(b"h1", b"h%d" % n) for n in range(10, 2010))
    assert read(ONE[:start] + many + b"</have:HospitalStatus>").accepted == 2000


def test_a_position_outside_the_city_is_not_used():
    parsed = read(ONE.replace(b"23.74 114.68", b"40.0 -75.0"), extra={"bbox": (114, 23, 116, 25)})
    (place,) = (r for r in parsed.records if isinstance(r, Facility))
    assert (place.lat, place.lon) == (None, None)
    assert parsed.summary["warnings"] == {"implausible_position": 1}


def test_a_hospital_silent_for_a_day_tells_nothing_of_now():
    start, end = ONE.index(b"<have:Hospital>"), ONE.index(b"</have:Hospital>") + 16
    old = ONE[start:end].replace(b"h1", b"h9").replace(b"2026-11-18T08", b"2026-11-16T08")
    parsed = read(ONE[:end] + old + ONE[end:])
    assert parsed.reasons == {"no_time": 1, "too_old": 1}
    assert {subject for subject, _, _ in counts(parsed)} == {"h1"}


def test_a_time_without_an_offset_needs_the_zone_of_the_source():
    bare = ONE.replace(b"08:40:00+08:00", b"08:40:00")
    assert read(bare).reasons == {"bad_time": 1, "no_time": 1}
    assert read(bare, tz="Asia/Shanghai").summary["as_of"] == "2026-11-18T00:40:00+00:00"


def in_envelope(text):
    return (
        '<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><contentObject>'
        f"{text}</contentObject></EDXLDistribution>"
    ).encode()


def without_head(raw):
    return raw.decode().split("?>", 1)[1]


@pytest.mark.parametrize("pack", ["whole", "cdata", "escaped", "base64", "soap"])
def test_a_document_packed_into_an_envelope_is_opened(pack):
    """Whether the sender embeds XML, text or base64, the hospital is the same."""
    bare = payload("edxl_have_2.xml")
    inner = without_head(bare)
    carried = {
        "whole": f"<xmlContent><embeddedXMLContent>{inner}</embeddedXMLContent></xmlContent>",
        "cdata": f"<xmlContent><embeddedXMLContent><![CDATA[{inner}]]></embeddedXMLContent></xmlContent>",
        "escaped": f"<contentData>{escape(inner)}</contentData>",
        "base64": f"<nonXMLContent><contentData>{base64.b64encode(bare).decode()}</contentData></nonXMLContent>",
        "soap": f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{inner}</s:Body></s:Envelope>',
    }[pack]
    told, wanted = parse(in_envelope(carried), Options()), parse(bare, Options())
    assert told.records == wanted.records
    assert told.summary["version"] == "2.0"


def test_an_entity_inside_packed_text_is_refused_too():
    bomb = '<!DOCTYPE have [<!ENTITY a "b">]><have>&a;</have>'
    with pytest.raises(PayloadError, match="DTD"):
        parse(in_envelope(f"<contentData><![CDATA[{bomb}]]></contentData>"), Options())


def test_an_envelope_of_another_kind_does_not_hide_it():
    inner = ONE.split(b"?>", 1)[1]
    parsed = read(b"<EDXLDistribution xmlns='urn:x'><c>" + inner + b"</c></EDXLDistribution>")
    assert counts(parsed)["h1", "all", "occupied"] == 96


@pytest.mark.parametrize(
    "raw",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]><a>&z;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
        b"<rss/>",
        b"{}",
        b"",
        ONE[:400],
    ],
)
def test_bombs_entities_and_other_files_are_refused(raw):
    with pytest.raises(PayloadError):
        read(raw)


def test_the_shared_attack_is_refused():
    with pytest.raises(PayloadError, match="not allowed"):
        read(sample_bytes("cap/xee.cap"))


def test_people_are_in_no_record_and_no_excerpt():
    assert "张三" not in repr(read(ONE).records)
    assert "AdultICU" in excerpt(ONE, "edxl-have", 1)
    assert "张三" not in excerpt(ONE, "edxl-have", 1)
