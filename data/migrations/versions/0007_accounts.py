"""Who acts: accounts, the audit of what they did, the views they keep.

The audit is append-only: triggers refuse UPDATE and DELETE.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import data.models.columns

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('id', BIG, nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('act', sa.String(length=40), nullable=False),
    sa.Column('object', sa.String(length=120), nullable=False),
    sa.Column('before', JSON, nullable=True),
    sa.Column('after', JSON, nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('origin', sa.String(length=60), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_at', 'audit', ['at'])
    op.create_index('ix_audit_object', 'audit', ['object'])
    op.create_table('account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('display', sa.String(length=60), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('department_id', sa.SmallInteger(), nullable=True),
    sa.Column('area_id', sa.SmallInteger(), nullable=True),
    sa.Column('password', sa.String(length=200), nullable=False),
    sa.Column('must_change', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('created_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('disabled_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('failed', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('locked_until', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('epoch', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('last_seen_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_account_area_id')),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_account_department_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('name', name=op.f('uq_account_name'))
    )
    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('query', sa.String(length=400), nullable=False),
    sa.Column('created_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_saved_view_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('account_id', 'name', name=op.f('uq_saved_view_account_id_name'))
    )
    _append_only('audit')


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
    for table in ('saved_view', 'audit', 'account'):
        op.drop_table(table)
