"""Tables of the catalogue, copied from its files at start so that SQL can join them."""

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
    Text,
    text,
)

from data.models.columns import Json, LocalDay, metadata

area = Table(
    "area",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("code", String(12), nullable=False, unique=True),
    Column("name_zh", String(60), nullable=False),
    Column("name_en", String(80), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("parent_id", SmallInteger, ForeignKey("area.id")),
    Column("lon", Double),
    Column("lat", Double),
    Column("valid_from", LocalDay, nullable=False),
    Column("valid_to", LocalDay),
    CheckConstraint("level in (1, 2, 3)", name="level"),
    Index(None, "parent_id"),
)

area_closure = Table(
    "area_closure",
    metadata,
    Column("ancestor_id", SmallInteger, ForeignKey("area.id"), primary_key=True),
    Column("descendant_id", SmallInteger, ForeignKey("area.id"), primary_key=True),
    Column("depth", SmallInteger, nullable=False),
    Index(None, "descendant_id", "ancestor_id"),
    sqlite_with_rowid=False,
)

department = Table(
    "department",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("code", String(40), nullable=False, unique=True),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
)

domain = Table(
    "domain",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("code", String(40), nullable=False, unique=True),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("department_id", SmallInteger, ForeignKey("department.id"), nullable=False),
    Column("position", SmallInteger, nullable=False),
)

category = Table(
    "category",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("code", String(40), nullable=False, unique=True),
    Column("domain_id", SmallInteger, ForeignKey("domain.id"), nullable=False),
    Column("matter", Boolean, nullable=False),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
)

indicator = Table(
    "indicator",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("code", String(40), nullable=False, unique=True),
    Column("name_zh", String(120), nullable=False),
    Column("name_en", String(160), nullable=False),
    Column("domain_id", SmallInteger, ForeignKey("domain.id"), nullable=False),
    Column("aggregation", String(5), nullable=False),
    Column("grain", SmallInteger, nullable=False),
    Column("rolls_up", Boolean, nullable=False),
    Column("on_wall", Boolean, nullable=False, server_default=text("false")),
    Column("retired", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("aggregation in ('sum','ratio','mean','last')", name="aggregation"),
)

indicator_version = Table(
    "indicator_version",
    metadata,
    Column("indicator_id", SmallInteger, ForeignKey("indicator.id"), nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("valid_from", LocalDay, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("entry", Json, nullable=False),
    PrimaryKeyConstraint("indicator_id", "version"),
)

target = Table(
    "target",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("indicator_id", SmallInteger, ForeignKey("indicator.id"), nullable=False),
    Column("area_id", SmallInteger, ForeignKey("area.id")),
    Column("kind", String(8), nullable=False),
    Column("limits", Json, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("valid_from", LocalDay, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Index("uq_target_version", "indicator_id", "fingerprint", "valid_from", unique=True),
)
