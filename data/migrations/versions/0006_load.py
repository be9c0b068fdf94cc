"""Large files: their bytes in parts, the roll-ups that a load still owes.

Nothing else changes; going back throws the parts away, as letting go of old bytes does.
"""

from alembic import op
import sqlalchemy as sa

import data.models.columns

revision = '0006'
down_revision = '0004'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('fetch_part',
    sa.Column('fetch_id', BIG, autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['fetch_id'], ['fetch.id'], name=op.f('fk_fetch_part_fetch_id')),
    sa.PrimaryKeyConstraint('fetch_id', 'seq', name=op.f('pk_fetch_part'))
    )
    op.create_table('rollup_due',
    sa.Column('run_id', BIG, autoincrement=False, nullable=False),
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('grain', sa.SmallInteger(), nullable=False),
    sa.Column('first', data.models.columns.Instant(), nullable=False),
    sa.Column('last', data.models.columns.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['ingest_run.id'], name=op.f('fk_rollup_due_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'indicator_id', 'grain', 'first', name=op.f('pk_rollup_due'))
    )


def downgrade() -> None:
    op.drop_table('rollup_due')
    op.drop_table('fetch_part')
