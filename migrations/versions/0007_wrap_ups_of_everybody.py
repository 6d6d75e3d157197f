"""wrap ups of everybody

Revision: 0007, after: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seat_wrap_up",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("offer_no", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("talked_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("talked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["seat_call.id"], name=op.f("fk_seat_wrap_up_call_id_seat_call")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_wrap_up_person_id_person")),
        sa.PrimaryKeyConstraint("call_id", "offer_no", name=op.f("pk_seat_wrap_up")),
    )
    with op.batch_alter_table("seat_wrap_up", schema=None) as batch_op:
        batch_op.create_index(
            "ix_seat_wrap_up_owed",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("written_at IS NULL"),
            postgresql_where=sa.text("written_at IS NULL"),
        )
        batch_op.create_index("ix_seat_wrap_up_talked_until", ["talked_until"], unique=False)

    op.execute(
        "INSERT INTO seat_wrap_up (call_id, offer_no, person_id, talked_from, talked_until, code, note, written_at)"
        " SELECT id, offer_no, person_id, talked_from, talked_until, wrap_up_code, wrap_up_note, ended_at FROM seat_call"
        " WHERE status IN ('wrap_up', 'done') AND person_id IS NOT NULL"
        " AND talked_from IS NOT NULL AND talked_until IS NOT NULL"
    )
    with op.batch_alter_table("seat_call", schema=None) as batch_op:
        batch_op.drop_column("wrap_up_note")
        batch_op.drop_column("wrap_up_code")

    with op.batch_alter_table("seat_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failure", sa.String(length=64), nullable=True))

    with op.batch_alter_table("voice_upload", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_talk", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "UPDATE voice_upload SET is_talk = true WHERE EXISTS (SELECT 1 FROM outside_event"
        " WHERE outside_event.client_id = voice_upload.client_id AND outside_event.recording_of = 'talk'"
        " AND voice_upload.external_id = 'call-event/' || outside_event.external_id)"
    )
    op.execute("UPDATE voice_message SET kind = 'talk' WHERE id IN (SELECT id FROM voice_upload WHERE is_talk)")


def downgrade() -> None:
    with op.batch_alter_table("voice_upload", schema=None) as batch_op:
        batch_op.drop_column("is_talk")

    with op.batch_alter_table("seat_order", schema=None) as batch_op:
        batch_op.drop_column("failure")

    with op.batch_alter_table("seat_call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wrap_up_code", sa.VARCHAR(length=32), nullable=True))
        batch_op.add_column(sa.Column("wrap_up_note", sa.VARCHAR(length=2000), nullable=True))
    op.execute(
        "UPDATE seat_call SET wrap_up_code = (SELECT code FROM seat_wrap_up"
        " WHERE seat_wrap_up.call_id = seat_call.id AND seat_wrap_up.offer_no = seat_call.offer_no)"
    )
    op.execute(
        "UPDATE seat_call SET wrap_up_note = (SELECT note FROM seat_wrap_up"
        " WHERE seat_wrap_up.call_id = seat_call.id AND seat_wrap_up.offer_no = seat_call.offer_no)"
    )

    with op.batch_alter_table("seat_wrap_up", schema=None) as batch_op:
        batch_op.drop_index("ix_seat_wrap_up_talked_until")
        batch_op.drop_index(
            "ix_seat_wrap_up_owed",
            sqlite_where=sa.text("written_at IS NULL"),
            postgresql_where=sa.text("written_at IS NULL"),
        )

    op.drop_table("seat_wrap_up")
