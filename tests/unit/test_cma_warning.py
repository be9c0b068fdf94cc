"""Weather warnings of relays: whatever the wrapper, the same signal; local time, never guessed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from data.connectors.cma_codes import CODE_OF_TYPE, EVENTS, LEVELS, TYPES
from data.connectors.cma_warning import parse
from data.connectors.connector import Options, PayloadError
from data.ingest.alerts import areas_of, level_of, main_info
from data.vocabulary import Disposition, Level
from tests.shared_samples import expected, payload, sample_bytes

DETAIL = payload("cma_detail.jsonp").decode()
INNER = DETAIL.removeprefix("var alarminfo=").rstrip().rstrip(";")


def read(text, **options):
    raw = text if isinstance(text, bytes) else text.encode()
    return parse(raw, Options(**options))


def changed(**fields):
    """Return the detail with fields replaced; None leaves one out."""
    value = {**json.loads(INNER), **fields}
    return json.dumps({k: v for k, v in value.items() if v is not None}, ensure_ascii=False)


def only(text, **options):
    (message,) = read(text, **options).records
    return message


def fact(text):
    (found,) = read(text).summary["alerts"]
    return found


# ---- real files ----


@pytest.mark.parametrize(
    "name", ["weathercn_alarm_detail.jsonp", "weathercn_alarmMap_list_row.json"]
)
def test_a_real_file_says_what_its_account_says(name):
    wanted = expected("cap_cn")["weathercn_alarm_detail.jsonp"]
    (found,) = read(sample_bytes(f"cap_cn/{name}")).summary["alerts"]
    assert found["identifier"] == wanted["identifier"]
    assert found["issued"] == wanted["issued_utc"]
    assert (found["type"], found["type_code"]) == (wanted["type"], wanted["type_code"])
    assert (found["level"], found["level_code"]) == (wanted["level"], wanted["level_code"])
    assert found["adcode"] == wanted["adcode6"]
    assert found["msgType"] == wanted["msgType"]
    assert found["references"] == 0
    if name.endswith("jsonp"):
        assert found["expires"] == wanted["expires_utc"]


def test_the_real_list_states_more_than_it_holds():
    summary = read(sample_bytes("cap_cn/weathercn_alarmMap_list_row.json")).summary
    assert (summary["count"], summary["rows"], summary["complete"]) == ("137", 1, False)


# ---- wrappers ----


@pytest.mark.parametrize(
    "text",
    [
        DETAIL,
        INNER,
        f"callback({INNER});",
        f"/**/ jQuery18_3 ( {INNER} ) ",
        f"window.alarminfo = {INNER}",
        f"let a={INNER};",
        f"cb && cb({INNER})",
        f"[{INNER}]",
        '{"data": [' + INNER + "]}",
        '{"code":"0","alertData": [' + INNER + "]}",
        '{"result": {"list": [' + INNER + "]}}",
        "\ufeff" + INNER,
    ],
)
def test_every_wrapper_holds_the_same_warning(text):
    assert only(text) == only(INNER)


def test_several_warnings_of_one_file_are_all_read():
    """A relay's page for a county with two signals assigns two variables."""
    other = changed(identifier="44162141600000_20261118080000", ALERTID="2")
    text = f"var made='2026-11-18 08:00';\nvar a={INNER};\n// the second\nvar b = {other}\n"
    found = read(text)
    assert [r.row for r in found.records] == [1, 2]
    assert (found.summary["wrapper"], found.summary["rows"]) == ("variables", 2)
    assert len({r.identifier for r in found.records}) == 2


def test_variables_of_different_kinds_are_refused_with_their_names():
    text = f'var one={INNER};var all={{"count":"0","data":[]}};'
    with pytest.raises(PayloadError, match="one a detail, all a list"):
        read(text)
    with pytest.raises(PayloadError, match="after the value of a stands 'alert"):
        read(f"var a={INNER};alert(1)")


def test_gbk_is_read():
    assert only(DETAIL.encode("gbk")) == only(DETAIL)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("var alarminfo=", "not JSON"),
        (f"callback({INNER}", "never closed"),
        ('{"status":"error","errMsg":"no permission"}', "no permission"),
        ('{"a": 1}', "no list"),
        ('[{"a": 1}]', "nothing in the file"),
        ("12", "neither an object nor a list"),
        (DETAIL[:200], "not JSON"),
        ("<html></html>", "not JSON"),
        ('{"data":' * 500 + "[]" + "}" * 500, "no list"),
    ],
)
def test_what_is_no_warning_is_refused_as_a_whole(text, said):
    with pytest.raises(PayloadError, match=said):
        read(text)


# ---- times ----


@pytest.mark.parametrize(
    "written",
    ["2026-11-18 07:30:00", "2026/11/18 7:30", "2026年11月18日07时30分", "20261118073000",
     "2026-11-18T07:30:00+08:00", "2026-11-17T23:30:00Z", 1794958200000, "1794958200"],
)  # fmt: skip
def test_local_time_without_a_zone_is_china_time(written):
    assert only(changed(ISSUETIME=written)).sent == datetime(2026, 11, 17, 23, 30, tzinfo=UTC)


