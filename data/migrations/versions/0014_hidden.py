"""What was decided of past months to be hidden is kept. Going back forgets it."""

from alembic import op
import sqlalchemy as sa

import data.models.columns

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hidden_month',
    sa.Column('indicator_id', sa.SmallInteger(), nullable=False),
    sa.Column('month', data.models.columns.LocalDay(), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('token', sa.String(length=16), nullable=False),
    sa.Column('cells', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('indicator_id', 'month', name=op.f('pk_hidden_month')),
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_table('hidden_month')
