"""outside calls

Revision: 0006, after: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cti_target",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=512), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cti_target")),
        sa.UniqueConstraint("name", name=op.f("uq_cti_target_name")),
    )
    op.create_table(
        "cti_push",
        sa.Column("target_id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_answer", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_cti_push_call_id_call")),
        sa.ForeignKeyConstraint(["target_id"], ["cti_target.id"], name=op.f("fk_cti_push_target_id_cti_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cti_push")),
        sa.UniqueConstraint("target_id", "call_id", "position", name=op.f("uq_cti_push_target_id")),
    )
    with op.batch_alter_table("cti_push", schema=None) as batch_op:
        batch_op.create_index("ix_cti_push_call", ["call_id"], unique=False)
        batch_op.create_index(
            "ix_cti_push_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )

    op.create_table(
        "outside_call",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("call_ref", sa.String(length=128), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("followed_count", sa.Integer(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["intake_client.id"], name=op.f("fk_outside_call_client_id_intake_client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_call")),
    )
    with op.batch_alter_table("outside_call", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outside_call_behind",
            ["heard_at"],
            unique=False,
            sqlite_where=sa.text("followed_count < event_count"),
            postgresql_where=sa.text("followed_count < event_count"),
        )
        batch_op.create_index(
            "ix_outside_call_live",
            ["heard_at"],
            unique=False,
            sqlite_where=sa.text("is_over = 0"),
            postgresql_where=sa.text("NOT is_over"),
        )

    op.create_table(
        "outside_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=True),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("recording_url", sa.Text(), nullable=False),
        sa.Column("recording_of", sa.String(length=32), nullable=True),
        sa.Column("opens_ticket", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["outside_call.id"], name=op.f("fk_outside_event_call_id_outside_call")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["intake_client.id"], name=op.f("fk_outside_event_client_id_intake_client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_event")),
    )
    with op.batch_alter_table("outside_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outside_event_call_id"), ["call_id"], unique=False)
        batch_op.create_index("ix_outside_event_client_received", ["client_id", "received_at"], unique=False)

    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("heard_events", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("agents", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("unknown", sa.JSON(), server_default="[]", nullable=False))

    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("upload_id", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_recording_upload_id"), ["upload_id"], unique=False)

    with op.batch_alter_table("voice_upload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("call_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("opens_ticket", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.create_index(batch_op.f("ix_voice_upload_call_id"), ["call_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_voice_upload_call_id_outside_call"), "outside_call", ["call_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("voice_upload", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_voice_upload_call_id_outside_call"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_voice_upload_call_id"))
        batch_op.drop_column("opens_ticket")
        batch_op.drop_column("call_id")

    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recording_upload_id"))
        batch_op.drop_column("upload_id")

    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_column("unknown")
        batch_op.drop_column("agents")
        batch_op.drop_column("heard_events")
        batch_op.drop_column("source")

    with op.batch_alter_table("outside_event", schema=None) as batch_op:
        batch_op.drop_index("ix_outside_event_client_received")
        batch_op.drop_index(batch_op.f("ix_outside_event_call_id"))

    op.drop_table("outside_event")
    with op.batch_alter_table("outside_call", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outside_call_live", sqlite_where=sa.text("is_over = 0"), postgresql_where=sa.text("NOT is_over")
        )
        batch_op.drop_index(
            "ix_outside_call_behind",
            sqlite_where=sa.text("followed_count < event_count"),
            postgresql_where=sa.text("followed_count < event_count"),
        )

    op.drop_table("outside_call")
    with op.batch_alter_table("cti_push", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_cti_push_due",
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )
        batch_op.drop_index("ix_cti_push_call")

    op.drop_table("cti_push")
    op.drop_table("cti_target")
