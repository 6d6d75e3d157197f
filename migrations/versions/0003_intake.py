"""intake

Revision: 0003, after: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "intake_client",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("webhook_url", sa.String(length=512), nullable=True),
        sa.Column("reference_hosts", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_client")),
        sa.UniqueConstraint("name", name=op.f("uq_intake_client_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_intake_client_token_hash")),
    )
    op.create_table(
        "voice_upload",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("file_key", sa.String(length=255), nullable=True),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["intake_client.id"], name=op.f("fk_voice_upload_client_id_intake_client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_upload")),
        sa.UniqueConstraint("client_id", "external_id", name=op.f("uq_voice_upload_client_id")),
    )
    with op.batch_alter_table("voice_upload", schema=None) as batch_op:
        batch_op.create_index("ix_voice_upload_client_received", ["client_id", "received_at"], unique=False)
        batch_op.create_index(
            "ix_voice_upload_open",
            ["received_at"],
            unique=False,
            sqlite_where=sa.text("status IN ('referred', 'received')"),
            postgresql_where=sa.text("status IN ('referred', 'received')"),
        )

    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("upload_id", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_answer", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["voice_upload.id"], name=op.f("fk_webhook_delivery_upload_id_voice_upload")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("upload_id", "stage", "round", name=op.f("uq_webhook_delivery_upload_id")),
    )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_webhook_delivery_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )

    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channels", sa.Integer(), nullable=False, server_default="1"))
        batch_op.alter_column("call_id", existing_type=sa.VARCHAR(length=32), nullable=True)

    with op.batch_alter_table("voice_message", schema=None) as batch_op:
        batch_op.alter_column("call_id", existing_type=sa.VARCHAR(length=32), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("voice_message", schema=None) as batch_op:
        batch_op.alter_column("call_id", existing_type=sa.VARCHAR(length=32), nullable=False)

    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.alter_column("call_id", existing_type=sa.VARCHAR(length=32), nullable=False)
        batch_op.drop_column("channels")

    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_webhook_delivery_due",
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )

    op.drop_table("webhook_delivery")
    with op.batch_alter_table("voice_upload", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_voice_upload_open",
            sqlite_where=sa.text("status IN ('referred', 'received')"),
            postgresql_where=sa.text("status IN ('referred', 'received')"),
        )
        batch_op.drop_index("ix_voice_upload_client_received")

    op.drop_table("voice_upload")
    op.drop_table("intake_client")
