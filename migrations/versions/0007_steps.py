"""Calls of automations' steps, so that a lost one is noticed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def must(name: str, kind: object) -> sa.Column[object]:
    """A column that is never empty."""
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "steps",
        sa.Column("connection_id", sa.Integer(), autoincrement=False, nullable=False),
        *[must(name, sa.Text()) for name in ("source", "step", "email", "tag")],
        must("add", sa.Boolean()),
        sa.Column("called_at", MOMENT, nullable=True),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "source", "step", "email"),
    )
    op.create_index("steps_email", "steps", ["email"])
    op.add_column("mailings", sa.Column("entered", sa.Integer(), nullable=True))
    op.add_column("mailings", sa.Column("steps", DOCUMENT, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("mailings", "steps")
    op.drop_column("mailings", "entered")
    op.drop_table("steps")
