import zoneinfo
from datetime import UTC, datetime

import pytest

from data.connectors.cap import CONNECTOR, parse
from data.connectors.connector import Options, PayloadError, locate
from data.connectors.excerpt import excerpt
from data.vocabulary import Disposition
from tests.shared_samples import expected, payload, sample_bytes

OPTIONS = Options()

ACCEPTED = [
    "australia.cap",
    "bushfire_valid.edxlde",
    "canada.cap",
    "canada_errors.cap",
    "canada_signed.cap",
    "earthquake-iso8859-1.cap",
    "earthquake.cap",
    "earthquake_signed.cap",
    "no_entries.atom",
    "noaa_errors.cap",
    "no_optional_fields.cap",
    "oasis_hsas_43b080713727.cap",
    "oasis_thunderstorm.cap",
    "wcatwc-warning.cap",
    "weather.atom",
    "weather.cap",
]
QUIET = ["empty_weather_index.atom", "invalid_element.atom", "no_id.atom", "weather_index.atom"]


def alert(infos="", **fields):
    """Return one CAP alert; a field set to None is left out."""
    told = {
        "identifier": "A-1",
        "sender": "weather@heyuan.example",
        "sent": "2026-06-08T06:10:00+08:00",
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
    } | fields
    inner = "".join(f"<{k}>{v}</{k}>" for k, v in told.items() if v is not None)
    ns = "urn:oasis:names:tc:emergency:cap:1.2"
    return f'<alert xmlns="{ns}">{inner}{infos}</alert>'


INFO = (
    "<info><category>Met</category><event>暴雨</event><urgency>Expected</urgency>"
    "<severity>Severe</severity><certainty>Likely</certainty></info>"
)


def read(text, options=OPTIONS):
    return parse(text.encode(), options)


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_sample_is_read_as_its_account_says(name):
    facts = expected("cap")[name]
    parsed = parse(sample_bytes(f"cap/{name}"), OPTIONS)
    assert parsed.quarantined == 0
    assert parsed.accepted == facts["alert_elements"]
    told = facts.get("alerts") or facts["first_three"]
    for record, summary, fact in zip(parsed.records, parsed.summary["alerts"], told, strict=False):
        for key in ("identifier", "sender", "sent", "status", "msgType", "signed", "languages"):
            assert summary[key] == fact[key]
        assert summary["events"] == fact["event"]
        assert summary["severities"] == fact["severity"]
        assert summary["references"] == len(record.references) == fact["n_references"]
        assert record.sent.astimezone(UTC).isoformat() == fact["sent_utc"]
        assert len(record.infos) == fact["n_info"]
        areas = [area for info in record.infos for area in info.areas]
        assert len(areas) == fact["n_area"]
        assert sum(len(area.circles) for area in areas) == fact["n_circle"]
        assert sum(len(area.geocodes) for area in areas) == fact["n_geocode"]


@pytest.mark.parametrize("name", QUIET)
def test_a_feed_without_alerts_is_healthy_and_empty(name):
    parsed = parse(sample_bytes(f"cap/{name}"), OPTIONS)
    assert (parsed.accepted, parsed.quarantined) == (0, 0)


def test_one_empty_alert_costs_only_itself():
    parsed = parse(sample_bytes("cap/bushfire_invalid.edxlde"), OPTIONS)
    assert (parsed.accepted, parsed.reasons) == (6, {"no_identifier": 1})
    assert parsed.summary["warnings"] == {"bad_urgency": 1}
    problem = next(p for p in parsed.problems if p.refused)
    assert (problem.row, problem.field) == (2, "identifier")
    odd = next(r for r in parsed.records if r.identifier.endswith("40394"))
    assert odd.infos[0].urgency == "Unknown"


@pytest.mark.parametrize(
    ("name", "reason"), [("invalid.cap", "no_scope"), ("weather_invalid.atom", "bad_identifier")]
)
def test_an_alert_that_cannot_be_identified_is_refused(name, reason):
    assert parse(sample_bytes(f"cap/{name}"), OPTIONS).reasons == {reason: 1}