def test_the_zone_of_the_source_counts_if_it_has_one():
    message = only(changed(ISSUETIME="2026-11-18 07:30:00"), tz="UTC")
    assert message.sent == datetime(2026, 11, 18, 7, 30, tzinfo=UTC)


def test_an_expiry_that_is_none_is_left_out_with_a_warning():
    for written, reason in (("soon", "bad_time"), ("2026-11-17 07:30:00", "bad_expires")):
        parsed = read(changed(RELIEVETIME=written))
        assert parsed.records[0].infos[0].expires is None
        assert [p.reason for p in parsed.problems] == [reason]


def test_a_warning_without_any_time_is_refused():
    parsed = read(changed(ISSUETIME=None, TIME=None, identifier="x1", references=None))
    assert parsed.reasons == {"no_issued": 1}


# ---- type and level ----


def test_the_code_lists_are_whole():
    assert {c for c in TYPES if c < "15"} == {f"{n:02d}" for n in range(1, 15)}
    assert [TYPES[c] for c in ("01", "09", "91", "93", "94")] == [
        "台风", "雷电", "寒冷", "雷雨大风", "森林火险",
    ]  # fmt: skip
    assert LEVELS == {"01": "蓝色", "02": "黄色", "03": "橙色", "04": "红色", "05": "白色"}
    assert EVENTS["03"] == "暴雨"
    assert CODE_OF_TYPE["低温"] == "72"


@pytest.mark.parametrize("code", sorted(TYPES))
def test_a_type_is_told_by_its_code_alone(code):
    found = fact(changed(SIGNALTYPE=None, TYPECODE=code, head="气象台发布橙色预警信号"))
    assert (found["type"], found["type_code"]) == (TYPES[code], code)


@pytest.mark.parametrize(
    ("head", "kind", "level"),
    [
        ("源城区发布雷雨大风黄色预警信号", "雷雨大风", "02"),
        ("河源市发布森林火险红色预警", "森林火险", "04"),
        ("深圳市台风白色预警信号", "台风", "05"),
        ("河源市解除道路结冰橙色预警信号", "道路结冰", "03"),
    ],
)
def test_a_headline_alone_tells_type_and_level(head, kind, level):
    bare = dict.fromkeys(("SIGNALTYPE", "SIGNALLEVEL", "TYPECODE", "LEVELCODE", "YJYC_EN"))
    found = fact(changed(head=head, **bare))
    assert (found["type"], found["level_code"]) == (kind, level)


def test_an_event_code_of_the_national_list_is_understood():
    found = fact(changed(SIGNALTYPE=None, TYPECODE=None, eventType="11B06", head="x"))
    assert (found["type"], found["type_code"]) == ("大风", "05")


def test_text_outweighs_a_code_that_contradicts_it():
    parsed = read(changed(TYPECODE="09", LEVELCODE="01"))
    (found,) = parsed.summary["alerts"]
    assert (found["type"], found["type_code"], found["level_code"]) == ("暴雨", "02", "03")
    assert {p.reason for p in parsed.problems} == {"type_mismatch", "level_mismatch"}


@pytest.mark.parametrize(
    ("level", "colour"),
    [("红色", Level.RED), ("橙色", Level.ORANGE), ("黄色", Level.YELLOW), ("蓝色", Level.BLUE),
     ("Red", Level.RED), ("Ⅱ级", Level.ORANGE), ("白色", Level.BLUE)],
)  # fmt: skip
def test_the_colour_is_the_level_of_the_wall(level, colour):
    words = {"SIGNALLEVEL": level, "LEVELCODE": None, "head": "发布暴雨预警信号"}
    assert level_of(main_info(only(changed(**words)))) == colour


# ---- what it asks of us ----


def test_its_own_identifier_as_reference_updates_nothing():
    message = only(DETAIL)
    assert (message.references, message.disposition) == ((), Disposition.RAISE)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"msgType": "Update"}, Disposition.UPDATE),
        ({"msgType": "Cancel"}, Disposition.CANCEL),
        ({"msgType": "CANCEL"}, Disposition.CANCEL),
        ({"msgType": "解除"}, Disposition.CANCEL),
        ({"head": "紫金县解除暴雨橙色预警信号"}, Disposition.CANCEL),
        ({"head": "紫金县解除暴雨橙色预警信号", "msgType": None}, Disposition.CANCEL),
        ({"head": "暴雨黄色预警信号升级为橙色", "msgType": None}, Disposition.UPDATE),
        ({"msgType": None}, Disposition.RAISE),
        ({"status": "Test"}, Disposition.TEST),
    ],
)
def test_the_message_type_or_the_words_of_the_headline_tell(fields, wanted):
    assert only(changed(**fields)).disposition is wanted


