"""Each kind of target gets bytes it understands, signed as its maker asks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from data.alarms.channels import answered, cut, mail, request, webhook_sign
from data.alarms.messages import heading, merged, text
from tests.conftest import NOW

AT = NOW.timestamp()


def told(number=1, priority=1, **more):
    return {
        "id": number,
        "rule": "flood",
        "priority": priority,
        "area": "441602",
        "area_name": {"zh": "源城区", "en": "Yuancheng"},
        "title": {"zh": "积水超限", "en": "Flooded road"},
        "said": {"zh": "水深 42 厘米", "en": "42 cm of water"},
        "raised_at": AT,
    } | more


def body(*alarms, **more):
    alarms = list(alarms) or [told()]
    return {
        "act": "raise",
        "marks": [],
        "city": {"zh": "河源市", "en": "Heyuan"},
        "priority": min(a["priority"] for a in alarms),
        "situation": 3,
        "alarms": alarms,
        "count": len(alarms),
        "at": AT,
        "link": "https://ops.example/alerts?alarm=1",
    } | more


def made(kind, *, url="https://x.example/hook?key=K", secret="", **more):
    return request(kind, url, secret, body(**more), key="k-1", at=AT)


def test_a_message_is_chinese_first_with_a_line_of_english():
    lines = text(body()).split("\n")
    assert lines[0] == "【红色告警】源城区 积水超限"
    assert lines[1] == "水深 42 厘米"
    assert "[RED ALARM] Yuancheng, Flooded road: 42 cm of water" in lines
    assert lines[-1] == "https://ops.example/alerts?alarm=1"


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu", "webhook"])
def test_every_message_of_a_demo_or_an_exercise_begins_with_its_mark(kind):
    found = made(kind, marks=["demo", "exercise"])
    assert "【演示数据 DEMO】【演练 EXERCISE】【红色告警】" in found.body.decode()
    sent = mail(body(marks=["exercise"]), sender="a@b.example", receivers="c@d.example",
                key="k", at=AT)  # fmt: skip
    assert sent["Subject"].startswith("【演练 EXERCISE】")


def test_wecom_is_a_text_within_its_limit():
    many = [told(i, title={"zh": "很长的标题" * 300, "en": "x" * 900}) for i in range(1, 30)]
    content = json.loads(request("wecom", "https://w/", "", body(*many), key="k", at=AT).body)
    assert content["msgtype"] == "text"
    assert len(content["text"]["content"].encode()) <= 2048


def test_dingtalk_signs_in_the_address():
    found = made("dingtalk", url="https://oapi.example/robot/send?access_token=T", secret="SEC1")
    asked = parse_qs(urlsplit(found.url).query)
    stamp = str(int(AT * 1000))
    expected = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert asked == {
        "access_token": ["T"],
        "timestamp": [stamp],
        "sign": [base64.b64encode(expected).decode()],
    }
    assert json.loads(found.body)["msgtype"] == "text"


def test_feishu_signs_in_the_body():
    content = json.loads(made("feishu", secret="SEC2").body)
    stamp = str(int(AT))
    expected = hmac.new(f"{stamp}\nSEC2".encode(), b"", hashlib.sha256).digest()
    assert content["timestamp"] == stamp
    assert content["sign"] == base64.b64encode(expected).decode()
    assert content["content"]["text"].startswith("【红色告警】")


def test_a_webhook_has_a_signature_of_its_bytes_and_one_key_for_all_tries():
    first, second = made("webhook", secret="S"), request(
        "webhook", "https://x.example", "S", body(), key="k-1", at=AT + 60
    )  # fmt: skip
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "k-1"
    stamp = first.headers["X-Zhizhi-Timestamp"]
    assert first.headers["X-Zhizhi-Signature"] == webhook_sign("S", stamp, first.body)
    assert first.headers["X-Zhizhi-Signature"] != second.headers["X-Zhizhi-Signature"]
    assert json.loads(first.body)["alarms"][0]["raised_at"] == "2026-11-18T10:20:00+08:00"


@pytest.mark.parametrize(
    ("kind", "status", "answer", "said"),
    [
        ("wecom", 200, b'{"errcode":0,"errmsg":"ok"}', ""),
        ("wecom", 200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', "refused: 93000"),
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"sign not match"}', "refused: 310000"),
        ("feishu", 200, b'{"code":0,"msg":"success"}', ""),
        ("feishu", 200, b'{"StatusCode":0,"StatusMessage":"success"}', ""),
        ("feishu", 200, b'{"code":19021,"msg":"sign match fail"}', "refused: 19021"),
        ("feishu", 200, b"<html>", "answered no JSON"),
        ("feishu", 200, b"[]", "answered no JSON"),
        ("webhook", 204, b"", ""),
        ("webhook", 302, b"", "answered 302: redirects are not followed"),
        ("webhook", 500, b"", "answered 500"),
    ],
)
def test_what_a_target_says_against_a_notice_is_heard(kind, status, answer, said):
    found = answered(kind, status, answer)
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_words_are_cut_between_letters():
    assert cut("水" * 10, 31) == "水" * 10
    assert cut("水" * 10, 20) == "水" * 5 + "…"


def test_a_line_break_in_a_title_makes_no_second_header():
    sent = mail(body(told(title={"zh": "甲\r\nBcc: x@y", "en": "a"})), sender="a@b.example",
                receivers="c@d.example", key="k", at=AT)  # fmt: skip
    assert sent["Bcc"] is None
    with pytest.raises(ValueError, match="linefeed"):
        mail(body(), sender="a@b.example\nBcc: z@y", receivers="c@d.example", key="k", at=AT)


def test_alarms_that_join_are_told_once_and_the_gravest_leads():
    both = merged(body(told(1, 3), priority=3), [told(1, 3), told(2, 1)], most=20)
    assert both["count"] == 2
    assert both["priority"] == 1
    assert [a["id"] for a in both["alarms"]] == [2, 1]
    assert heading(both).startswith("【红色告警】")