@pytest.mark.parametrize(
    ("name", "words"), [("invalid.rss", "not CAP"), ("xee.cap", "DTD"), ("xee.atom", "DTD")]
)
def test_a_file_of_the_wrong_kind_is_refused_in_one_line(name, words):
    with pytest.raises(PayloadError, match=words) as caught:
        parse(sample_bytes(f"cap/{name}"), OPTIONS)
    assert "\n" not in str(caught.value)


def test_a_signature_is_noted_and_an_all_clear_ends_the_warning():
    parsed = parse(sample_bytes("cap/canada.cap"), OPTIONS)
    assert parsed.records[0].disposition is Disposition.CANCEL
    signed = parse(sample_bytes("cap/canada_signed.cap"), OPTIONS)
    assert signed.records[0].signed


def test_a_bad_polygon_is_left_out_and_the_alert_stays():
    parsed = parse(sample_bytes("cap/noaa_errors.cap"), OPTIONS)
    warned = {"bad_polygon": 1, "no_urgency": 1, "no_severity": 1, "no_certainty": 1}
    assert parsed.summary["warnings"] == warned
    info = parsed.records[0].infos[0]
    assert (info.urgency, info.severity, info.certainty) == ("Unknown",) * 3
    assert info.areas[0].polygons == ()


def test_a_chinese_rainstorm_in_a_feed_is_one_alert_in_two_languages():
    parsed = parse(payload("rainstorm.atom.xml"), OPTIONS)
    (record,) = parsed.records
    assert record.identifier == "44162541600000_20260608061000"
    assert [info.language for info in record.infos] == ["zh-CN", "en"]
    zh = record.infos[0]
    assert (zh.event, zh.severity, zh.sender_name) == ("暴雨", "Extreme", "河源市气象台")
    assert zh.parameters == (("ColorCode", "Red"),)
    (area,) = zh.areas
    assert area.geocodes == (("GB/T 2260", "441621"),)
    assert area.polygons[0][0] == area.polygons[0][-1] == (23.5, 115.0)
    assert area.circles == ((23.63, 115.18, 12.5),)
    assert parsed.summary["warnings"] == {"bad_circle": 1, "bad_polygon": 1}


@pytest.mark.parametrize("encoding", ["gbk", "gb2312", "gb18030", "utf-16", "utf-8", "big5"])
def test_the_declared_encoding_is_honoured(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>{alert(INFO)}'
    parsed = parse(text.encode(encoding), OPTIONS)
    assert parsed.summary["alerts"][0]["events"] == ["暴雨"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_honoured(encoding):
    assert parse(alert(INFO).encode(encoding), OPTIONS).accepted == 1


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, "raise"),
        ({"msgType": "Update"}, "update"),
        ({"msgType": "Cancel"}, "cancel"),
        ({"msgType": "Ack"}, "ignore"),
        ({"msgType": "Error"}, "ignore"),
        ({"status": "Exercise"}, "test"),
        ({"status": "Test", "msgType": "Cancel"}, "test"),
        ({"status": "Draft"}, "test"),
        ({"status": "System"}, "ignore"),
    ],
)
def test_status_and_type_say_what_is_asked_of_us(fields, wanted):
    assert read(alert(INFO, **fields)).summary["alerts"][0]["disposition"] == wanted


def test_an_update_ends_the_warning_only_if_every_block_does():
    past = INFO.replace("Expected", "Past")
    clear = INFO.replace("<urgency>", "<responseType>AllClear</responseType><urgency>")
    for infos, wanted in [(past + clear, "cancel"), (past + INFO, "update"), ("", "update")]:
        (fact,) = read(alert(infos, msgType="Update")).summary["alerts"]
        assert fact["disposition"] == wanted


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"identifier": None}, "no_identifier"),
        ({"identifier": " \n "}, "no_identifier"),
        ({"identifier": "A 1"}, "bad_identifier"),
        ({"identifier": "A&amp;1"}, "bad_identifier"),
        ({"identifier": "A&lt;1"}, "bad_identifier"),
        ({"sender": None}, "no_sender"),
        ({"sender": "a,b"}, "bad_sender"),
        ({"sent": None}, "no_sent"),
        ({"sent": "2026-02-30T00:00:00+08:00"}, "bad_sent"),
        ({"sent": "0001-01-01T00:00:00+14:00"}, "bad_sent"),
        ({"sent": "2026-06-08T06:10:00"}, "no_time_zone"),
        ({"status": "actual"}, "bad_status"),
        ({"status": None}, "no_status"),
        ({"msgType": "Warn"}, "bad_msg_type"),
        ({"scope": "Everyone"}, "bad_scope"),
    ],
)
def test_what_identifies_an_alert_is_judged_strictly(fields, reason):
    parsed = read(alert(INFO, **fields))
    assert (parsed.accepted, parsed.reasons) == (0, {reason: 1})


