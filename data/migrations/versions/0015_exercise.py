"""What an exercise still has to tell. Going back forgets it."""

from alembic import op
import sqlalchemy as sa

import data.models.columns

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('exercise_item',
    sa.Column('id', BIG, nullable=False),
    sa.Column('due_at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('connector', sa.String(length=24), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.Column('done_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exercise_item'))
    )
    waiting = sa.text('done_at is null')
    op.create_index('ix_exercise_item_waiting', 'exercise_item', ['due_at'], postgresql_where=waiting, sqlite_where=waiting)


def downgrade() -> None:
    op.drop_table('exercise_item')
