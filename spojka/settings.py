"""What a plugin asks a person for: one marshmallow schema whose order is the form's.

The host makes the connect form, the command line's `--set` and the validation out of it, so a new plugin's form
needs nothing written in the host.
"""

from collections.abc import Sequence

from marshmallow import RAISE, Schema, fields, validate

from spojka.declare import Text


class SettingsSchema(Schema):
    """Base of every settings schema: unknown names are refused, the order of declaration is kept."""

    class Meta:
        """Refuse what nobody declared: a misspelt setting must not pass in silence."""

        unknown = RAISE


def text(*, label: Text, find: Text | None = None, default: str | None = None, length: int = 200) -> fields.String:
    """A line of text; `find` says where a person finds the value. Required without a default."""
    rules = [validate.Length(min=1 if default is None else 0, max=length)]
    meta: dict[str, object] = {"label": label, "find": find, "secret": False}
    if default is None:
        return fields.String(required=True, validate=rules, metadata=meta)
    return fields.String(load_default=default, validate=rules, metadata=meta)


def secret(*, label: Text, find: Text | None = None, length: int = 500) -> fields.String:
    """A credential: stored encrypted, shown by its last four characters alone, never logged."""
    meta: dict[str, object] = {"label": label, "find": find, "secret": True}
    return fields.String(required=True, validate=validate.Length(min=1, max=length), metadata=meta)


def switch(*, label: Text, default: bool, help: Text | None = None) -> fields.Boolean:
    """A yes or no."""
    meta: dict[str, object] = {"label": label, "find": help, "secret": False}
    return fields.Boolean(load_default=default, metadata=meta)


def choice(*, label: Text, options: Sequence[tuple[str, Text]], help: Text | None = None) -> fields.String:
    """One of several; the first is the default."""
    values = [value for value, _ in options]
    meta: dict[str, object] = {"label": label, "find": help, "secret": False, "options": tuple(options)}
    return fields.String(load_default=values[0], validate=validate.OneOf(values), metadata=meta)
