"""Alembic's entry: migrates the connection that core.schema hands over, else the engine of the Flask application."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy.engine import Connection

from core.schema import METADATA
from core.store.base import Moment


def render_item(kind: str, value: Any, autogen: AutogenContext) -> str | bool:
    """Moments are written as what they are in the database, so that a migration never changes with the code."""
    if kind == "type" and isinstance(value, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def migrate(connection: Connection) -> None:
    """Run what Alembic was asked for on `connection`."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with current_app.extensions["migrate"].db.engine.begin() as connection:
        migrate(connection)
