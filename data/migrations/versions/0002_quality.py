"""Data quality: findings, reception, learned rhythms, streaks, corrections; replay of refused rows.

Corrections are append-only: triggers refuse UPDATE and DELETE.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import data.models.columns

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
OPEN = sa.text('ended_at is null')


def _count(name):
    return sa.Column(name, sa.Integer(), server_default=sa.text('0'), nullable=False)


def _unit():
    return [sa.Column(n, sa.SmallInteger(), nullable=False) for n in ('source_id', 'indicator_id', 'area_id')]


def upgrade() -> None:
    op.create_table('quality_finding',
    sa.Column('id', BIG, nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('indicator_id', sa.SmallInteger(), nullable=True),
    sa.Column('area_id', sa.SmallInteger(), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('first_seen', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('last_seen', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('times', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=True),
    sa.Column('detail', sa.String(length=500), server_default='', nullable=False),
    sa.Column('run_id', BIG, nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_quality_finding_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality_finding'))
    )
    op.create_index('ix_quality_finding_open', 'quality_finding', ['source_id', 'kind'], postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index('ix_quality_finding_recent', 'quality_finding', ['source_id', 'last_seen'])

    op.create_table('reception',
    sa.Column('grain', sa.SmallInteger(), nullable=False),
    *_unit(),
    sa.Column('bucket', data.models.columns.Instant(timezone=True), nullable=False),
    _count('runs'),
    sa.Column('first_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('last_at', data.models.columns.Instant(timezone=True), nullable=True),
    *[_count(n) for n in ('expected', 'received', 'due', 'timely', 'read', 'refused', 'corrected')],
    sa.PrimaryKeyConstraint('grain', 'bucket', 'source_id', 'indicator_id', 'area_id', name=op.f('pk_reception')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_reception_unit', 'reception', ['source_id', 'indicator_id', 'area_id', 'grain', 'bucket'])
    op.create_table('rhythm',
    *_unit(),
    sa.Column('median_s', sa.Double(), nullable=False),
    sa.Column('spread_s', sa.Double(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('classes', JSON, nullable=False),
    sa.Column('learned_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('source_id', 'indicator_id', 'area_id', name=op.f('pk_rhythm')),
    sqlite_with_rowid=False
    )
    op.create_table('streak',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('area_id', sa.SmallInteger(), nullable=False),
    sa.Column('bucket', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('num', sa.Double(), nullable=True),
    sa.Column('den', sa.Double(), nullable=True),
    sa.Column('since', data.models.columns.Instant(timezone=True), nullable=False),
    *[sa.Column(n, sa.Integer(), nullable=False) for n in ('length', 'longest', 'longest_zero', 'ended', 'zero_ended', 'seen', 'zeros')],
    sa.PrimaryKeyConstraint('indicator_id', 'area_id', name=op.f('pk_streak')),
    sqlite_with_rowid=False
    )
    op.create_table('correction',
    sa.Column('id', BIG, nullable=False),
    sa.Column('run_id', BIG, nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=80), nullable=False),
    sa.Column('old', sa.Text(), nullable=True),
    sa.Column('new', sa.Text(), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('made_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['ingest_run.id'], name=op.f('fk_correction_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    op.create_index(op.f('ix_correction_run_id'), 'correction', ['run_id'])

    # plain ADD COLUMN on both: a batch would copy every run and refused row on SQLite
    op.add_column('ingest_run', sa.Column('unlisted', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.add_column('ingest_run', sa.Column('replay_of', BIG, nullable=True))
    replay = sa.text('replay_of is not null')
    op.create_index('ix_ingest_run_replay', 'ingest_run', ['replay_of'], postgresql_where=replay, sqlite_where=replay)
    op.add_column('quarantine', sa.Column('resolved_by', BIG, nullable=True))
    op.add_column('quarantine', sa.Column('tried_by', BIG, nullable=True))
    _append_only('correction')


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
    op.drop_column('quarantine', 'tried_by')
    op.drop_column('quarantine', 'resolved_by')
    op.drop_index('ix_ingest_run_replay', 'ingest_run')
    op.drop_column('ingest_run', 'replay_of')
    op.drop_column('ingest_run', 'unlisted')
    for table in ('correction', 'streak', 'rhythm', 'reception', 'quality_finding'):
        op.drop_table(table)
