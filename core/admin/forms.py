"""A form made from a settings schema: nothing here is written for one plugin."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from core.admin.language import _, number, words

Typed = dict[str, Any]
"""What a person typed, by the schema's names: text, and True or False for a switch."""
SHOWN_LETTERS = 4
SHORTEST_SHOWN = 12
"""A shorter secret would be told by its last letters."""


class Control(StrEnum):
    """How an input looks."""

    TEXT = "text"
    SECRET = "secret"
    SWITCH = "switch"
    CHOICE = "choice"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Input:
    """One input, ready to be drawn. `saved` says that a secret is kept already, and how it ends."""

    name: str
    label: str
    find: str
    control: Control
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    error: str = ""
    saved: str | None = None

    @property
    def id(self) -> str:
        """The element's id, which error links lead to."""
        return input_id(self.name)

    @property
    def on(self) -> bool:
        """Whether a switch is on."""
        return self.value == "true"


def input_id(name: str) -> str:
    """The element's id of an input's name."""
    return name.replace(".", "-").replace("_", "-")


def typed(schema: type[Schema], source: Mapping[str, str], prefix: str) -> Typed:
    """What the browser sent for the schema's fields; a switch that was not sent is off."""
    made: Typed = {}
    for name, field in schema().fields.items():
        sent = source.get(prefix + name)
        if isinstance(field, fields.Boolean):
            made[name] = sent is not None
        elif sent is not None:
            made[name] = sent.strip()
    return made


def defaults(schema: type[Schema]) -> Typed:
    """What a fresh form shows."""
    found = {name: field.load_default for name, field in schema().fields.items()}
    return {name: value for name, value in found.items() if isinstance(value, str | bool | int | float)}


def checked(schema: type[Schema], values: Typed, kept: frozenset[str] = frozenset()) -> tuple[Typed, dict[str, str]]:
    """Loaded values, and a sentence for each wrong one. `kept` names saved secrets: empty, the saved one stays."""
    shape = schema()
    sent = {name: value for name, value in values.items() if not (value == "" and _may_be_left_out(shape, name, kept))}
    try:
        return dict(shape.load(sent, partial=tuple(kept))), {}
    except ValidationError as error:
        return {}, {name: _complaint(shape, name, values, list(said)) for name, said in _messages(error).items()}


def _may_be_left_out(shape: Schema, name: str, kept: frozenset[str]) -> bool:
    field = shape.fields.get(name)
    return name in kept or (isinstance(field, fields.Number) and not field.required)


def _messages(error: ValidationError) -> dict[str, Any]:
    said = error.messages
    return said if isinstance(said, dict) else {"_schema": said}


def _complaint(shape: Schema, name: str, values: Typed, said: list[Any]) -> str:
    """What is wrong with one value, and what to do."""
    field = shape.fields.get(name)
    if field is None:
        return str(said[0])
    label, value = label_of(field, name), values.get(name, "")
    if value == "":
        return _("Vyplňte pole %(label)s.", label=label)
    if isinstance(field, fields.Integer) and not _is_whole(value):
        return _("%(label)s: napište celé číslo.", label=label)
    broken = (_rule_broken(rule, value, label) for rule in field.validators)
    return next((sentence for sentence in broken if sentence), f"{label}: {said[0]}")


def _is_whole(value: Any) -> bool:
    return str(value).removeprefix("-").isdecimal()


def _rule_broken(rule: Any, value: Any, label: str) -> str:
    if isinstance(rule, validate.Length) and rule.max is not None and len(str(value)) > rule.max:
        return _("%(label)s: nejvýše %(max)s znaků, zkraťte to.", label=label, max=number(rule.max))
    if isinstance(rule, validate.OneOf):
        return _("%(label)s: vyberte jednu z nabízených možností.", label=label)
    if isinstance(rule, validate.Range) and isinstance(rule.min, int) and isinstance(rule.max, int):
        low, high = number(rule.min), number(rule.max)
        return _("%(label)s: napište číslo od %(min)s do %(max)s.", label=label, min=low, max=high)
    return ""


def label_of(field: fields.Field[Any], name: str) -> str:
    """The field's label in the reader's language; its name where the schema says none."""
    label = field.metadata.get("label")
    return words(label) if label else name


def find_of(field: fields.Field[Any]) -> str:
    """Where a person finds the value, in the reader's language."""
    return words(field.metadata.get("find") or "")


def is_secret(field: fields.Field[Any]) -> bool:
    """Whether a field is a credential."""
    return bool(field.metadata.get("secret"))


def secrets_of(schema: type[Schema]) -> frozenset[str]:
    """Names of the schema's credentials."""
    return frozenset(name for name, field in schema().fields.items() if is_secret(field))


def ending(secret: str) -> str:
    """The letters of a saved secret that may be shown."""
    return secret[-SHOWN_LETTERS:] if len(secret) >= SHORTEST_SHOWN else ""


def inputs(
    schema: type[Schema],
    values: Typed,
    errors: Mapping[str, str],
    prefix: str,
    saved: Mapping[str, str] | None = None,
) -> tuple[Input, ...]:
    """The schema's inputs in its order. `saved` holds how the saved secrets end, by name."""
    kept = saved or {}
    return tuple(
        Input(
            name=prefix + name,
            label=label_of(field, name),
            find=find_of(field),
            control=_control(field),
            value=_shown(values.get(name, "")),
            options=_options(field),
            error=errors.get(name, ""),
            saved=kept.get(name),
        )
        for name, field in schema().fields.items()
    )


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _control(field: fields.Field[Any]) -> Control:
    if isinstance(field, fields.Boolean):
        return Control.SWITCH
    if is_secret(field):
        return Control.SECRET
    if _options(field):
        return Control.CHOICE
    return Control.NUMBER if isinstance(field, fields.Integer) else Control.TEXT


def _options(field: fields.Field[Any]) -> tuple[tuple[str, str], ...]:
    """What can be chosen: with words where the schema has them, else as the values are."""
    offered = field.metadata.get("options")
    if offered:
        return tuple((value, words(text)) for value, text in offered)
    found = next((rule for rule in field.validators if isinstance(rule, validate.OneOf)), None)
    return tuple((str(choice), str(choice)) for choice in found.choices) if found else ()
