"""What a notice says, in words: Chinese first, then a line in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from data.vocabulary import LOCAL, Names
from data.vocabulary.alarms import AlarmAct

PRIORITIES: dict[int, Names] = {
    1: {"zh": "红色", "en": "RED"},
    2: {"zh": "橙色", "en": "ORANGE"},
    3: {"zh": "黄色", "en": "YELLOW"},
    4: {"zh": "蓝色", "en": "BLUE"},
}
ACTS: dict[str, Names] = {
    AlarmAct.RAISE: {"zh": "告警", "en": "ALARM"},
    AlarmAct.WORSEN: {"zh": "告警升级", "en": "ALARM WORSENED"},
    AlarmAct.RETURN: {"zh": "告警恢复", "en": "ALARM RETURNED"},
    "test": {"zh": "测试消息", "en": "TEST MESSAGE"},
    "heartbeat": {"zh": "心跳", "en": "HEARTBEAT"},
}
NO_ALARM = frozenset({"test", "heartbeat"})
MARKS: dict[str, str] = {"demo": "【演示数据 DEMO】", "exercise": "【演练 EXERCISE】"}
"""What stands before every message of a store that is not the city's own."""
SHOWN = 5
"""So many alarms are told one by one; of the others their number."""


class Told(TypedDict):
    """One alarm within a notice. raised_at: epoch seconds."""

    id: int
    rule: str
    priority: int
    area: str
    area_name: Names
    title: Names
    said: Names
    raised_at: float


class NoticeBody(TypedDict):
    """What a notice tells, as it is kept: words in both languages, no person in it.

    marks: "demo", "exercise". act: what happened. alarms: the gravest first, at most 20.
    count: how many there are in all. at: epoch seconds.
    """

    act: str
    marks: list[str]
    city: Names
    priority: int
    situation: int | None
    alarms: list[Told]
    count: int
    at: float
    link: str


def heading(body: NoticeBody) -> str:
    """Return the first line: marks, colour, where, what. For a subject of a mail too."""
    first = body["alarms"][0] if body["alarms"] else None
    colour, act = PRIORITIES[body["priority"]]["zh"], ACTS[body["act"]]["zh"]
    word = act if body["act"] in NO_ALARM else colour + act
    where = f"{first['area_name']['zh']} {first['title']['zh']}" if first else body["city"]["zh"]
    return f"{marks(body)}【{word}】{where}"


def marks(body: NoticeBody) -> str:
    """Return what a message of no real event begins with, "" for a real one."""
    return "".join(MARKS[mark] for mark in body["marks"])


def text(body: NoticeBody) -> str:
    """Return the whole message as plain text."""
    return "\n".join([heading(body), *_chinese(body), *_english(body), *_foot(body)])


def _chinese(body: NoticeBody) -> list[str]:
    if not body["alarms"]:
        return ["这是一条测试消息，无须处置。"]
    first, rest = body["alarms"][0], body["alarms"][1:]
    lines = [first["said"]["zh"], f"发生时间：{_clock(first['raised_at'])}"]
    if body["count"] > 1:
        word = "同一事件" if body["situation"] else "本分钟"
        lines.append(f"{word}共 {body['count']} 条告警：")
        lines += [f"· {a['area_name']['zh']} {a['title']['zh']}" for a in rest[: SHOWN - 1]]
    return lines


def _english(body: NoticeBody) -> list[str]:
    act, colour = ACTS[body["act"]]["en"], PRIORITIES[body["priority"]]["en"] + " "
    colour = "" if body["act"] in NO_ALARM else colour
    if not body["alarms"]:
        return [f"[{act}] {body['city']['en']}: nothing needs to be done."]
    first = body["alarms"][0]
    more = f" (+{body['count'] - 1} more)" if body["count"] > 1 else ""
    where = f"{first['area_name']['en']}, {first['title']['en']}"
    return [f"[{colour}{act}] {where}: {first['said']['en']}{more}"]


def _foot(body: NoticeBody) -> list[str]:
    if body["act"] in NO_ALARM:
        return [f"时间 {_clock(body['at'])}"]
    numbers = "、".join(str(a["id"]) for a in body["alarms"][:SHOWN])
    return [f"告警编号 Alarm {numbers}", *([body["link"]] if body["link"] else [])]


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, LOCAL).strftime("%Y-%m-%d %H:%M")


def merged(before: NoticeBody, more: Sequence[Told], *, most: int) -> NoticeBody:
    """Return a notice that tells of further alarms too, each once, the gravest first."""
    known = {a["id"] for a in before["alarms"]}
    fresh = [a for a in more if a["id"] not in known]
    every = sorted([*before["alarms"], *fresh], key=gravest)
    body: NoticeBody = {
        **before,
        "alarms": every[:most],
        "count": before["count"] + len(fresh),
        "priority": min(a["priority"] for a in every) if every else before["priority"],
    }
    return body


def gravest(told: Told) -> tuple[int, float, int]:
    """Order alarms: the gravest first, then the oldest."""
    return told["priority"], told["raised_at"], told["id"]


def plain(body: NoticeBody) -> Mapping[str, Any]:
    """Return a notice as other systems read it."""
    at = datetime.fromtimestamp(body["at"], LOCAL).isoformat()
    alarms = [
        {**a, "raised_at": datetime.fromtimestamp(a["raised_at"], LOCAL).isoformat()}
        for a in body["alarms"]
    ]
    return {**body, "version": 1, "at": at, "alarms": alarms, "text": text(body)}
