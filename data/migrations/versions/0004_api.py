"""The API: tokens, and the answer that each push was given."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import data.models.columns

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    instant = data.models.columns.Instant
    op.create_table('api_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('prefix', sa.String(length=16), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.String(length=4), nullable=False),
    sa.Column('source_id', sa.SmallInteger(), nullable=True),
    sa.Column('indicators', json, nullable=True),
    sa.Column('areas', json, nullable=True),
    sa.Column('kinds', json, nullable=True),
    sa.Column('note', sa.String(length=200), server_default='', nullable=False),
    sa.Column('created_at', instant(timezone=True), nullable=False),
    sa.Column('expires_at', instant(timezone=True), nullable=True),
    sa.Column('revoked_at', instant(timezone=True), nullable=True),
    sa.Column('last_used_at', instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_api_token_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('prefix', name=op.f('uq_api_token_prefix'))
    )
    op.create_table('api_push',
    sa.Column('id', big, nullable=False),
    sa.Column('token_id', sa.Integer(), nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=True),
    sa.Column('body_sha256', sa.String(length=64), nullable=False),
    sa.Column('received_at', instant(timezone=True), nullable=False),
    sa.Column('status', sa.SmallInteger(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('run_id', big, nullable=True),
    sa.ForeignKeyConstraint(['token_id'], ['api_token.id'], name=op.f('fk_api_push_token_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_push')),
    sa.UniqueConstraint('token_id', 'idempotency_key', name=op.f('uq_api_push_token_id_idempotency_key'))
    )
    op.create_index('ix_api_push_recent', 'api_push', ['token_id', 'received_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_api_push_recent', table_name='api_push')
    op.drop_table('api_push')
    op.drop_table('api_token')
