"""Replay: what the wall said of sources, when bands were made, and which cases were open then.

Going back forgets what was said of sources; instants of then are told by their polls.
"""

from alembic import op
import sqlalchemy as sa

import data.models.columns

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('source_then',
    sa.Column('id', BIG, nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('at', data.models.columns.Instant(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('last_ok_at', data.models.columns.Instant(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_source_then_source_id_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_then'))
    )
    op.create_index('ix_source_then_source', 'source_then', ['source_id', 'at'], unique=False)
    op.create_table('band_made',
    sa.Column('at', data.models.columns.Instant(timezone=True), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('at', name=op.f('pk_band_made')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_cases_then', 'cases', ['matter', 'reported_at', 'closed_at'], unique=False)
    op.create_index('ix_cases_long', 'cases', ['closed_at'], unique=False,
        postgresql_where=sa.text("closed_at - reported_at > interval '60 days'"),
        sqlite_where=sa.text("closed_at - reported_at > 5184000"))


def downgrade() -> None:
    op.drop_index('ix_cases_long', table_name='cases')
    op.drop_index('ix_cases_then', table_name='cases')
    op.drop_table('band_made')
    op.drop_table('source_then')
