"""What the static feeds say: routes, stops, planned trips, places that report."""

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
)

from data.models.columns import Big, LocalDay, metadata

transit_route = Table(
    "transit_route",
    metadata,
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("route_id", String(80), nullable=False),
    Column("short_name", String(80), nullable=False),
    Column("long_name", String(200), nullable=False),
    Column("route_type", SmallInteger, nullable=False),
    Column("area_id", SmallInteger),
    Column("trips", Integer, nullable=False),
    Column("run_id", Big, nullable=False),
    PrimaryKeyConstraint("source_id", "route_id"),
)

transit_stop = Table(
    "transit_stop",
    metadata,
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("stop_id", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    Column("area_id", SmallInteger),
    Column("run_id", Big, nullable=False),
    PrimaryKeyConstraint("source_id", "stop_id"),
)

transit_route_stop = Table(
    "transit_route_stop",
    metadata,
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("stop_id", String(80), nullable=False),
    Column("route_id", String(80), nullable=False),
    Column("run_id", Big, nullable=False),
    PrimaryKeyConstraint("source_id", "stop_id", "route_id"),
)
"""Which route stops where."""

transit_trip_day = Table(
    "transit_trip_day",
    metadata,
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("day", LocalDay, nullable=False),
    Column("route_id", String(80), nullable=False),
    Column("trips", Integer, nullable=False),
    Column("run_id", Big, nullable=False),
    PrimaryKeyConstraint("source_id", "day", "route_id"),
)

facility = Table(
    "facility",
    metadata,
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("location_id", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    Column("area_id", SmallInteger),
    Column("run_id", Big, nullable=False),
    PrimaryKeyConstraint("source_id", "location_id"),
)
