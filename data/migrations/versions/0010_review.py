"""The weekly review: counted weeks, frozen packs, edits of messages, promises, remarks.

Packs, edits and what was done about a promise are append-only. Going back forgets them.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import data.models.columns

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('review_edit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('week', data.models.columns.LocalDay(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('text', sa.String(length=600), nullable=True),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_review_edit_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_edit'))
    )
    op.create_index(op.f('ix_review_edit_week_area_id'), 'review_edit', ['week', 'area_id'])
    op.create_table('review_pack',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('week', data.models.columns.LocalDay(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('frozen_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('frozen_by', sa.Integer(), nullable=True),
    sa.Column('frozen_name', sa.String(length=60), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_review_pack_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_pack')),
    sa.UniqueConstraint('week', 'area_id', name=op.f('uq_review_pack_week_area_id'))
    )
    op.create_table('review_page',
    sa.Column('week', data.models.columns.LocalDay(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('built_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('mark', sa.String(length=64), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_review_page_area_id')),
    sa.PrimaryKeyConstraint('week', 'area_id', name=op.f('pk_review_page'))
    )
    op.create_table('promise',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('made_week', data.models.columns.LocalDay(), nullable=False),
    sa.Column('due_week', data.models.columns.LocalDay(), nullable=False),
    sa.Column('made_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_name', sa.String(length=60), nullable=False),
    sa.Column('department_id', sa.SmallInteger(), nullable=False),
    sa.Column('owner', sa.String(length=60), nullable=False),
    sa.Column('indicator_id', sa.SmallInteger(), nullable=True),
    sa.Column('of_area_id', sa.SmallInteger(), nullable=True),
    sa.Column('case_no', sa.String(length=40), nullable=True),
    sa.Column('expected', sa.String(length=6), nullable=False),
    sa.CheckConstraint("expected in ('higher','lower','closed')", name=op.f('ck_promise_expected')),
    sa.CheckConstraint("state in ('open','kept','broken','withdrawn')", name=op.f('ck_promise_state')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_promise_area_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_promise_department_id')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_promise_indicator_id')),
    sa.ForeignKeyConstraint(['of_area_id'], ['area.id'], name=op.f('fk_promise_of_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promise'))
    )
    op.create_index(op.f('ix_promise_area_id_state'), 'promise', ['area_id', 'state'])
    op.create_table('remark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('day', data.models.columns.LocalDay(), nullable=True),
    sa.Column('withdrawn', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_remark_area_id')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_remark_indicator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_remark'))
    )
    op.create_index(op.f('ix_remark_indicator_id_area_id'), 'remark', ['indicator_id', 'area_id'])
    op.create_table('promise_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('promise_id', sa.Integer(), nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('week', data.models.columns.LocalDay(), nullable=False),
    sa.Column('action', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('detail', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['promise_id'], ['promise.id'], name=op.f('fk_promise_event_promise_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promise_event'))
    )
    op.create_index(op.f('ix_promise_event_promise_id'), 'promise_event', ['promise_id'])
    again = sa.text("from_stage = 'closed' and to_stage <> 'closed'")
    op.create_index('ix_case_event_reopened', 'case_event', ['at'], postgresql_where=again, sqlite_where=again)
    for table in ('review_pack', 'review_edit', 'promise_event'):
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
    op.drop_index('ix_case_event_reopened', table_name='case_event')
    for table in ('promise_event', 'remark', 'promise', 'review_page', 'review_pack', 'review_edit'):
        op.drop_table(table)
