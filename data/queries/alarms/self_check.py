"""What the system sees when it looks at itself: readings for the rules of kind "watch"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule, Watch
from data.queries import health
from data.queries.alarms.marks import BEAT, JUMP, instant, read_mark
from data.queries.alarms.notices import TargetState, target_states
from data.queries.alarms.screens import state_of, unwatched_screens, watched_screens
from data.queries.keys import Keys
from data.settings import settings
from data.vocabulary import LOCAL, Names
from data.vocabulary.alarms import Reading
from data.vocabulary.screens import ScreenState

DAY = timedelta(days=1)
PERIOD = timedelta(minutes=5)
"""Between two heartbeats."""
WAL_BYTES = 1_000_000_000
DISK_LOW = 0.05
SECONDS: Names = {"zh": "秒", "en": "s"}
SHARE: Names = {"zh": "%", "en": "%"}
COUNT: Names = {"zh": "条", "en": "notices"}
BYTES: Names = {"zh": "MB", "en": "MB"}


@dataclass(frozen=True)
class Seen:
    """What was seen of one thing. at: since when it is so, as far as is known."""

    object: str
    title: Names
    said: Names
    active: bool
    at: datetime
    value: float | None = None
    limit: float | None = None
    unit: Names | None = None
    unknown: bool = False


Look = Callable[[Connection, Catalogue, timedelta, datetime], Iterator[Seen]]


def watch_readings(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,  # noqa: ARG001 - as every look of a rule is called
    rules: Sequence[AlarmRule],
    now: datetime,
) -> list[Reading]:
    """Return what each rule of kind "watch" says, of the whole city; other rules are passed over.

    One reading an object: a screen, a target, the collector. Those that are well are inactive.
    """
    found: list[Reading] = []
    for rule in rules:
        if isinstance(rule.condition, Watch) and rule.enabled:
            limit = timedelta(minutes=rule.condition.minutes)
            looked = LOOKS[rule.condition.measure](conn, catalogue, limit, now)
            found += [_reading(rule, catalogue.city.code, seen, now) for seen in looked]
    return found


def _reading(rule: AlarmRule, area: str, seen: Seen, now: datetime) -> Reading:
    return Reading(
        rule=rule.code,
        version=rule.version,
        area=area,
        object=seen.object,
        active=seen.active and not seen.unknown,
        priority=rule.priority,
        at=min(seen.at, now),
        said=seen.said,
        title=seen.title,
        value=seen.value,
        limit=seen.limit,
        unit=seen.unit,
        unknown=seen.unknown,
        cause=f"self:{seen.object}",
        evidence={"kind": rule.condition.kind, "object": seen.object},
    )


def _heartbeat(
    conn: Connection, _catalogue: Catalogue, limit: timedelta, now: datetime
) -> Iterator[Seen]:
    """Tell that the newest event of the heartbeat arrived: this is good news, sent on each time."""
    at = instant(read_mark(conn, BEAT))
    fresh = at is not None and abs(now - at) <= max(limit, PERIOD)
    yield Seen(
        "chain",
        {"zh": "全链路心跳", "en": "Heartbeat of the whole chain"},
        {
            "zh": "采集、规则、告警、通知均在工作",
            "en": "collecting, rules, alarms and notices work",
        },
        fresh,
        at or now,
        unknown=at is None,
    )


def _screens(
    conn: Connection, _catalogue: Catalogue, limit: timedelta, now: datetime
) -> Iterator[Seen]:
    """Tell since when, not for how long: a reading that changes each time would wake every wall."""
    for row in watched_screens(conn):
        name, page = row.name or row.id[:8], row.page or "/"
        lost = now - row.seen_at >= limit
        frozen = not lost and state_of(row, now) is ScreenState.FROZEN
        zh, en = ("画面停住", "frozen") if frozen else ("失联", "lost")
        last = row.painted_at if frozen else row.seen_at
        yield Seen(
            row.id,
            _words(f"显示屏{zh}：{name}", f"Screen {en}: {name}"),
            _words(
                f"显示屏“{name}”（{page}）自 {_clock_of(last)} 起{zh}",
                f"screen “{name}” ({page}) {en} since {_clock_of(last)}",
            ),
            lost or frozen,
            last,
            limit=limit.total_seconds(),
            unit=SECONDS,
        )
    for screen in unwatched_screens(conn, now - DAY):
        words = _words("显示屏已停用或正常关闭", "screen retired or closed")
        yield Seen(screen, words, words, False, now)


def _clock_of(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%m-%d %H:%M:%S}"


def _collector(
    conn: Connection, _catalogue: Catalogue, limit: timedelta, now: datetime
) -> Iterator[Seen]:
    newest = health.newest_snapshot(conn)
    made = datetime.fromtimestamp(newest, now.tzinfo) if newest else None
    for key, at, words in (
        ("collector", health.collector_beat(conn), _words("采集进程", "the collector")),
        ("panels", made, _words("屏幕数据", "the panels")),
    ):
        since = _clock_of(at) if at else "?"
        yield Seen(
            key,
            _words(f"{words['zh']}停止更新", f"No news of {words['en']}"),
            _words(
                f"{words['zh']}自 {since} 起没有更新", f"no news of {words['en']} since {since}"
            ),
            at is not None and now - at > limit,
            at or now,
            limit=limit.total_seconds(),
            unit=SECONDS,
            unknown=at is None,
        )


def _store(
    conn: Connection, _catalogue: Catalogue, _limit: timedelta, now: datetime
) -> Iterator[Seen]:
    free, total = health.disk(settings().var)
    share = 100 * free / total
    yield Seen(
        "disk",
        {"zh": "磁盘将满", "en": "Disk nearly full"},
        {"zh": f"磁盘剩余 {share:.1f}%", "en": f"{share:.1f}% of the disk is free"},
        share < 100 * DISK_LOW,
        now,
        round(share, 1),
        100 * DISK_LOW,
        SHARE,
    )
    wal = wal_bytes(conn)
    if wal is not None:
        megabytes = wal / 1e6
        yield Seen(
            "wal",
            {"zh": "数据库预写日志过大", "en": "Write-ahead log too large"},
            {"zh": f"预写日志 {megabytes:.0f} MB", "en": f"write-ahead log {megabytes:.0f} MB"},
            wal > WAL_BYTES,
            now,
            round(megabytes, 1),
            WAL_BYTES / 1e6,
            BYTES,
        )


def wal_bytes(conn: Connection) -> int | None:
    """Return how long SQLite's write-ahead log is; None: there is none to watch."""
    if conn.dialect.name != "sqlite" or not conn.engine.url.database:
        return None
    path = Path(f"{conn.engine.url.database}-wal")
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _undelivered(
    conn: Connection, catalogue: Catalogue, limit: timedelta, now: datetime
) -> Iterator[Seen]:
    for state in target_states(conn, catalogue, now):
        if not state.connected:
            continue
        target = catalogue.notices[state.key]
        beats = target.kind == "heartbeat"
        count = state.undelivered
        old = state.since is not None and now - state.since > limit
        late = late_beat(state, now) if beats else count > 0 and old
        yield Seen(
            state.key,
            {
                "zh": f"通知未送达：{target.name['zh']}",
                "en": f"Notices undelivered: {target.name['en']}",
            },
            {
                "zh": f"“{target.name['zh']}”有 {count} 条通知未送达",
                "en": f"{count} notices did not reach “{target.name['en']}”",
            },
            late,
            state.since or now,
            float(count),
            0.0,
            COUNT,
        )


