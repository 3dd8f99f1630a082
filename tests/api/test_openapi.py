"""The API's description comes from the schemas that validate (contract §4)."""

from core.api.schemas import TagActionSchema
from tests.api.conftest import ApiHouse

PATH = "/api/v1/connections/{id}/automation-tags"


def test_the_description_names_every_field(api: ApiHouse) -> None:
    said = api.client.get("/api/v1/openapi.json").json or {}
    assert said["openapi"] == "3.1.0"
    schema = said["components"]["schemas"]["TagAction"]
    assert set(schema["properties"]) == set(TagActionSchema().fields) == set(schema["required"])
    assert schema["properties"]["action"]["enum"] == ["add", "remove"]


def test_every_answer_is_described(api: ApiHouse) -> None:
    said = api.client.get("/api/v1/openapi.json").json or {}
    answers = said["paths"][PATH]["post"]["responses"]
    assert set(answers) == {"202", "400", "401", "403", "404", "413", "415", "422"}


def test_people_can_read_it(api: ApiHouse) -> None:
    page = api.client.get("/api/v1/docs")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    for word in ("automation-tags", "Idempotency-Key", "email", "422"):
        assert word in page.text


def test_other_addresses_below_are_problems(api: ApiHouse) -> None:
    answer = api.client.get("/api/v1/nothing")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