def test_a_time_without_offset_takes_the_zone_of_the_source():
    parsed = read(alert(INFO, sent="2026-06-08T06:10:00"), Options(tz="Asia/Shanghai"))
    assert parsed.records[0].sent == datetime(2026, 6, 7, 22, 10, tzinfo=UTC)
    assert parsed.records[0].sent.tzinfo == zoneinfo.ZoneInfo("Asia/Shanghai")


def test_the_same_message_twice_is_one_alert():
    later = alert(INFO, sent="2026-06-08T07:10:00+08:00")
    parsed = read(f"<list>{alert(INFO)}{alert(INFO)}{later}</list>")
    assert (parsed.accepted, parsed.reasons) == (2, {"duplicate": 1})
    assert [p.row for p in parsed.problems] == [2]


def test_references_that_can_be_read_are_kept():
    references = "a@b,1,2026-06-08T06:00:00+08:00\n  nonsense a@b,2,2026-06-08T07:00:00-00:00"
    parsed = read(alert(INFO, msgType="Update", references=references))
    assert [r[1] for r in parsed.records[0].references] == ["1", "2"]
    assert parsed.summary["warnings"] == {"bad_reference": 1}
    unlinked = read(alert(INFO, msgType="Update", references="nonsense"))
    assert unlinked.accepted == 1
    assert unlinked.summary["warnings"] == {"bad_reference": 1, "unlinked_update": 1}


def test_a_foreign_alert_element_is_not_a_warning():
    with pytest.raises(PayloadError, match="not CAP"):
        read("<page><alert>Cookies!</alert></page>")
    with pytest.raises(PayloadError, match="not CAP"):
        read(alert(INFO).replace("cap:1.2", "cap:9.9"))
    assert (
        read(alert(INFO).replace(' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', "")).accepted == 1
    )


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"   \n",
        b"\x00\xff\x00",
        b"PK\x03\x04",
        b'{"a": 1}',
        alert(INFO).encode()[:-20],
        alert(INFO).encode("gbk"),
        b'<?xml version="1.0" encoding="klingon"?><alert/>',
        b'<?xml version="1.0" encoding="zip"?><alert/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 100_000,
        b"<html><body>404</body></html>",
    ],
)
def test_a_broken_file_is_refused_in_one_line(broken):
    with pytest.raises(PayloadError) as caught:
        parse(broken, OPTIONS)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_big_is_refused():
    with pytest.raises(PayloadError, match="MB"):
        read(alert(INFO), Options(max_bytes=100))


def test_the_place_of_a_record_can_be_found_and_shown():
    raw = payload("rainstorm.atom.xml")
    line = locate(raw, "44162541600000_20260608061000")
    assert "44162541600000" in raw.decode().splitlines()[line - 1]
    shown = excerpt(raw, CONNECTOR.key, 1)
    assert "<event>暴雨</event>" in shown
    assert len(shown) <= 1200
    assert excerpt(raw, CONNECTOR.key, 2) is None
    assert excerpt(b"<", CONNECTOR.key, 1) is None
    assert excerpt(raw, "unknown", 1) is None
    assert locate(raw, "nowhere") is None
    assert locate(b"PK\x03\x04\x00", "PK") is None


def test_an_identifier_is_not_found_inside_a_longer_one():
    assert locate(b"<a>112</a>\n<a>12-3</a>\r\n<a>12</a>", "12") == 3
    assert locate(b'["x"]\r["a&b"]', "a&b") == 2
    assert locate("<a>甲12乙</a>".encode(), "12") == 1
