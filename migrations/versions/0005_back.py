"""The way back: the outbox, mailings and their lines, mornings, tokens; the brake by what it counts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def must(name: str, kind: object) -> sa.Column[object]:
    """A column that is never empty."""
    return sa.Column(name, kind, nullable=False)


def may(name: str, kind: object) -> sa.Column[object]:
    """A column that may be empty."""
    return sa.Column(name, kind, nullable=True)


def owner() -> sa.Column[object]:
    """The connection, as part of a key."""
    return sa.Column("connection_id", sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    # Nothing was ever written to the outbox, and the brake's counts are kept for an hour.
    op.drop_table("outbox")
    op.drop_table("let_through")
    op.create_table(
        "outbox",
        must("id", sa.Integer()),
        must("connection_id", sa.Integer()),
        *[must(name, sa.Text()) for name in ("kind", "key", "email")],
        must("payload", DOCUMENT),
        *[must(name, sa.Text()) for name in ("state", "claim")],
        must("attempts", sa.Integer()),
        must("next_try", MOMENT),
        must("last_error", sa.Text()),
        must("created_at", MOMENT),
        may("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "key"),
    )
    op.create_index("outbox_next", "outbox", ["connection_id", "state", "kind", "next_try"])
    op.create_index("outbox_email", "outbox", ["connection_id", "email"])
    op.create_table(
        "let_through",
        must("id", sa.Integer()),
        must("connection_id", sa.Integer()),
        must("kind", sa.Text()),
        must("at", MOMENT),
        must("number", sa.Integer()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("let_through_at", "let_through", ["connection_id", "kind", "at"])
    _results()
    op.create_table(
        "tokens",
        must("id", sa.Integer()),
        *[must(name, sa.Text()) for name in ("name", "hash", "scope", "made_by")],
        must("made_at", MOMENT),
        may("used_at", MOMENT),
        may("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )


def _results() -> None:
    op.create_table(
        "mailings",
        owner(),
        *[must(name, sa.Text()) for name in ("key", "title", "subject")],
        may("sent_at", MOMENT),
        *[must(name, sa.Text()) for name in ("archive_url", "account")],
        must("totals", DOCUMENT),
        must("handle", sa.Text()),
        must("seen_at", MOMENT),
        may("read_at", MOMENT),
        must("after", sa.Text()),
        *[must(name, sa.Boolean()) for name in ("log_refused", "gone")],
        sa.PrimaryKeyConstraint("connection_id", "key"),
    )
    op.create_table(
        "activities",
        owner(),
        *[must(name, sa.Text()) for name in ("source", "email")],
        *[must(name, DOCUMENT) for name in ("numbers", "first", "links")],
        *[must(name, sa.Text()) for name in ("digest", "sent_digest", "handle")],
        may("sent_at", MOMENT),
        sa.PrimaryKeyConstraint("connection_id", "source", "email"),
    )
    changed = sa.text("digest <> sent_digest")
    op.create_index(
        "activities_changed",
        "activities",
        ["connection_id", "source", "email"],
        sqlite_where=changed,
        postgresql_where=changed,
    )
    op.create_index("activities_email", "activities", ["email"])
    op.create_table(
        "happenings",
        owner(),
        *[must(name, sa.Text()) for name in ("id", "source", "email", "deed")],
        may("at", MOMENT),
        must("link", sa.Text()),
        must("folded", sa.Integer()),
        must("told_at", MOMENT),
        sa.PrimaryKeyConstraint("connection_id", "id"),
    )
    new = sa.text("folded = 0")
    op.create_index("happenings_new", "happenings", ["connection_id", "source"], sqlite_where=new, postgresql_where=new)
    op.create_index("happenings_email", "happenings", ["email"])
    op.create_index("happenings_told", "happenings", ["told_at"])
    op.create_table(
        "mornings",
        owner(),
        must("day", sa.Text()),
        must("run_id", sa.Integer()),
        must("begun_at", MOMENT),
        sa.PrimaryKeyConstraint("connection_id", "day"),
    )


def downgrade() -> None:
    for name in ("mornings", "happenings", "activities", "mailings", "tokens", "let_through", "outbox"):
        op.drop_table(name)
    op.create_table(
        "outbox",
        must("id", sa.Integer()),
        must("connection_id", sa.Integer()),
        may("binding_id", sa.Integer()),
        *[must(name, sa.Text()) for name in ("kind", "key")],
        must("payload", DOCUMENT),
        must("state", sa.Text()),
        must("attempts", sa.Integer()),
        must("next_try", MOMENT),
        must("last_error", sa.Text()),
        must("created_at", MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "key"),
    )
    op.create_index("outbox_next", "outbox", ["connection_id", "state", "next_try"])
    op.create_table(
        "let_through",
        must("id", sa.Integer()),
        must("connection_id", sa.Integer()),
        must("at", MOMENT),
        must("number", sa.Integer()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("let_through_at", "let_through", ["connection_id", "at"])
