"""The foundation: reference tables, the way in, facts, cases, warnings, live panels.

Case events and observation history are append-only: triggers refuse UPDATE and DELETE.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import data.models.columns

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('area',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('name_zh', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('parent_id', sa.SmallInteger(), nullable=True),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('valid_from', data.models.columns.LocalDay(), nullable=False),
    sa.Column('valid_to', data.models.columns.LocalDay(), nullable=True),
    sa.CheckConstraint('level in (1, 2, 3)', name=op.f('ck_area_level')),
    sa.ForeignKeyConstraint(['parent_id'], ['area.id'], name=op.f('fk_area_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area')),
    sa.UniqueConstraint('code', name=op.f('uq_area_code'))
    )
    with op.batch_alter_table('area', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_area_parent_id'), ['parent_id'], unique=False)

    op.create_table('baseline',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('slot', sa.SmallInteger(), nullable=False),
    sa.Column('centre', sa.Double(), nullable=False),
    sa.Column('low', sa.Double(), nullable=False),
    sa.Column('high', sa.Double(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', 'slot', name=op.f('pk_baseline')),
    sqlite_with_rowid=False
    )
    op.create_table('department',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_department')),
    sa.UniqueConstraint('code', name=op.f('uq_department_code'))
    )
    op.create_table('latest',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('period_start', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('known_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('grain', sa.SmallInteger(), nullable=False),
    sa.Column('num', sa.Double(), nullable=False),
    sa.Column('den', sa.Double(), nullable=True),
    sa.Column('flag', sa.SmallInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', name=op.f('pk_latest')),
    sqlite_with_rowid=False
    )
    op.create_table('lease',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('holder', sa.String(length=80), nullable=False),
    sa.Column('until', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('beat_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('started_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
    op.create_table('live_rev',
    sa.Column('one', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('rev', sa.BigInteger(), nullable=False),
    sa.Column('epoch', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('one', name=op.f('pk_live_rev'))
    )
    op.create_table('observation',
    sa.Column('period_start', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('num', sa.Double(), nullable=False),
    sa.Column('den', sa.Double(), nullable=True),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=True),
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('grain', sa.SmallInteger(), nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('flag', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('rev', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', 'grain', 'period_start', name=op.f('pk_observation')),
    postgresql_partition_by='RANGE (period_start)',
    sqlite_with_rowid=False
    )

    op.create_table('observation_history',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('grain', sa.SmallInteger(), nullable=False),
    sa.Column('period_start', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('rev', sa.SmallInteger(), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('superseded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('num', sa.Double(), nullable=False),
    sa.Column('den', sa.Double(), nullable=True),
    sa.Column('flag', sa.SmallInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=True),
    sa.Column('superseded_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', 'grain', 'period_start', 'rev', name=op.f('pk_observation_history')),
    sqlite_with_rowid=False
    )
    op.create_table('panel_snapshot',
    sa.Column('panel', sa.String(length=60), nullable=False),
    sa.Column('area', sa.String(length=12), nullable=False),
    sa.Column('rev', sa.BigInteger(), nullable=False),
    sa.Column('as_of', sa.Double(), nullable=False),
    sa.Column('ttl', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.String(length=32), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('panel', 'area', name=op.f('pk_panel_snapshot'))
    )
    with op.batch_alter_table('panel_snapshot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_panel_snapshot_rev'), ['rev'], unique=False)

    op.create_table('rollup_day',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('bucket', data.models.columns.LocalDay(), nullable=False),
    sa.Column('num', sa.Double(), nullable=False),
    sa.Column('den', sa.Double(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('vmin', sa.Double(), nullable=True),
    sa.Column('vmax', sa.Double(), nullable=True),
    sa.Column('last', sa.Double(), nullable=True),
    sa.Column('flag', sa.SmallInteger(), nullable=False),
    sa.Column('native', sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', 'bucket', name=op.f('pk_rollup_day')),
    sqlite_with_rowid=False
    )
    op.create_table('rollup_hour',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('bucket', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('num', sa.Double(), nullable=False),
    sa.Column('den', sa.Double(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('vmin', sa.Double(), nullable=True),
    sa.Column('vmax', sa.Double(), nullable=True),
    sa.Column('last', sa.Double(), nullable=True),
    sa.Column('flag', sa.SmallInteger(), nullable=False),
    sa.Column('native', sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', 'bucket', name=op.f('pk_rollup_hour')),
    sqlite_with_rowid=False
    )
    op.create_table('rollup_month',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('bucket', data.models.columns.LocalDay(), nullable=False),
    sa.Column('num', sa.Double(), nullable=False),
    sa.Column('den', sa.Double(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('vmin', sa.Double(), nullable=True),
    sa.Column('vmax', sa.Double(), nullable=True),
    sa.Column('last', sa.Double(), nullable=True),
    sa.Column('flag', sa.SmallInteger(), nullable=False),
    sa.Column('native', sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', 'bucket', name=op.f('pk_rollup_month')),
    sqlite_with_rowid=False
    )
    op.create_table('rollup_week',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('bucket', data.models.columns.LocalDay(), nullable=False),
    sa.Column('num', sa.Double(), nullable=False),
    sa.Column('den', sa.Double(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('vmin', sa.Double(), nullable=True),
    sa.Column('vmax', sa.Double(), nullable=True),
    sa.Column('last', sa.Double(), nullable=True),
    sa.Column('flag', sa.SmallInteger(), nullable=False),
    sa.Column('native', sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', 'bucket', name=op.f('pk_rollup_week')),
    sqlite_with_rowid=False
    )
    op.create_table('watched_area',
    sa.Column('area', sa.String(length=12), nullable=False),
    sa.Column('until', data.models.columns.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('area', name=op.f('pk_watched_area'))
    )
    op.create_table('store_info',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_store_info'))
    )
    op.create_table('area_closure',
    sa.Column('ancestor_id', sa.SmallInteger(), nullable=False),
    sa.Column('descendant_id', sa.SmallInteger(), nullable=False),
    sa.Column('depth', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['ancestor_id'], ['area.id'], name=op.f('fk_area_closure_ancestor_id')),
    sa.ForeignKeyConstraint(['descendant_id'], ['area.id'], name=op.f('fk_area_closure_descendant_id')),
    sa.PrimaryKeyConstraint('ancestor_id', 'descendant_id', name=op.f('pk_area_closure')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('area_closure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_area_closure_descendant_id_ancestor_id'), ['descendant_id', 'ancestor_id'], unique=False)

    op.create_table('domain',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('department_id', sa.SmallInteger(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_domain_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_domain')),
    sa.UniqueConstraint('code', name=op.f('uq_domain_code'))
    )
    op.create_table('source',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=160), nullable=False),
    sa.Column('department_id', sa.SmallInteger(), nullable=False),
    sa.Column('connector', sa.String(length=20), nullable=False),
    sa.Column('every_s', sa.Integer(), nullable=False),
    sa.Column('stale_after_s', sa.Integer(), nullable=False),
    sa.Column('retired', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_source_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source')),
    sa.UniqueConstraint('code', name=op.f('uq_source_code'))
    )
    op.create_table('category',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('domain_id', sa.SmallInteger(), nullable=False),
    sa.Column('matter', sa.Boolean(), nullable=False),
    sa.Column('name_zh', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['domain_id'], ['domain.id'], name=op.f('fk_category_domain_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    sa.UniqueConstraint('code', name=op.f('uq_category_code'))
    )
    op.create_table('external_alert',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('sender', sa.String(length=200), nullable=False),
    sa.Column('identifier', sa.String(length=200), nullable=False),
    sa.Column('sent', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('disposition', sa.String(length=8), nullable=False),
    sa.Column('msg_type', sa.String(length=8), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('event', sa.String(length=200), nullable=False),
    sa.Column('headline', sa.String(length=400), nullable=False),
    sa.Column('response', sa.String(length=8), nullable=True),
    sa.Column('effective', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('expires', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('ended_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.Column('signed', sa.Boolean(), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=True),
    sa.Column('message', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_external_alert_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_external_alert')),
    sa.UniqueConstraint('source_id', 'sender', 'identifier', 'sent', name=op.f('uq_external_alert_source_id_sender_identifier_sent'))
    )
    with op.batch_alter_table('external_alert', schema=None) as batch_op:
        batch_op.create_index('ix_external_alert_open', ['expires'], unique=False, postgresql_where=sa.text('ended_at is null'), sqlite_where=sa.text('ended_at is null'))
        batch_op.create_index('ix_external_alert_sent', ['source_id', 'sent'], unique=False)

    op.create_table('facility',
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('location_id', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('area_id', sa.SmallInteger(), nullable=True),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_facility_source_id')),
    sa.PrimaryKeyConstraint('source_id', 'location_id', name=op.f('pk_facility'))
    )
    op.create_table('fetch',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('received_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('last_seen_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('seen', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_fetch_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fetch'))
    )
    with op.batch_alter_table('fetch', schema=None) as batch_op:
        batch_op.create_index('ix_fetch_recent', ['source_id', 'received_at'], unique=False)
        batch_op.create_index('ix_fetch_sha256', ['source_id', 'sha256'], unique=False)

    op.create_table('indicator',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=160), nullable=False),
    sa.Column('domain_id', sa.SmallInteger(), nullable=False),
    sa.Column('aggregation', sa.String(length=5), nullable=False),
    sa.Column('grain', sa.SmallInteger(), nullable=False),
    sa.Column('rolls_up', sa.Boolean(), nullable=False),
    sa.Column('on_wall', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.Column('retired', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.CheckConstraint("aggregation in ('sum','ratio','mean','last')", name=op.f('ck_indicator_aggregation')),
    sa.ForeignKeyConstraint(['domain_id'], ['domain.id'], name=op.f('fk_indicator_domain_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator')),
    sa.UniqueConstraint('code', name=op.f('uq_indicator_code'))
    )
    op.create_table('source_state',
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('last_try_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('last_ok_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('last_new_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_source_state_source_id')),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_source_state'))
    )
    op.create_table('transit_route',
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('route_id', sa.String(length=80), nullable=False),
    sa.Column('short_name', sa.String(length=80), nullable=False),
    sa.Column('long_name', sa.String(length=200), nullable=False),
    sa.Column('route_type', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=True),
    sa.Column('trips', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_transit_route_source_id')),
    sa.PrimaryKeyConstraint('source_id', 'route_id', name=op.f('pk_transit_route'))
    )
    op.create_table('transit_stop',
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('stop_id', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('area_id', sa.SmallInteger(), nullable=True),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_transit_stop_source_id')),
    sa.PrimaryKeyConstraint('source_id', 'stop_id', name=op.f('pk_transit_stop'))
    )
    op.create_table('transit_trip_day',
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('day', data.models.columns.LocalDay(), nullable=False),
    sa.Column('route_id', sa.String(length=80), nullable=False),
    sa.Column('trips', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_transit_trip_day_source_id')),
    sa.PrimaryKeyConstraint('source_id', 'day', 'route_id', name=op.f('pk_transit_trip_day'))
    )
    op.create_table('cases',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_no', sa.String(length=40), nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('ext_id', sa.String(length=80), nullable=False),
    sa.Column('category_id', sa.SmallInteger(), nullable=False),
    sa.Column('domain_id', sa.SmallInteger(), nullable=False),
    sa.Column('matter', sa.Boolean(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('stage', sa.String(length=12), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('county_id', sa.SmallInteger(), nullable=False),
    sa.Column('department_id', sa.SmallInteger(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=200), server_default='', nullable=False),
    sa.Column('reported_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('due_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('closed_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('updated_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_cases_area_id')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_cases_category_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_cases_department_id')),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_cases_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases')),
    sa.UniqueConstraint('case_no', name=op.f('uq_cases_case_no')),
    sa.UniqueConstraint('source_id', 'ext_id', name=op.f('uq_cases_source_id_ext_id'))
    )
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.create_index('ix_cases_closed', ['source_id', 'closed_at', 'category_id', 'county_id'], unique=False, postgresql_where=sa.text('closed_at is not null'), sqlite_where=sa.text('closed_at is not null'))
        batch_op.create_index('ix_cases_due', ['source_id', 'due_at', 'category_id', 'county_id', 'closed_at'], unique=False)
        batch_op.create_index('ix_cases_open', ['source_id', 'category_id', 'county_id', 'due_at'], unique=False, postgresql_where=sa.text('closed_at is null'), sqlite_where=sa.text('closed_at is null'))
        batch_op.create_index('ix_cases_matter_closed', ['closed_at', 'county_id'], unique=False, postgresql_where=sa.text('matter and closed_at is not null'), sqlite_where=sa.text('matter = 1 and closed_at is not null'))
        batch_op.create_index('ix_cases_matter_due', ['due_at', 'county_id', 'closed_at'], unique=False, postgresql_where=sa.text('matter'), sqlite_where=sa.text('matter = 1'))
        batch_op.create_index('ix_cases_queue', ['matter', 'level', 'due_at', 'id'], unique=False, postgresql_where=sa.text('closed_at is null'), sqlite_where=sa.text('closed_at is null'))
        batch_op.create_index('ix_cases_reported', ['source_id', 'reported_at', 'category_id', 'county_id'], unique=False)

    op.create_table('external_alert_area',
    sa.Column('alert_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['alert_id'], ['external_alert.id'], name=op.f('fk_external_alert_area_alert_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_external_alert_area_area_id')),
    sa.PrimaryKeyConstraint('alert_id', 'area_id', name=op.f('pk_external_alert_area')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('external_alert_area', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_external_alert_area_area_id_alert_id'), ['area_id', 'alert_id'], unique=False)

    op.create_table('indicator_version',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('valid_from', data.models.columns.LocalDay(), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('entry', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_indicator_version_indicator_id')),
    sa.PrimaryKeyConstraint('indicator_id', 'version', name=op.f('pk_indicator_version'))
    )
    op.create_table('ingest_run',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('fetch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('as_of', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('records', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('new', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('changed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('same', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('outdated', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('quarantined', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('summary', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['fetch_id'], ['fetch.id'], name=op.f('fk_ingest_run_fetch_id')),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_ingest_run_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ingest_run'))
    )
    with op.batch_alter_table('ingest_run', schema=None) as batch_op:
        batch_op.create_index('ix_ingest_run_recent', ['source_id', 'recorded_at'], unique=False)
        batch_op.create_index('ix_ingest_run_ok', ['source_id', 'sha256'], unique=False, postgresql_where=sa.text("status = 'ok'"), sqlite_where=sa.text("status = 'ok'"))
        batch_op.create_index('ix_ingest_run_last', ['source_id', 'id'], unique=False, postgresql_where=sa.text("status = 'ok'"), sqlite_where=sa.text("status = 'ok'"))

    op.create_table('target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=True),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('limits', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('set_by', sa.Text(), nullable=False),
    sa.Column('valid_from', data.models.columns.LocalDay(), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_target_area_id')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_target_indicator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_target'))
    )
    with op.batch_alter_table('target', schema=None) as batch_op:
        batch_op.create_index('uq_target_version', ['indicator_id', 'fingerprint', 'valid_from'], unique=True)

    op.create_table('case_event',
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('from_stage', sa.String(length=12), nullable=True),
    sa.Column('to_stage', sa.String(length=12), nullable=True),
    sa.Column('department_id', sa.SmallInteger(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('before', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_event_case_id')),
    sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_case_event')),
    sqlite_with_rowid=False
    )
    op.create_table('quarantine',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=True),
    sa.Column('field', sa.String(length=80), nullable=True),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('detail', sa.Text(), server_default='', nullable=False),
    sa.Column('refused', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('resolved_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['ingest_run.id'], name=op.f('fk_quarantine_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantine')),
    sa.UniqueConstraint('run_id', 'seq', name=op.f('uq_quarantine_run_id_seq'))
    )
    with op.batch_alter_table('quarantine', schema=None) as batch_op:
        batch_op.create_index('ix_quarantine_open', ['reason'], unique=False, postgresql_where=sa.text('resolved_at is null'), sqlite_where=sa.text('resolved_at is null'))

    _brin()
    for table in APPEND_ONLY:
        _append_only(table)


APPEND_ONLY = ("case_event", "observation_history")


def _brin() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create index if not exists brin_observation_period on observation "
            "using brin (period_start)"
        )


def _append_only(table: str) -> None:
    """Refuse to change or remove a row of `table`, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{verb} before {verb} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )
        return
    op.execute(
        "create or replace function refuse_change() returns trigger language plpgsql as "
        "$$ begin raise exception '% is append-only', tg_table_name; end $$"
    )
    op.execute(
        f"create trigger {table}_append_only before update or delete on {table} "
        "for each row execute function refuse_change()"
    )


