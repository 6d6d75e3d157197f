"""clock rules

Revision: 0009, after: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("clocks_version", sa.String(length=16), server_default="", nullable=False))
        batch_op.create_index(
            "ix_ticket_clocks_version",
            ["clocks_version"],
            unique=False,
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        )

    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.add_column(sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paused_s", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_index(
            batch_op.f("ix_ticket_clock_running"), sqlite_where=sa.text("stopped_at IS NULL AND breached_at IS NULL")
        )
        batch_op.create_index(
            "ix_ticket_clock_look_at",
            ["look_at"],
            unique=False,
            sqlite_where=sa.text("look_at IS NOT NULL"),
            postgresql_where=sa.text("look_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("ticket_clock", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_clock_look_at",
            sqlite_where=sa.text("look_at IS NOT NULL"),
            postgresql_where=sa.text("look_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_clock_running"),
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("stopped_at IS NULL AND breached_at IS NULL"),
            postgresql_where=sa.text("stopped_at IS NULL AND breached_at IS NULL"),
        )
        batch_op.drop_column("look_at")
        batch_op.drop_column("warned_at")
        batch_op.drop_column("paused_s")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("warn_at")

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_clocks_version",
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        )
        batch_op.drop_column("clocks_version")
