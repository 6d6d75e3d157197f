"""seat calls

Revision: 0005, after: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seat_call",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("telephony_id", sa.String(length=64), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_no", sa.Integer(), nullable=False),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("seat_id", sa.String(length=32), nullable=True),
        sa.Column("talked_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("talked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("talk_state", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrap_up_code", sa.String(length=32), nullable=True),
        sa.Column("wrap_up_note", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_seat_call_desk_id_desk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_call_person_id_person")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_seat_call_seat_id_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_call")),
    )
    with op.batch_alter_table("seat_call", schema=None) as batch_op:
        batch_op.create_index("ix_seat_call_caller", ["caller", "ended_at"], unique=False)
        batch_op.create_index(
            "ix_seat_call_live",
            ["desk_id", "placed_at"],
            unique=False,
            sqlite_where=sa.text("status IN ('waiting', 'offered', 'talking', 'wrap_up')"),
            postgresql_where=sa.text("status IN ('waiting', 'offered', 'talking', 'wrap_up')"),
        )
        batch_op.create_index(batch_op.f("ix_seat_call_person_id"), ["person_id"], unique=False)

    op.create_table(
        "seat_call_offer",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("offer_no", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("seat_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["seat_call.id"], name=op.f("fk_seat_call_offer_call_id_seat_call")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_call_offer_person_id_person")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_seat_call_offer_seat_id_seat")),
        sa.PrimaryKeyConstraint("call_id", "offer_no", name=op.f("pk_seat_call_offer")),
    )
    op.create_table(
        "seat_order",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=128), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["seat_call.id"], name=op.f("fk_seat_order_call_id_seat_call")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_order_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_order")),
    )
    with op.batch_alter_table("seat_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_seat_order_waiting",
            ["call_id"],
            unique=False,
            sqlite_where=sa.text("taken_at IS NULL"),
            postgresql_where=sa.text("taken_at IS NULL"),
        )

    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_call_person_id_person"), "person", ["person_id"], ["id"])

    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("away_reason", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("called_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("voice_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=32), server_default="message", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("voice_message", schema=None) as batch_op:
        batch_op.drop_column("kind")

    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.drop_column("called_at")
        batch_op.drop_column("away_reason")
        batch_op.drop_column("phone")

    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_call_person_id_person"), type_="foreignkey")
        batch_op.drop_column("person_id")

    with op.batch_alter_table("seat_order", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_seat_order_waiting",
            sqlite_where=sa.text("taken_at IS NULL"),
            postgresql_where=sa.text("taken_at IS NULL"),
        )

    op.drop_table("seat_order")
    op.drop_table("seat_call_offer")
    with op.batch_alter_table("seat_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seat_call_person_id"))
        batch_op.drop_index(
            "ix_seat_call_live",
            sqlite_where=sa.text("status IN ('waiting', 'offered', 'talking', 'wrap_up')"),
            postgresql_where=sa.text("status IN ('waiting', 'offered', 'talking', 'wrap_up')"),
        )
        batch_op.drop_index("ix_seat_call_caller")

    op.drop_table("seat_call")
