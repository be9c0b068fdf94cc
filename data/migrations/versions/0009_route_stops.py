"""Which bus route stops where.

Filled when a timetable is read; one that does not change is not read again, so an older
store learns it with the next change of its timetable. Going back forgets it.
"""

from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('transit_route_stop',
    sa.Column('source_id', sa.SmallInteger(), nullable=False),
    sa.Column('stop_id', sa.String(length=80), nullable=False),
    sa.Column('route_id', sa.String(length=80), nullable=False),
    sa.Column('run_id', big, nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_transit_route_stop_source_id')),
    sa.PrimaryKeyConstraint('source_id', 'stop_id', 'route_id', name=op.f('pk_transit_route_stop'))
    )


def downgrade() -> None:
    op.drop_table('transit_route_stop')
