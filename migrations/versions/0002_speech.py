"""speech

Revision: 0002, after: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "original_access",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_original_access_person_id_person")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_original_access_recording_id_recording")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original_access")),
    )
    with op.batch_alter_table("original_access", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_original_access_recording_id"), ["recording_id"], unique=False)

    op.create_table(
        "transcript_part",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("part_no", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(length=32), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("recognised_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_transcript_part_recording_id_recording")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript_part")),
        sa.UniqueConstraint("recording_id", "part_no", name=op.f("uq_transcript_part_recording_id")),
    )
    op.create_table(
        "slot_decision",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("transcript_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("masked_label", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_slot_decision_person_id_person")),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcript.id"], name=op.f("fk_slot_decision_transcript_id_transcript")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_decision")),
    )
    with op.batch_alter_table("slot_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_decision_transcript_id"), ["transcript_id"], unique=False)

    op.create_table(
        "transcript_correction",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("transcript_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("masked_text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_transcript_correction_person_id_person")),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcript.id"], name=op.f("fk_transcript_correction_transcript_id_transcript")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript_correction")),
    )
    with op.batch_alter_table("transcript_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transcript_correction_transcript_id"), ["transcript_id"], unique=False)

    with op.batch_alter_table("transcript", schema=None) as batch_op:
        batch_op.add_column(sa.Column("model_version", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("reading", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("slots", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("redactions", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("rules_version", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("audio_quality", sa.JSON(), nullable=True))

    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("voice_answers", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("emergency_words", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("callback_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("voice_answers", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.add_column(sa.Column("voice_answers", sa.JSON(), nullable=False, server_default="[]"))

    awaits_text = sa.text("text_source = 'pending_transcript'")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ticket_awaits_text", ["created_at"], sqlite_where=awaits_text, postgresql_where=awaits_text
        )


def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_awaits_text")

    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_column("voice_answers")

    with op.batch_alter_table("callback_attempt", schema=None) as batch_op:
        batch_op.drop_column("voice_answers")

    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_column("emergency_words")
        batch_op.drop_column("voice_answers")

    with op.batch_alter_table("transcript", schema=None) as batch_op:
        batch_op.drop_column("audio_quality")
        batch_op.drop_column("rules_version")
        batch_op.drop_column("redactions")
        batch_op.drop_column("slots")
        batch_op.drop_column("reading")
        batch_op.drop_column("model_version")

    with op.batch_alter_table("transcript_correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transcript_correction_transcript_id"))

    op.drop_table("transcript_correction")
    with op.batch_alter_table("slot_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slot_decision_transcript_id"))

    op.drop_table("slot_decision")
    op.drop_table("transcript_part")
    with op.batch_alter_table("original_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_original_access_recording_id"))

    op.drop_table("original_access")
