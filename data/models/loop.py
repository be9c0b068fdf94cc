"""What the closed loop keeps beside a case: clocks, approvals, tasks, steps, links, supervision."""

from sqlalchemy import (
    Boolean,
    Column,
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

NOT_DECIDED = "decided_at is null"
RUNNING = "replaced_by is null and stopped_at is null"
STANDING = "ended_at is null"


def _of_case() -> Column[int]:
    return Column("case_id", Big, ForeignKey("cases.id"), nullable=False, autoincrement=False)


def _id() -> Column[int]:
    return Column("id", Big, primary_key=True)


def _only(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


case_clock = Table(
    "case_clock",
    metadata,
    _id(),
    _of_case(),
    Column("kind", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("stopped_at", Instant),
    Column("rule", String(40), nullable=False),
    Column("rule_version", SmallInteger, nullable=False),
    Column("calendar_version", String(20), nullable=False),
    Column("why", Json, nullable=False),
    Column("approval_id", Big),
    Column("replaced_by", Big),
    Column("made_at", Instant, nullable=False),
    Index("ix_case_clock_case", "case_id", "kind"),
    _only("ix_case_clock_running", "due_at", "case_id", where=RUNNING),
)
"""Computed once and kept with its rule. A moved due time is a new row that names its approval."""

case_approval = Table(
    "case_approval",
    metadata,
    _id(),
    _of_case(),
    Column("kind", String(12), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", Integer),
    Column("asked_name", String(60), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("wanted", Json, nullable=False),
    Column("granted", Boolean),
    Column("decided_at", Instant),
    Column("decided_by", Integer),
    Column("decided_name", String(60)),
    Column("decision", String(500)),
    Index("ix_case_approval_case", "case_id"),
    _only("ix_case_approval_open", "asked_at", where=NOT_DECIDED),
)

case_task = Table(
    "case_task",
    metadata,
    _id(),
    _of_case(),
    Column("department_id", SmallInteger, ForeignKey("department.id"), nullable=False),
    Column("activity", String(80), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("arrived_at", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("result", String(500), nullable=False, server_default=""),
    Column("step", SmallInteger),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("case_id", "department_id", "activity"),
    _only("ix_case_task_open", "department_id", "case_id", where=STANDING),
)
"""One agency's part of a case; each keeps its own arrival, start and end."""

case_step = Table(
    "case_step",
    metadata,
    _of_case(),
    Column("sop", String(40), nullable=False),
    Column("sop_version", SmallInteger, nullable=False),
    Column("no", SmallInteger, nullable=False),
    Column("department_id", SmallInteger),
    Column("due_at", Instant),
    Column("done_at", Instant),
    Column("done_by", Integer),
    Column("done_name", String(60)),
    Column("skipped", Boolean, nullable=False, server_default=false()),
    Column("note", String(500), nullable=False, server_default=""),
    PrimaryKeyConstraint("case_id", "sop", "no"),
)

case_link = Table(
    "case_link",
    metadata,
    _id(),
    _of_case(),
    Column("kind", String(16), nullable=False),
    Column("other_case_id", Big, ForeignKey("cases.id")),
    Column("ref", String(120)),
    Column("at", Instant, nullable=False),
    Column("actor_id", Integer),
    Column("by_name", String(60), nullable=False),
    Column("note", String(200), nullable=False, server_default=""),
    Index("ix_case_link_case", "case_id", "kind"),
    Index("ix_case_link_other", "other_case_id"),
)
"""To another case, or by ref to a warning or an indicator."""

supervision_card = Table(
    "supervision_card",
    metadata,
    _id(),
    _of_case(),
    Column("department_id", SmallInteger, ForeignKey("department.id"), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("rule_version", SmallInteger, nullable=False),
    Column("colour", SmallInteger, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("next_step_at", Instant),
    Column("state", String(12), nullable=False, server_default="active"),
    Column("answer", String(500)),
    Column("ended_at", Instant),
    Index("ix_supervision_card_case", "case_id", "rule"),
    Index("ix_supervision_card_raised", "raised_at"),
    _only("ix_supervision_card_standing", "colour", "raised_at", where=STANDING),
)

supervision_event = Table(
    "supervision_event",
    metadata,
    _id(),
    Column("card_id", Big, ForeignKey("supervision_card.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("action", String(16), nullable=False),
    Column("actor_id", Integer),
    Column("actor", String(60), nullable=False),
    Column("note", String(500), nullable=False, server_default=""),
    Index("ix_supervision_event_card", "card_id"),
)
"""Append-only, kept so by triggers on both databases (migration 0007)."""

ownership_item = Table(
    "ownership_item",
    metadata,
    _id(),
    _of_case(),
    Column("category_id", SmallInteger, ForeignKey("category.id"), nullable=False),
    Column("area_id", SmallInteger, ForeignKey("area.id"), nullable=False),
    Column("why", String(16), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("up_to", String(12), nullable=False),
    Column("state", String(12), nullable=False, server_default="open"),
    Column("decided_at", Instant),
    Column("decided_by", Integer),
    Column("decided_name", String(60)),
    Column("department_id", SmallInteger),
    Column("reason", String(500)),
    Column("duty_version_id", Big),
    _only("ix_ownership_item_open", "raised_at", where=NOT_DECIDED),
    Index("ix_ownership_item_case", "case_id"),
)
"""Who owns this: raised when a case wanders, decided one level up, becomes a duty version."""

duty_version = Table(
    "duty_version",
    metadata,
    _id(),
    Column("category_id", SmallInteger, ForeignKey("category.id"), nullable=False),
    Column("area_level", SmallInteger, nullable=False),
    Column("area_id", SmallInteger),
    Column("version", SmallInteger, nullable=False),
    Column("lead_id", SmallInteger, ForeignKey("department.id"), nullable=False),
    Column("co", Json, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("decided_by", Integer),
    Column("decided_name", String(60), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("item_id", Big),
    Index("ix_duty_version_of", "category_id", "area_level", "valid_from"),
)
"""Decisions that stand over the catalogue's duties from valid_from on."""

sop_version = Table(
    "sop_version",
    metadata,
    _id(),
    Column("code", String(40), nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("body", Json, nullable=False),
    Column("state", String(12), nullable=False, server_default="proposed"),
    Column("reason", String(500), nullable=False, server_default=""),
    Column("proposed_at", Instant, nullable=False),
    Column("proposed_by", Integer),
    Column("proposed_name", String(60), nullable=False),
    Column("approved_at", Instant),
    Column("approved_by", Integer),
    Column("approved_name", String(60)),
    UniqueConstraint("code", "version"),
)

handover = Table(
    "handover",
    metadata,
    _id(),
    Column("area_id", SmallInteger, ForeignKey("area.id"), nullable=False),
    Column("position", String(40), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("body", Json, nullable=False),
    Column("out_by", Integer),
    Column("out_name", String(60)),
    Column("out_at", Instant),
    Column("in_by", Integer),
    Column("in_name", String(60)),
    Column("in_at", Instant),
    Column("in_note", String(500)),
    Column("agreed", Boolean),
    Index("ix_handover_ends", "area_id", "ends_at"),
)