def downgrade() -> None:
    with op.batch_alter_table('quarantine', schema=None) as batch_op:
        batch_op.drop_index('ix_quarantine_open', postgresql_where=sa.text('resolved_at is null'), sqlite_where=sa.text('resolved_at is null'))

    op.drop_table('quarantine')
    op.drop_table('case_event')
    with op.batch_alter_table('target', schema=None) as batch_op:
        batch_op.drop_index('uq_target_version')

    op.drop_table('target')
    with op.batch_alter_table('ingest_run', schema=None) as batch_op:
        batch_op.drop_index('ix_ingest_run_last', postgresql_where=sa.text("status = 'ok'"), sqlite_where=sa.text("status = 'ok'"))
        batch_op.drop_index('ix_ingest_run_ok', postgresql_where=sa.text("status = 'ok'"), sqlite_where=sa.text("status = 'ok'"))
        batch_op.drop_index('ix_ingest_run_recent')

    op.drop_table('ingest_run')
    op.drop_table('indicator_version')
    with op.batch_alter_table('external_alert_area', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_external_alert_area_area_id_alert_id'))

    op.drop_table('external_alert_area')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index('ix_cases_reported')
        batch_op.drop_index('ix_cases_matter_due', postgresql_where=sa.text('matter'), sqlite_where=sa.text('matter = 1'))
        batch_op.drop_index('ix_cases_matter_closed', postgresql_where=sa.text('matter and closed_at is not null'), sqlite_where=sa.text('matter = 1 and closed_at is not null'))
        batch_op.drop_index('ix_cases_queue', postgresql_where=sa.text('closed_at is null'), sqlite_where=sa.text('closed_at is null'))
        batch_op.drop_index('ix_cases_open', postgresql_where=sa.text('closed_at is null'), sqlite_where=sa.text('closed_at is null'))
        batch_op.drop_index('ix_cases_due')
        batch_op.drop_index('ix_cases_closed', postgresql_where=sa.text('closed_at is not null'), sqlite_where=sa.text('closed_at is not null'))

    op.drop_table('cases')
    op.drop_table('transit_trip_day')
    op.drop_table('transit_stop')
    op.drop_table('transit_route')
    op.drop_table('source_state')
    op.drop_table('indicator')
    with op.batch_alter_table('fetch', schema=None) as batch_op:
        batch_op.drop_index('ix_fetch_sha256')
        batch_op.drop_index('ix_fetch_recent')

    op.drop_table('fetch')
    op.drop_table('facility')
    with op.batch_alter_table('external_alert', schema=None) as batch_op:
        batch_op.drop_index('ix_external_alert_sent')
        batch_op.drop_index('ix_external_alert_open', postgresql_where=sa.text('ended_at is null'), sqlite_where=sa.text('ended_at is null'))

    op.drop_table('external_alert')
    op.drop_table('category')
    op.drop_table('source')
    op.drop_table('domain')
    with op.batch_alter_table('area_closure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_area_closure_descendant_id_ancestor_id'))

    op.drop_table('area_closure')
    op.drop_table('watched_area')
    op.drop_table('store_info')
    op.drop_table('rollup_week')
    op.drop_table('rollup_month')
    op.drop_table('rollup_hour')
    op.drop_table('rollup_day')
    with op.batch_alter_table('panel_snapshot', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_panel_snapshot_rev'))

    op.drop_table('panel_snapshot')
    op.drop_table('observation_history')

    op.drop_table('observation')
    op.drop_table('live_rev')
    op.drop_table('lease')
    op.drop_table('latest')
    op.drop_table('department')
    op.drop_table('baseline')
    with op.batch_alter_table('area', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_area_parent_id'))

    op.drop_table('area')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function if exists refuse_change() cascade")
