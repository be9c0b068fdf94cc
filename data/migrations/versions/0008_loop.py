"""The closed loop: what a case keeps beside itself, and where it stands step by step.

Supervision events are append-only. Going back throws the loop away; cases and their events stay.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import data.models.columns

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')


def upgrade() -> None:
    op.create_table('sop_version',
    sa.Column('id', BIG, nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('body', JSON, nullable=False),
    sa.Column('state', sa.String(length=12), server_default='proposed', nullable=False),
    sa.Column('reason', sa.String(length=500), server_default='', nullable=False),
    sa.Column('proposed_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=True),
    sa.Column('proposed_name', sa.String(length=60), nullable=False),
    sa.Column('approved_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('approved_by', sa.Integer(), nullable=True),
    sa.Column('approved_name', sa.String(length=60), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sop_version')),
    sa.UniqueConstraint('code', 'version', name=op.f('uq_sop_version_code_version'))
    )
    op.create_table('handover',
    sa.Column('id', BIG, nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('position', sa.String(length=40), nullable=False),
    sa.Column('starts_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('ends_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('made_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('body', JSON, nullable=False),
    sa.Column('out_by', sa.Integer(), nullable=True),
    sa.Column('out_name', sa.String(length=60), nullable=True),
    sa.Column('out_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('in_by', sa.Integer(), nullable=True),
    sa.Column('in_name', sa.String(length=60), nullable=True),
    sa.Column('in_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('in_note', sa.String(length=500), nullable=True),
    sa.Column('agreed', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_handover_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover'))
    )
    op.create_table('duty_version',
    sa.Column('id', BIG, nullable=False),
    sa.Column('category_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_level', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=True),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('lead_id', sa.SmallInteger(), nullable=False),
    sa.Column('co', JSON, nullable=False),
    sa.Column('valid_from', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('decided_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_name', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('item_id', BIG, nullable=True),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_duty_version_category_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['department.id'], name=op.f('fk_duty_version_lead_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_version'))
    )
    op.create_table('case_approval',
    sa.Column('id', BIG, nullable=False),
    sa.Column('case_id', BIG, autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('asked_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=True),
    sa.Column('asked_name', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('wanted', JSON, nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('decided_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_name', sa.String(length=60), nullable=True),
    sa.Column('decision', sa.String(length=500), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_approval_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_approval'))
    )
    op.create_table('case_clock',
    sa.Column('id', BIG, nullable=False),
    sa.Column('case_id', BIG, autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('started_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('due_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('stopped_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('rule_version', sa.SmallInteger(), nullable=False),
    sa.Column('calendar_version', sa.String(length=20), nullable=False),
    sa.Column('why', JSON, nullable=False),
    sa.Column('approval_id', BIG, nullable=True),
    sa.Column('replaced_by', BIG, nullable=True),
    sa.Column('made_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_clock_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_clock'))
    )
    op.create_table('case_link',
    sa.Column('id', BIG, nullable=False),
    sa.Column('case_id', BIG, autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('other_case_id', BIG, nullable=True),
    sa.Column('ref', sa.String(length=120), nullable=True),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=60), nullable=False),
    sa.Column('note', sa.String(length=200), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_link_case_id')),
    sa.ForeignKeyConstraint(['other_case_id'], ['cases.id'], name=op.f('fk_case_link_other_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_link'))
    )
    op.create_table('case_step',
    sa.Column('case_id', BIG, autoincrement=False, nullable=False),
    sa.Column('sop', sa.String(length=40), nullable=False),
    sa.Column('sop_version', sa.SmallInteger(), nullable=False),
    sa.Column('no', sa.SmallInteger(), nullable=False),
    sa.Column('department_id', sa.SmallInteger(), nullable=True),
    sa.Column('due_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('done_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('done_by', sa.Integer(), nullable=True),
    sa.Column('done_name', sa.String(length=60), nullable=True),
    sa.Column('skipped', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('note', sa.String(length=500), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_step_case_id')),
    sa.PrimaryKeyConstraint('case_id', 'sop', 'no', name=op.f('pk_case_step'))
    )
    op.create_table('case_task',
    sa.Column('id', BIG, nullable=False),
    sa.Column('case_id', BIG, autoincrement=False, nullable=False),
    sa.Column('department_id', sa.SmallInteger(), nullable=False),
    sa.Column('activity', sa.String(length=80), nullable=False),
    sa.Column('asked_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('due_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('arrived_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('started_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('ended_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('result', sa.String(length=500), server_default='', nullable=False),
    sa.Column('step', sa.SmallInteger(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_task_case_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_case_task_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_task')),
    sa.UniqueConstraint('case_id', 'department_id', 'activity', name=op.f('uq_case_task_case_id_department_id_activity'))
    )
    op.create_table('ownership_item',
    sa.Column('id', BIG, nullable=False),
    sa.Column('case_id', BIG, autoincrement=False, nullable=False),
    sa.Column('category_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('why', sa.String(length=16), nullable=False),
    sa.Column('raised_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('up_to', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), server_default='open', nullable=False),
    sa.Column('decided_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_name', sa.String(length=60), nullable=True),
    sa.Column('department_id', sa.SmallInteger(), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('duty_version_id', BIG, nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_ownership_item_area_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_ownership_item_case_id')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_ownership_item_category_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ownership_item'))
    )
    op.create_table('supervision_card',
    sa.Column('id', BIG, nullable=False),
    sa.Column('case_id', BIG, autoincrement=False, nullable=False),
    sa.Column('department_id', sa.SmallInteger(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('rule_version', sa.SmallInteger(), nullable=False),
    sa.Column('colour', sa.SmallInteger(), nullable=False),
    sa.Column('raised_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('evidence', JSON, nullable=False),
    sa.Column('next_step_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=12), server_default='active', nullable=False),
    sa.Column('answer', sa.String(length=500), nullable=True),
    sa.Column('ended_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_supervision_card_case_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_supervision_card_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_card'))
    )
    op.create_table('supervision_event',
    sa.Column('id', BIG, nullable=False),
    sa.Column('card_id', BIG, nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('action', sa.String(length=16), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('note', sa.String(length=500), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['card_id'], ['supervision_card.id'], name=op.f('fk_supervision_event_card_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_event'))
    )
    op.create_index('ix_handover_ends', 'handover', ['area_id', 'ends_at'])
    op.create_index('ix_duty_version_of', 'duty_version', ['category_id', 'area_level', 'valid_from'])
    op.create_index('ix_case_approval_case', 'case_approval', ['case_id'])
    op.create_index('ix_case_approval_open', 'case_approval', ['asked_at'], postgresql_where=sa.text('decided_at is null'), sqlite_where=sa.text('decided_at is null'))
    op.create_index('ix_case_clock_case', 'case_clock', ['case_id', 'kind'])
    op.create_index('ix_case_clock_running', 'case_clock', ['due_at', 'case_id'], postgresql_where=sa.text('replaced_by is null and stopped_at is null'), sqlite_where=sa.text('replaced_by is null and stopped_at is null'))
    op.create_index('ix_case_link_case', 'case_link', ['case_id', 'kind'])
    op.create_index('ix_case_link_other', 'case_link', ['other_case_id'])
    op.create_index('ix_case_task_open', 'case_task', ['department_id', 'case_id'], postgresql_where=sa.text('ended_at is null'), sqlite_where=sa.text('ended_at is null'))
    op.create_index('ix_ownership_item_case', 'ownership_item', ['case_id'])
    op.create_index('ix_ownership_item_open', 'ownership_item', ['raised_at'], postgresql_where=sa.text('decided_at is null'), sqlite_where=sa.text('decided_at is null'))
    op.create_index('ix_supervision_card_case', 'supervision_card', ['case_id', 'rule'])
    op.create_index('ix_supervision_card_raised', 'supervision_card', ['raised_at'])
    op.create_index('ix_supervision_card_standing', 'supervision_card', ['colour', 'raised_at'], postgresql_where=sa.text('ended_at is null'), sqlite_where=sa.text('ended_at is null'))
    op.create_index('ix_supervision_event_card', 'supervision_event', ['card_id'])
    _columns()


def _columns() -> None:
    op.add_column('case_event', sa.Column('from_state', sa.String(length=16), nullable=True))
    op.add_column('case_event', sa.Column('to_state', sa.String(length=16), nullable=True))
    op.add_column('case_event', sa.Column('holder', sa.String(length=12), nullable=True))
    op.add_column('case_event', sa.Column('actor_id', sa.Integer(), nullable=True))
    op.add_column('case_event', sa.Column('rule', sa.String(length=60), nullable=True))
    op.add_column('case_event', sa.Column('detail', JSON, nullable=True))
    op.add_column('cases', sa.Column('state', sa.String(length=16), server_default='opened', nullable=False))
    op.add_column('cases', sa.Column('closing', sa.String(length=12), nullable=True))
    op.add_column('cases', sa.Column('holder', sa.String(length=12), server_default='centre', nullable=False))
    op.add_column('cases', sa.Column('held_since', data.models.columns.Instant(timezone=True), nullable=True))
    op.add_column('cases', sa.Column('led_since', data.models.columns.Instant(timezone=True), nullable=True))
    op.add_column('cases', sa.Column('acknowledged_at', data.models.columns.Instant(timezone=True), nullable=True))
    op.add_column('cases', sa.Column('stage_due_at', data.models.columns.Instant(timezone=True), nullable=True))
    op.add_column('cases', sa.Column('rework', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('cases', sa.Column('returns', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('cases', sa.Column('transfers', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('cases', sa.Column('extensions', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('cases', sa.Column('suspensions', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('cases', sa.Column('supervised', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('cases', sa.Column('suspended_s', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.add_column('cases', sa.Column('parent_id', BIG, nullable=True))
    op.add_column('cases', sa.Column('duty_version', sa.String(length=40), nullable=True))
    op.add_column('cases', sa.Column('sop', sa.String(length=40), nullable=True))
    op.add_column('cases', sa.Column('body', sa.Text(), nullable=True))
    op.add_column('cases', sa.Column('channel', sa.String(length=16), server_default='platform', nullable=False))
    op.add_column('cases', sa.Column('call_back', sa.String(length=12), nullable=True))
    op.add_column('cases', sa.Column('called_at', data.models.columns.Instant(timezone=True), nullable=True))
    op.add_column('cases', sa.Column('source_said', sa.String(length=16), nullable=True))
    op.create_index('ix_cases_desk', 'cases', ['level', 'due_at', 'id'], postgresql_where=sa.text('closed_at is null'), sqlite_where=sa.text('closed_at is null'))
    op.create_index('ix_cases_due_by', 'cases', ['due_at', 'department_id', 'county_id', 'closed_at'])
    op.create_index('ix_cases_run', 'cases', ['run_id'], postgresql_where=sa.text('closed_at is null'), sqlite_where=sa.text('closed_at is null'))
    op.execute(sa.text(_BACK_FILL))
    _append_only('supervision_event')


_BACK_FILL = """
update cases set state = case stage when 'checking' then 'reported_back' else stage end,
    holder = case when closed_at is not null then 'nobody'
        when stage in ('dispatched', 'handling') then 'department' else 'centre' end,
    held_since = updated_at
"""
"""What the coarse stage says of cases that are known already."""


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


TABLES = (
    'supervision_event',
    'supervision_card',
    'ownership_item',
    'case_task',
    'case_step',
    'case_link',
    'case_clock',
    'case_approval',
    'duty_version',
    'handover',
    'sop_version',
)
CASE_COLUMNS = (
    'state',
    'closing',
    'holder',
    'held_since',
    'led_since',
    'acknowledged_at',
    'stage_due_at',
    'rework',
    'returns',
    'transfers',
    'extensions',
    'suspensions',
    'supervised',
    'suspended_s',
    'parent_id',
    'duty_version',
    'sop',
    'body',
    'channel',
    'call_back',
    'called_at',
    'source_said',
)
EVENT_COLUMNS = ('from_state', 'to_state', 'holder', 'actor_id', 'rule', 'detail')


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index('ix_cases_run', table_name='cases')
    op.drop_index('ix_cases_due_by', table_name='cases')
    op.drop_index('ix_cases_desk', table_name='cases')
    for name in CASE_COLUMNS:
        op.drop_column('cases', name)
    for name in EVENT_COLUMNS:
        op.drop_column('case_event', name)
