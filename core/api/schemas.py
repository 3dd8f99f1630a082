"""What the API takes and gives; the same schemas validate and describe (contract §4)."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates

from core.decide.addresses import canonical
from core.engine import actions

ADD, REMOVE = "add", "remove"


class TagActionSchema(Schema):
    """A tag to be added to the records of an address, or removed from them."""

    class Meta:
        """A key that is not known is more likely a slip than meant."""

        unknown = RAISE

    email = fields.String(
        required=True,
        metadata={
            "description": "Whose records; an address that no contact has waits for it for 7 days.",
            "example": "eva@firma.cz",
        },
    )
    tag = fields.String(
        required=True,
        validate=validate.Length(max=1000),
        metadata={"description": "At most 50 characters, without a comma.", "example": "VIP"},
    )
    action = fields.String(
        required=True, validate=validate.OneOf((ADD, REMOVE)), metadata={"description": "What is to be done."}
    )

    @validates("email")
    def _is_an_address(self, value: str, **_: object) -> None:
        if not canonical(value):
            raise ValidationError("This is not an e-mail address. Write it like eva@firma.cz.")

    @validates("tag")
    def _is_a_tag(self, value: str, **_: object) -> None:
        problem = actions.tag_problem(actions.clean(value))
        if problem:
            raise ValidationError(problem)

    @post_load
    def _cleaned(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {**data, "email": canonical(data["email"]), "tag": actions.clean(data["tag"])}


class AcceptedSchema(Schema):
    """What was accepted."""

    id = fields.Integer(
        allow_none=True, metadata={"description": "Its number in the outbox; null: the address was erased on request."}
    )
    status = fields.String(metadata={"description": "How it stands in the outbox.", "example": "waiting"})


class ProblemSchema(Schema):
    """Why a request was not carried out (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String(metadata={"description": "What was wrong and what to do."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Field -> what is wrong with it; with 422 alone."},
    )
