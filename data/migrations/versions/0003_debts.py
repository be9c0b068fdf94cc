"""The data-debt board: promises to mend what a source or a unit owes, and what became of them.

Debt events are append-only: triggers refuse UPDATE and DELETE.
"""

from alembic import op
import sqlalchemy as sa

import data.models.columns

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

STATES = "state in ('open','kept','broken','dropped')"
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table('data_debt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=True),
    sa.Column('department', sa.String(length=40), nullable=False),
    sa.Column('area', sa.String(length=12), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('why', sa.String(length=500), server_default='', nullable=False),
    sa.Column('owner', sa.String(length=60), nullable=False),
    sa.Column('due', data.models.columns.LocalDay(), nullable=False),
    sa.Column('state', sa.String(length=8), server_default='open', nullable=False),
    sa.Column('created_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('closed_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=True),
    sa.CheckConstraint(STATES, name=op.f('ck_data_debt_state')),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_data_debt_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_debt'))
    )
    op.create_index('ix_data_debt_open', 'data_debt', ['due'], postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_table('data_debt_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('debt_id', sa.Integer(), nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('said_by', sa.String(length=60), nullable=False),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('owner', sa.String(length=60), nullable=False),
    sa.Column('due', data.models.columns.LocalDay(), nullable=False),
    sa.Column('note', sa.String(length=500), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['debt_id'], ['data_debt.id'], name=op.f('fk_data_debt_event_debt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_debt_event'))
    )
    op.create_index(op.f('ix_data_debt_event_debt_id'), 'data_debt_event', ['debt_id'])
    _append_only('data_debt_event')


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
    op.drop_table('data_debt_event')
    op.drop_table('data_debt')
