"""What the Raynet plugin says about itself, and that the host's plugin library takes it."""

from typing import cast

import pluggy
import pytest
from marshmallow import ValidationError

import plugins.raynet as plugin
from plugins.raynet.manifest import RAYNET, RaynetSettings
from spojka import Connection, Hooks, Kind, Ring, Role, Way
from spojka.hooks import PROJECT

GIVEN = {"username": "api@example.com", "api_key": "crm-test-0001", "instance": "demo-crm"}
CONNECTION = Connection(id=1, settings={}, secrets={})


def hooks() -> Hooks:
    plugins = pluggy.PluginManager(PROJECT)
    plugins.add_hookspecs(Hooks)
    plugins.register(plugin)
    plugins.check_pending()
    return cast(Hooks, plugins.hook)


def event(**changes: object) -> dict[str, object]:
    data = {"entityName": "Person", "entityId": 1042, "extIds": None}
    return {"eventId": "0c5d", "type": "record.updated", "data": data, "source": {"name": "user"}, **changes}


def test_the_hooks_are_those_of_the_specification_and_describe_a_crm() -> None:
    manifest = hooks().describe()

    assert manifest is RAYNET
    assert manifest.roles == {Role.CRM}


def test_the_form_asks_in_the_order_of_the_pages_with_both_addresses_last() -> None:
    assert list(RaynetSettings().fields) == ["username", "api_key", "instance", "both_emails"]


def test_the_switch_of_R4_has_the_words_people_know() -> None:
    label = RaynetSettings().fields["both_emails"].metadata["label"]

    assert label.cs == "Přenášet obě e-mailové adresy z profilu kontaktu"


def test_the_form_says_where_to_find_each_value_in_both_languages() -> None:
    asked = [RaynetSettings().fields[name] for name in ("username", "api_key", "instance")]

    assert [bool(field.metadata["find"].cs and field.metadata["find"].en) for field in asked] == [True] * 3
    assert "Nastavení → Pro vývojáře → API klíče" in asked[1].metadata["find"].cs
    assert "Podpora → O aplikaci RAYNET CRM" in asked[2].metadata["find"].cs


def test_only_the_key_is_a_secret() -> None:
    assert [name for name, field in RaynetSettings().fields.items() if field.metadata["secret"]] == ["api_key"]


def test_R4_both_addresses_are_off_unless_asked_for() -> None:
    assert RaynetSettings().load(GIVEN)["both_emails"] is False


def test_spaces_that_came_along_with_a_pasted_value_are_dropped() -> None:
    loaded = RaynetSettings().load({**GIVEN, "api_key": " crm-test-0001\n", "instance": "demo-crm "})

    assert (loaded["api_key"], loaded["instance"]) == ("crm-test-0001", "demo-crm")


@pytest.mark.parametrize("missing", ["username", "api_key", "instance"])
def test_a_value_of_spaces_alone_is_refused(missing: str) -> None:
    with pytest.raises(ValidationError) as refused:
        RaynetSettings().load({**GIVEN, missing: "  "})

    assert list(cast(dict[str, object], refused.value.messages)) == [missing]


def test_R40_the_custom_fields_carry_the_names_of_the_rules() -> None:
    names = {field.key for field in RAYNET.fields if field.key.startswith("custom:")}

    assert names == {"custom:Vlastník", "custom:Stav", "custom:Vztah", "custom:Jazyk", "custom:Pozice"}


def test_R26_custom_fields_flow_in_alone_and_all_others_both_ways() -> None:
    ways = {field.key: field.way for field in RAYNET.fields}

    assert {key for key, way in ways.items() if way is Way.IN} == {key for key in ways if key.startswith("custom:")}


def test_R90_at_most_three_requests_at_once_and_the_allowance_is_read_from_the_headers() -> None:
    limits = RAYNET.limits

    assert (limits.at_once, limits.page, limits.ids) == (3, 1000, 1000)
    assert limits.allowance is not None
    assert limits.allowance.remaining == "X-Ratelimit-Remaining"


def test_R70_a_bell_names_the_record_to_look_at() -> None:
    assert hooks().on_bell(connection=CONNECTION, body=event()) == (Ring(Kind.PERSON, "1042"),)


def test_R80_a_deletion_is_told_as_one() -> None:
    body = event(type="record.deleted", data={"entityName": "Company", "entityId": 207})

    assert hooks().on_bell(connection=CONNECTION, body=body) == (Ring(Kind.COMPANY, "207", gone=True),)


@pytest.mark.parametrize("entity", ["BusinessCase", "Email", "MassEmail"])
def test_G4_other_entities_ring_for_nothing(entity: str) -> None:
    body = event(data={"entityName": entity, "entityId": 9})

    assert hooks().on_bell(connection=CONNECTION, body=body) == ()


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "record.updated",
        {},
        event(data=None),
        event(data=[1042]),
        event(type="record.archived"),
        event(type=["record.updated"]),
        event(data={"entityName": ["Person"], "entityId": 1042}),
        event(data={"entityName": "Person", "entityId": True}),
        event(data={"entityName": "Person", "entityId": "1042; drop"}),
        event(data={"entityName": "Person", "entityId": 10**30}),
    ],
)
def test_a_body_of_another_shape_rings_for_nothing(body: object) -> None:
    assert hooks().on_bell(connection=CONNECTION, body=body) == ()