def test_a_reference_to_another_message_is_kept_with_its_issuer_and_time():
    message = only(changed(msgType="Update", references="44162141600000_20261118050000"))
    ((sender, name, sent),) = message.references
    assert (sender, name) == ("44162141600000", "44162141600000_20261118050000")
    assert sent == datetime(2026, 11, 17, 21, 0, tzinfo=UTC)


# ---- where ----


def test_the_adcode_of_the_identifier_tells_the_area(catalogue):
    assert areas_of(only(DETAIL), catalogue) == {"441621"}


def test_a_citys_warning_is_the_citys(catalogue):
    found = only(changed(STATIONNAME="", identifier="44160041600000_20261118073000"))
    assert areas_of(found, catalogue) == {"441600"}
    named = only(changed(STATIONNAME="河源市", identifier="A1", references="A1"))
    assert areas_of(named, catalogue) == {"441600"}


def test_a_place_elsewhere_is_not_ours(catalogue):
    there = changed(
        PROVINCE="广东省", CITY="梅州市", STATIONNAME="", identifier="44140041600000_20261118073000"
    )
    assert areas_of(only(there), catalogue) == set()


# ---- lists ----


def test_rows_of_strings_are_read_by_what_each_cell_looks_like(catalogue):
    parsed = read(payload("cma_list.json"))
    assert [areas_of(m, catalogue) for m in parsed.records] == [{"441621"}, {"441600"}, set()]
    assert [len(m.infos[0].areas[0].polygons) for m in parsed.records] == [1, 0, 0]
    assert (parsed.summary["count"], parsed.summary["complete"]) == ("3", True)


def test_the_older_list_of_name_and_page_is_read():
    text = (
        'var alarminfo={"count":"1","data":[["广东省河源市","10128120-20261118080000-0901.html"]]};'
    )
    (message,) = read(text).records
    assert message.identifier == "10128120-20261118080000-0901"
    assert message.sent == datetime(2026, 11, 18, 0, 0, tzinfo=UTC)
    assert message.infos[0].event == "雷电"


def test_an_empty_list_is_quiet_not_wrong():
    parsed = read('{"status":"success","result":{"count":"0","data":[]}}')
    assert (parsed.accepted, parsed.summary["complete"]) == (0, True)


def test_numbered_fields_are_understood():
    row = {"w1": "广东省", "w2": "河源市", "w3": "紫金县", "w4": "02", "w5": "暴雨", "w6": "03",
           "w7": "橙色", "w8": "2026-11-18 07:30", "w9": "……", "w10": "202611180730001",
           "w13": "紫金县发布暴雨橙色预警"}  # fmt: skip
    (message,) = read("var alarmDZ101281203=" + json.dumps({"w": [row]}) + ";").records
    assert (message.infos[0].event, message.identifier) == ("暴雨", "202611180730001")


def test_a_weather_service_without_codes_is_placed_by_its_issuer(catalogue):
    row = {"id": "10128120320261118073000123", "sender": "紫金县气象台",
           "pubTime": "2026-11-18T07:30+08:00", "title": "紫金县气象台发布暴雨橙色预警",
           "startTime": "2026-11-18T07:30+08:00", "endTime": "2026-11-19T07:30+08:00",
           "status": "active", "level": "橙色", "severity": "Severe", "severityColor": "Orange",
           "type": "1003", "typeName": "暴雨", "text": "……"}  # fmt: skip
    text = json.dumps({"code": "200", "warning": [row, {**row, "id": "2", "status": "cancel"}]})
    first, second = read(text).records
    assert areas_of(first, catalogue) == {"441621"}
    assert (first.infos[0].event, first.disposition) == ("暴雨", Disposition.RAISE)
    assert first.infos[0].expires == datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    assert second.disposition is Disposition.CANCEL


def test_a_province_before_the_city_does_not_hide_it(catalogue):
    text = '{"count":"1","data":[["广东省河源市","10128120-20261118080000-0901.html"]]}'
    assert areas_of(only(text), catalogue) == {"441600"}


def test_the_same_warning_twice_is_one():
    parsed = read(f"[{INNER},{INNER}]")
    assert (parsed.accepted, parsed.reasons) == (1, {"duplicate": 1})


def test_a_broken_row_costs_itself_alone():
    parsed = read(f"[{changed(ISSUETIME='x')},{INNER}]")
    assert (parsed.accepted, parsed.reasons) == (1, {"bad_time": 1})
    assert parsed.problems[0].row == 1


def test_what_names_no_warning_in_a_list_is_refused_one_by_one():
    parsed = read(f'[{INNER}, "junk", null, {{"a": 1}}]')
    assert len(parsed.records) == 1
    refused = [(p.row, p.reason, p.value) for p in parsed.problems if p.refused]
    assert refused == [
        (2, "not_a_warning", "junk"),
        (3, "not_a_warning", "None"),
        (4, "not_a_warning", "{'a': 1}"),
    ]
