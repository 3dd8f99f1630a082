"""The description of the API, from the schemas that validate."""

from importlib.metadata import version
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from core.api.schemas import AcceptedSchema, ProblemSchema, TagActionSchema

TAGS_PATH = "/api/v1/connections/{id}/automation-tags"
PROBLEMS = {
    "400": "The body is not JSON.",
    "401": "The token is missing, unknown or revoked.",
    "403": "The token may not do this.",
    "404": "There is no such connection.",
    "413": "The body is larger than 1 MiB.",
    "415": "The body is not declared as application/json.",
    "422": "Something in it is wrong; `errors` names each field.",
}


def document(url: str) -> dict[str, Any]:
    """The OpenAPI document of this installation."""
    spec = APISpec(
        title="Spojka",
        version=version("spojka"),
        openapi_version="3.1.0",
        info={"description": "What programs may ask of Spojka."},
        servers=[{"url": url}],
        plugins=[MarshmallowPlugin()],
    )
    spec.components.schema("TagAction", schema=TagActionSchema)
    spec.components.schema("Accepted", schema=AcceptedSchema)
    spec.components.schema("Problem", schema=ProblemSchema)
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.path(path=TAGS_PATH, operations={"post": _tag_action()})
    return dict(spec.to_dict())


def _tag_action() -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": "Problem"}}
    return {
        "summary": "Add a tag to a contact in the CRM, or remove it",
        "description": "It is written with the next morning run, or at once where the connection says so.",
        "operationId": "automation_tags",
        "security": [{"token": []}],
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "integer"},
                "description": "The connection's number.",
            },
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 200},
                "description": "The same key with the same body has one effect, for a week.",
            },
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": "TagAction"}}},
        "responses": {
            "202": {"description": "It is kept.", "content": {"application/json": {"schema": "Accepted"}}},
            **{status: {"description": words, "content": problem} for status, words in PROBLEMS.items()},
        },
    }
