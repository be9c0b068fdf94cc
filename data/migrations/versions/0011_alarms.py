"""Alarms: versions of rules, alarms and their log, situations, windows, notices; screens; stage.

What happened to alarms and to the stage is append-only. Going back forgets all of it.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import data.models.columns

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
APPEND_ONLY = ('alarm_event', 'stage_event')


def upgrade() -> None:
    op.create_table('alarm_pending',
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('since', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('seen_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_alarm_pending')),
    sqlite_with_rowid=False
    )
    op.create_table('rule_version',
    sa.Column('id', BIG, nullable=False),
    sa.Column('family', sa.String(length=8), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('body', JSON, nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('proposed_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=True),
    sa.Column('proposed_name', sa.String(length=60), nullable=False),
    sa.Column('decided_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_name', sa.String(length=60), nullable=True),
    sa.Column('decision', sa.String(length=500), nullable=True),
    sa.CheckConstraint("family in ('alarm','stage')", name=op.f('ck_rule_version_family')),
    sa.CheckConstraint("state in ('proposed','approved','refused')", name=op.f('ck_rule_version_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_version')),
    sa.UniqueConstraint('family', 'code', 'version', name=op.f('uq_rule_version_family_code_version'))
    )
    op.create_table('screen',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('first_seen_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('seen_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('painted_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('build', sa.String(length=40), server_default='', nullable=False),
    sa.Column('page', sa.String(length=120), server_default='', nullable=False),
    sa.Column('memory_mb', sa.Double(), nullable=True),
    sa.Column('width', sa.SmallInteger(), nullable=True),
    sa.Column('height', sa.SmallInteger(), nullable=True),
    sa.Column('origin', sa.String(length=60), server_default='', nullable=False),
    sa.Column('enrolled_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('enrolled_by', sa.Integer(), nullable=True),
    sa.Column('token', sa.String(length=64), nullable=True),
    sa.Column('revoked_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('retired_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('named_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('closed_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_screen'))
    )
    op.create_index('ix_screen_seen', 'screen', ['seen_at'])
    op.create_table('stage_event',
    sa.Column('id', BIG, nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('stage', sa.SmallInteger(), nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.String(length=500), server_default='', nullable=False),
    sa.Column('sentence', JSON, nullable=False),
    sa.Column('why', JSON, nullable=False),
    sa.CheckConstraint("kind in ('proposed','confirmed')", name=op.f('ck_stage_event_kind')),
    sa.CheckConstraint('stage between 1 and 5', name=op.f('ck_stage_event_stage')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stage_event'))
    )
    op.create_index('ix_stage_event_at', 'stage_event', ['at'])
    op.create_table('alarm_window',
    sa.Column('id', BIG, nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('rule', sa.String(length=60), nullable=True),
    sa.Column('area_id', sa.SmallInteger(), nullable=True),
    sa.Column('object', sa.String(length=120), nullable=True),
    sa.Column('starts_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('ends_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('made_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_name', sa.String(length=60), nullable=False),
    sa.Column('ended_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('ended_name', sa.String(length=60), nullable=True),
    sa.CheckConstraint("kind in ('planned','service')", name=op.f('ck_alarm_window_kind')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_alarm_window_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alarm_window'))
    )
    op.create_index('ix_alarm_window_ends', 'alarm_window', ['ends_at'])
    op.create_table('response_level',
    sa.Column('id', BIG, nullable=False),
    sa.Column('plan', sa.String(length=20), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('started_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('basis', sa.String(length=200), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('ended_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('ended_recorded_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('ended_name', sa.String(length=60), nullable=True),
    sa.Column('end_reason', sa.String(length=500), nullable=True),
    sa.CheckConstraint('level between 1 and 4', name=op.f('ck_response_level_level')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_response_level_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_response_level'))
    )
    op.create_index('ix_response_level_started', 'response_level', ['started_at'])
    op.create_table('situation',
    sa.Column('id', BIG, nullable=False),
    sa.Column('cause', sa.String(length=160), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('title', JSON, nullable=False),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('opened_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('changed_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('lead_alarm_id', BIG, nullable=True),
    sa.Column('case_no', sa.String(length=40), nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_situation_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_situation'))
    )
    op.create_index('ix_situation_open', 'situation', ['cause'], postgresql_where=sa.text('ended_at is null'), sqlite_where=sa.text('ended_at is null'))
    op.create_index('ix_situation_opened', 'situation', ['opened_at'])
    op.create_table('alarm',
    sa.Column('id', BIG, nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('rule', sa.String(length=60), nullable=False),
    sa.Column('rule_version', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('object', sa.String(length=120), server_default='', nullable=False),
    sa.Column('cause', sa.String(length=160), server_default='', nullable=False),
    sa.Column('title', JSON, nullable=False),
    sa.Column('said', JSON, nullable=False),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('latched', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('count', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('limit', sa.Double(), nullable=True),
    sa.Column('unit', JSON, nullable=True),
    sa.Column('evidence', JSON, nullable=True),
    sa.Column('raised_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('changed_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('returned_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('ended_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('acknowledged_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.Integer(), nullable=True),
    sa.Column('acknowledged_name', sa.String(length=60), nullable=True),
    sa.Column('shelved_until', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('owner_name', sa.String(length=60), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=True),
    sa.Column('situation_id', BIG, nullable=True),
    sa.Column('tie', sa.String(length=12), nullable=True),
    sa.Column('case_no', sa.String(length=40), nullable=True),
    sa.Column('case_closed_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_alarm_area_id')),
    sa.ForeignKeyConstraint(['situation_id'], ['situation.id'], name=op.f('fk_alarm_situation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alarm'))
    )
    op.create_index('ix_alarm_case', 'alarm', ['case_no'])
    op.create_index('ix_alarm_raised', 'alarm', ['raised_at'])
    op.create_index('ix_alarm_recorded', 'alarm', ['recorded_at', 'ended_at'])
    op.create_index('ix_alarm_rule', 'alarm', ['rule', 'area_id', 'raised_at'])
    op.create_index('ix_alarm_situation', 'alarm', ['situation_id'])
    op.create_index('ix_alarm_standing', 'alarm', ['priority', 'raised_at'], postgresql_where=sa.text('ended_at is null'), sqlite_where=sa.text('ended_at is null'))
    op.create_index('ux_alarm_open', 'alarm', ['key'], unique=True, postgresql_where=sa.text('ended_at is null'), sqlite_where=sa.text('ended_at is null'))
    op.create_table('alarm_event',
    sa.Column('alarm_id', BIG, autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('recorded_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('act', sa.String(length=24), nullable=False),
    sa.Column('from_state', sa.String(length=24), nullable=False),
    sa.Column('to_state', sa.String(length=24), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.String(length=500), server_default='', nullable=False),
    sa.Column('detail', JSON, nullable=True),
    sa.ForeignKeyConstraint(['alarm_id'], ['alarm.id'], name=op.f('fk_alarm_event_alarm_id')),
    sa.PrimaryKeyConstraint('alarm_id', 'seq', name=op.f('pk_alarm_event')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_alarm_event_recorded', 'alarm_event', ['recorded_at'])
    op.create_table('notice',
    sa.Column('id', BIG, nullable=False),
    sa.Column('alarm_id', BIG, nullable=True),
    sa.Column('ref', sa.String(length=120), nullable=False),
    sa.Column('target', sa.String(length=40), nullable=False),
    sa.Column('body', JSON, nullable=False),
    sa.Column('made_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('due_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('sent_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('given_up_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('error', sa.String(length=300), nullable=True),
    sa.ForeignKeyConstraint(['alarm_id'], ['alarm.id'], name=op.f('fk_notice_alarm_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    op.create_index('ix_notice_alarm', 'notice', ['alarm_id'])
    op.create_index('ix_notice_due', 'notice', ['due_at'], postgresql_where=sa.text('sent_at is null and given_up_at is null'), sqlite_where=sa.text('sent_at is null and given_up_at is null'))
    op.create_index('ix_notice_made', 'notice', ['made_at'])
    #
    for table in APPEND_ONLY:
        _append_only(table)


def _append_only(table: str) -> None:
    """Refuse to change or remove a row of `table`; refuse_change() stands since 0001."""
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('update', 'delete'):
            op.execute(
                f"create trigger {table}_no_{verb} before {verb} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )
        return
    op.execute(
        f"create trigger {table}_append_only before update or delete on {table} "
        "for each row execute function refuse_change()"
    )


def downgrade() -> None:
    for table in (
        'notice', 'alarm_event', 'alarm', 'situation', 'alarm_pending', 'alarm_window',
        'rule_version', 'screen', 'stage_event', 'response_level',
    ):
        op.drop_table(table)
