"""What real time needs: open bells, recurring tasks, the bucket of a CRM account, and the state of webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN_BELLS, OPEN_QUESTIONS = sa.text("state = 'open'"), sa.text("answer = ''")
WAITING = sa.text("waits > 'e' AND waits < 'run:'")
WEBHOOK = ("bell_sealed", "webhook_id", "webhook_state", "webhook_text")
MOMENTS = ("webhook_at", "resumed_at")


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "task"),
    )
    op.create_index("schedule_next", "schedule", ["next_at"], unique=False)
    op.create_table(
        "paces",
        sa.Column("crm_account", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("crm_account"),
    )
    for name in WEBHOOK:
        op.add_column("connections", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in MOMENTS:
        op.add_column("connections", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("inbox", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("inbox_open", table_name="inbox")
    op.create_index(
        "inbox_open",
        "inbox",
        ["connection_id", "id"],
        unique=False,
        sqlite_where=OPEN_BELLS,
        postgresql_where=OPEN_BELLS,
    )
    op.create_index("inbox_received", "inbox", ["connection_id", "received_at"], unique=False)
    op.create_index(
        "due_waits", "due", ["list_id", "waits"], unique=False, sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.drop_index("questions_open", table_name="questions")
    op.create_index(
        "questions_open",
        "questions",
        ["connection_id", "key"],
        unique=False,
        sqlite_where=OPEN_QUESTIONS,
        postgresql_where=OPEN_QUESTIONS,
    )


def downgrade() -> None:
    op.drop_index("due_waits", table_name="due")
    op.drop_index("questions_open", table_name="questions")
    op.create_index("questions_open", "questions", ["connection_id", "answer"], unique=False)
    op.drop_index("inbox_received", table_name="inbox")
    op.drop_index("inbox_open", table_name="inbox")
    op.create_index("inbox_open", "inbox", ["connection_id", "state", "id"], unique=False)
    op.drop_column("inbox", "closed_at")
    for name in (*MOMENTS, *WEBHOOK):
        op.drop_column("connections", name)
    op.drop_table("paces")
    op.drop_index("schedule_next", table_name="schedule")
    op.drop_table("schedule")
