"""The simple form in which results of any mailing tool reach the embedded list (docs/embedded-events.md)."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates

from spojka import Deed, Happening, Json

MOST = 10_000
_LINK = validate.URL(schemes={"http", "https"})


class EventSchema(Schema):
    """One event."""

    class Meta:
        """Other keys are left alone."""

        unknown = EXCLUDE

    id = fields.String(required=True, validate=validate.Length(1, 200))
    mailing = fields.String(required=True, validate=validate.Regexp(r"(campaign|automation):[^\s:]{1,100}\Z"))
    email = fields.Email(required=True)
    deed = fields.Enum(Deed, by_value=True, required=True)
    at = fields.AwareDateTime(load_default=None, allow_none=True)
    title = fields.String(load_default="", validate=validate.Length(max=500))
    subject = fields.String(load_default="", validate=validate.Length(max=500))
    link = fields.String(load_default="", validate=validate.Length(max=2000))

    @validates("link")
    def _is_link(self, value: str, **_: object) -> None:
        if value:
            _LINK(value)


def happenings(body: Json) -> tuple[Happening, ...]:
    """What a body tells; an event of another form is left out."""
    events = body.get("events", [body]) if isinstance(body, dict) else body
    schema = EventSchema()
    found = []
    for event in events[:MOST] if isinstance(events, list) else ():
        try:
            said: dict[str, Any] = schema.load(event if isinstance(event, dict) else {})
        except ValidationError:
            continue
        found.append(Happening(**{**said, "email": said["email"].strip().lower()}))
    return tuple(found)
