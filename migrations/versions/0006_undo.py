"""What a person takes back, and a way to find what a run did."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def must(name: str, kind: object) -> sa.Column[object]:
    """A column that is never empty."""
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "takebacks",
        *[must(name, sa.Integer()) for name in ("id", "run_id", "connection_id", "list_id")],
        must("email", sa.Text()),
        must("to_crm", sa.Boolean()),
        *[must(name, sa.Text()) for name in ("field", "was", "value", "state")],
        must("at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id"),
    )
    still = sa.text("state = ''")
    columns = ["list_id", "email"]
    op.create_index("takebacks_open", "takebacks", columns, sqlite_where=still, postgresql_where=still)
    op.create_index("takebacks_run", "takebacks", ["run_id", "state"])
    op.create_index("takebacks_email", "takebacks", ["email"])
    done = sa.text("run_id IS NOT NULL AND what <> 'created'")
    op.create_index("timeline_run", "timeline", ["run_id", "email"], sqlite_where=done, postgresql_where=done)


def downgrade() -> None:
    op.drop_index("timeline_run", "timeline")
    op.drop_table("takebacks")
