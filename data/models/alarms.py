"""Alarms: versions of rules, alarms with their append-only log, situations, windows, notices."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from data.models.columns import Big, Instant, Json, metadata

OPEN = "ended_at is null"


def _open(name: str, *columns: str, unique: bool = False, where: str = OPEN) -> Index:
    chosen = text(where)
    return Index(name, *columns, unique=unique, postgresql_where=chosen, sqlite_where=chosen)


def _area(*, nullable: bool = False) -> Column[int]:
    return Column("area_id", SmallInteger, ForeignKey("area.id"), nullable=nullable)


rule_version = Table(
    "rule_version",
    metadata,
    Column("id", Big, primary_key=True),
    Column("family", String(8), nullable=False),
    Column("code", String(60), nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("body", Json, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("proposed_by", Integer),
    Column("proposed_name", String(60), nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Integer),
    Column("decided_name", String(60)),
    Column("decision", String(500)),
    UniqueConstraint("family", "code", "version"),
    CheckConstraint("family in ('alarm','stage')", name="family"),
    CheckConstraint("state in ('proposed','approved','refused')", name="state"),
)
"""What stands over the catalogue's rules once approved. body: the whole entry, as in the files;
{"retired": true} takes a rule out of service for good."""

situation = Table(
    "situation",
    metadata,
    Column("id", Big, primary_key=True),
    Column("cause", String(160), nullable=False),
    _area(),
    Column("title", Json, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("lead_alarm_id", Big),
    Column("case_no", String(40)),
    _open("ix_situation_open", "cause"),
    Index("ix_situation_opened", "opened_at"),
)
"""Alarms of one cause. title: Names."""

alarm = Table(
    "alarm",
    metadata,
    Column("id", Big, primary_key=True),
    Column("key", String(200), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("rule_version", SmallInteger, nullable=False),
    _area(),
    Column("object", String(120), nullable=False, server_default=""),
    Column("cause", String(160), nullable=False, server_default=""),
    Column("title", Json, nullable=False),
    Column("said", Json, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("state", String(24), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("latched", Boolean, nullable=False, server_default=false()),
    Column("count", Integer, nullable=False, server_default=text("1")),
    Column("value", Double),
    Column("limit", Double),
    Column("unit", Json),
    Column("evidence", Json),
    Column("raised_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("returned_at", Instant),
    Column("ended_at", Instant),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Integer),
    Column("acknowledged_name", String(60)),
    Column("shelved_until", Instant),
    Column("owner_id", Integer),
    Column("owner_name", String(60)),
    Column("outcome", String(16)),
    Column("situation_id", Big, ForeignKey("situation.id")),
    Column("tie", String(12)),
    Column("case_no", String(40)),
    Column("case_closed_at", Instant),
    Column("version", Integer, nullable=False, server_default=text("1")),
    _open("ux_alarm_open", "key", unique=True),
    _open("ix_alarm_standing", "priority", "raised_at"),
    Index("ix_alarm_raised", "raised_at"),
    Index("ix_alarm_recorded", "recorded_at", "ended_at"),
    Index("ix_alarm_rule", "rule", "area_id", "raised_at"),
    Index("ix_alarm_situation", "situation_id"),
    Index("ix_alarm_case", "case_no"),
)
"""One occurrence, from raised to normal again; what it adds up to now. At most one is open a key.