def late_beat(state: TargetState, now: datetime) -> bool:
    """Return whether a heartbeat that arrived once stays out."""
    return state.sent_at is not None and now - state.sent_at > 2 * PERIOD


def _clock(
    conn: Connection, _catalogue: Catalogue, limit: timedelta, now: datetime
) -> Iterator[Seen]:
    jump = read_mark(conn, JUMP)
    at, seconds = instant(jump), float(jump.get("seconds") or 0.0)
    recent = at is not None and abs(now - at) <= limit
    yield Seen(
        "jump",
        {"zh": "服务器时钟跳变", "en": "The server's clock jumped"},
        {"zh": f"时钟跳变 {seconds:+.0f} 秒", "en": f"the clock jumped by {seconds:+.0f} s"},
        recent,
        at or now,
        seconds if at else None,
        None,
        SECONDS,
    )
    reasons = health.clock_reasons(conn, health.collector_beat(conn), now)
    yield Seen(
        "apart",
        {"zh": "时钟不一致", "en": "Clocks differ"},
        {"zh": "采集进程、数据库与本机的时钟相差过大", "en": "; ".join(reasons) or "clocks agree"},
        bool(reasons),
        now,
    )


def _words(zh: str, en: str) -> Names:
    return {"zh": zh, "en": en}


LOOKS: dict[str, Look] = {
    "heartbeat": _heartbeat,
    "screen_lost": _screens,
    "collector": _collector,
    "store": _store,
    "undelivered": _undelivered,
    "clock": _clock,
}
