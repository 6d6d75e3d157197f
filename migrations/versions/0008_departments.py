"""departments

Revision: 0008, after: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CHECKS = {
    "one_department": "(holder_kind = 'department') = (department_id IS NOT NULL)",
    "grabbing_ends": "(holder_kind = 'grab_board') = (grab_until IS NOT NULL)",
}


def upgrade() -> None:
    op.create_table(
        "department",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column("duty_phone", sa.String(length=64), nullable=True),
        sa.Column("duty_contact", sa.String(length=64), nullable=True),
        sa.Column("takes_dispatch", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["department.id"], name=op.f("fk_department_parent_id_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("code", name=op.f("uq_department_code")),
        sa.UniqueConstraint("name", name=op.f("uq_department_name")),
    )
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "department_member",
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_department_member_department_id_department")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_department_member_person_id_person")),
        sa.PrimaryKeyConstraint("department_id", "person_id", name=op.f("pk_department_member")),
    )
    with op.batch_alter_table("department_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "grab_candidate",
        sa.Column("ticket_id", sa.String(length=32), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_grab_candidate_department_id_department")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_grab_candidate_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", "department_id", name=op.f("pk_grab_candidate")),
    )
    with op.batch_alter_table("grab_candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grab_candidate_department_id"), ["department_id"], unique=False)

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("department_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("grab_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("set_aside_from", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("dispatched_by", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("return_confirmed_by", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("resolved_by", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("must_confirm", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("is_confidential", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("expedited", sa.String(length=32), nullable=True))
        batch_op.create_index("ix_ticket_department", ["department_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_grab_until"), ["grab_until"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_return_confirmed_by_person"), "person", ["return_confirmed_by"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_ticket_resolved_by_person"), "person", ["resolved_by"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_department_id_department"), "department", ["department_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_ticket_dispatched_by_person"), "person", ["dispatched_by"], ["id"])
        for name, condition in _CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_ticket_{name}"), condition)

    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("from_department_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("to_department_id", sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_event_from_department_id_department"), "department", ["from_department_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_event_to_department_id_department"), "department", ["to_department_id"], ["id"]
        )

    # until now whoever held a ticket was the one who answered it
    op.execute("UPDATE ticket SET resolved_by = holder_person_id WHERE resolved_at IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_ticket_event_to_department_id_department"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_ticket_event_from_department_id_department"), type_="foreignkey")
        batch_op.drop_column("to_department_id")
        batch_op.drop_column("from_department_id")

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        for name in _CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_ticket_{name}"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_ticket_dispatched_by_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_ticket_department_id_department"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_ticket_resolved_by_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_ticket_return_confirmed_by_person"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_ticket_grab_until"))
        batch_op.drop_index("ix_ticket_department")
        batch_op.drop_column("expedited")
        batch_op.drop_column("is_confidential")
        batch_op.drop_column("must_confirm")
        batch_op.drop_column("resolved_by")
        batch_op.drop_column("return_confirmed_by")
        batch_op.drop_column("dispatched_by")
        batch_op.drop_column("set_aside_from")
        batch_op.drop_column("grab_until")
        batch_op.drop_column("department_id")

    with op.batch_alter_table("grab_candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grab_candidate_department_id"))

    op.drop_table("grab_candidate")
    with op.batch_alter_table("department_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_department_member_person_id"))

    op.drop_table("department_member")
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_department_parent_id"))

    op.drop_table("department")