count: how often its condition came back while it was open. recorded_at: when we knew; raised_at:
since when the condition held. An alarm whose condition is over and that was acknowledged (or never
needs it) has ended_at, when we knew that. tie: what put it into its situation, or kept it out (see
data.alarms.grouping.Tie). case_closed_at: when the case that was made of it was closed."""

alarm_event = Table(
    "alarm_event",
    metadata,
    Column("alarm_id", Big, ForeignKey("alarm.id"), nullable=False, autoincrement=False),
    Column("seq", Integer, nullable=False, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("act", String(24), nullable=False),
    Column("from_state", String(24), nullable=False),
    Column("to_state", String(24), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("value", Double),
    Column("actor_id", Integer),
    Column("actor", String(60), nullable=False),
    Column("reason", String(500), nullable=False, server_default=""),
    Column("detail", Json),
    PrimaryKeyConstraint("alarm_id", "seq"),
    Index("ix_alarm_event_recorded", "recorded_at"),
    sqlite_with_rowid=False,
)
"""Append-only, kept so by triggers (migration 0011). detail: said, limit, until, case_no, situation
as they became; an alarm as it was known at an instant is its events up to then."""

alarm_pending = Table(
    "alarm_pending",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
"""Conditions within their hold time: since when the new answer (active) holds without a break."""

alarm_window = Table(
    "alarm_window",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("rule", String(60)),
    _area(nullable=True),
    Column("object", String(120)),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Integer),
    Column("made_name", String(60), nullable=False),
    Column("ended_at", Instant),
    Column("ended_name", String(60)),
    CheckConstraint("kind in ('planned','service')", name="kind"),
    Index("ix_alarm_window_ends", "ends_at"),
)
"""Planned work (suppressed by design) or out of service: of a rule, an area, an object, or of
what all of those named have in common."""

notice = Table(
    "notice",
    metadata,
    Column("id", Big, primary_key=True),
    Column("alarm_id", Big, ForeignKey("alarm.id")),
    Column("ref", String(120), nullable=False),
    Column("target", String(40), nullable=False),
    Column("body", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("sent_at", Instant),
    Column("given_up_at", Instant),
    Column("error", String(300)),
    _open("ix_notice_due", "due_at", where="sent_at is null and given_up_at is null"),
    Index("ix_notice_made", "made_at"),
    Index("ix_notice_alarm", "alarm_id"),
)
"""To be sent at least once: made in the transaction of what it tells, sent beside the loop.
ref: what it is about, when it is no alarm."""

screen = Table(
    "screen",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("painted_at", Instant),
    Column("build", String(40), nullable=False, server_default=""),
    Column("page", String(120), nullable=False, server_default=""),
    Column("memory_mb", Double),
    Column("width", SmallInteger),
    Column("height", SmallInteger),
    Column("origin", String(60), nullable=False, server_default=""),
    Column("enrolled_at", Instant),
    Column("enrolled_by", Integer),
    Column("token", String(64)),
    Column("revoked_at", Instant),
    Column("retired_at", Instant),
    Column("named_at", Instant),
    Column("closed_at", Instant),
    Index("ix_screen_seen", "seen_at"),
)
"""Displays and what they last told. token: SHA-256 of the device's secret once it is enrolled.
retired_at: taken off the wall by hand, no alarm when it is gone. named_at: somebody gave it a name:
it is one of the house's. closed_at: its page was closed by whoever sat before it."""

stage_event = Table(
    "stage_event",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("stage", SmallInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor_id", Integer),
    Column("actor", String(60), nullable=False),
    Column("reason", String(500), nullable=False, server_default=""),
    Column("sentence", Json, nullable=False),
    Column("why", Json, nullable=False),
    CheckConstraint("kind in ('proposed','confirmed')", name="kind"),
    CheckConstraint("stage between 1 and 5", name="stage"),
    Index("ix_stage_event_at", "at"),
)
"""Append-only. why: the firing rules with their rows, what would lower it, rule versions."""

response_level = Table(
    "response_level",
    metadata,
    Column("id", Big, primary_key=True),
    Column("plan", String(20), nullable=False),
    Column("level", SmallInteger, nullable=False),
    _area(),
    Column("started_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("basis", String(200), nullable=False),
    Column("actor_id", Integer),
    Column("actor", String(60), nullable=False),
    Column("ended_at", Instant),
    Column("ended_recorded_at", Instant),
    Column("ended_name", String(60)),
    Column("end_reason", String(500)),
    CheckConstraint("level between 1 and 4", name="level"),
    Index("ix_response_level_started", "started_at"),
)
"""Statutory response I-IV of one plan in one area, ordered by a document; never merged with the
stage. A change of level ends one row and begins another."""
