"""Identity: age of passwords, second factor, recovery codes, addresses at the door, display codes.

Going back forgets second factors and codes; accounts and their passwords stay.
"""

from alembic import op
import sqlalchemy as sa

import data.models.columns

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INSTANT = data.models.columns.Instant(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('account') as table:
        table.add_column(sa.Column('password_at', INSTANT, nullable=True))
        table.add_column(sa.Column('second_nonce', sa.String(length=40), nullable=True))
        table.add_column(sa.Column('second_at', INSTANT, nullable=True))
        table.add_column(sa.Column('second_step', BIG, server_default=sa.text('0'), nullable=False))
    op.create_table('recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('made_at', INSTANT, nullable=False),
    sa.Column('used_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_recovery_code_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    sa.UniqueConstraint('account_id', 'sha256', name=op.f('uq_recovery_code_account_id_sha256'))
    )
    op.create_table('door_address',
    sa.Column('origin', sa.String(length=60), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('failed_at', INSTANT, nullable=False),
    sa.Column('locked_until', INSTANT, nullable=True),
    sa.PrimaryKeyConstraint('origin', name=op.f('pk_door_address')),
    sqlite_with_rowid=False
    )
    op.create_table('display_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('made_at', INSTANT, nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.Column('used_at', INSTANT, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_display_code')),
    sa.UniqueConstraint('sha256', name=op.f('uq_display_code_sha256'))
    )


def downgrade() -> None:
    op.drop_table('display_code')
    op.drop_table('door_address')
    op.drop_table('recovery_code')
    with op.batch_alter_table('account') as table:
        table.drop_column('second_step')
        table.drop_column('second_at')
        table.drop_column('second_nonce')
        table.drop_column('password_at')
