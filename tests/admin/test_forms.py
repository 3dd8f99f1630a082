import pytest
from flask import Flask
from marshmallow import fields

from core.admin import forms
from core.admin.forms import Control
from spojka import SettingsSchema, Text, choice, secret, switch, text
from tests.support.admin_house import House


class AcmeSettings(SettingsSchema):
    """A plugin that the house has never heard of."""

    site = text(label=Text(cs="Web", en="Site"), find=Text(cs="V patičce.", en="In the footer."))
    token = secret(label=Text(cs="Token", en="Token"))
    size = choice(label=Text(cs="Velikost", en="Size"), options=(("s", Text(cs="malá", en="small")),))
    loud = switch(label=Text(cs="Nahlas", en="Loud"), default=True)
    note = text(label=Text(cs="Poznámka", en="Note"), default="")
    count = fields.Integer(load_default=3)


@pytest.fixture
def app(house: House) -> Flask:
    return house.app


def test_a_form_comes_from_the_schema_alone(app: Flask) -> None:
    with app.test_request_context():
        drawn = forms.inputs(AcmeSettings, forms.defaults(AcmeSettings), {}, "crm.")

    assert [(shown.name, shown.label, shown.control, shown.value) for shown in drawn] == [
        ("crm.site", "Web", Control.TEXT, ""),
        ("crm.token", "Token", Control.SECRET, ""),
        ("crm.size", "Velikost", Control.CHOICE, "s"),
        ("crm.loud", "Nahlas", Control.SWITCH, "true"),
        ("crm.note", "Poznámka", Control.TEXT, ""),
        ("crm.count", "count", Control.NUMBER, "3"),
    ]


def test_what_was_typed_becomes_values_of_the_schemas_types(app: Flask) -> None:
    sent = {"crm.site": " acme.cz ", "crm.token": "abc", "crm.size": "s", "crm.note": "", "crm.count": "7"}
    with app.test_request_context():
        values, errors = forms.checked(AcmeSettings, forms.typed(AcmeSettings, sent, "crm."))

    assert errors == {}
    assert values == {"site": "acme.cz", "token": "abc", "size": "s", "loud": False, "note": "", "count": 7}


def test_each_wrong_value_has_its_sentence(app: Flask) -> None:
    typed = {"site": "", "token": "x" * 501, "size": "xl", "loud": True, "note": "", "count": "sedm"}
    with app.test_request_context():
        _, errors = forms.checked(AcmeSettings, typed)

    assert errors == {
        "site": "Vyplňte pole Web.",
        "token": "Token: nejvýše 500 znaků, zkraťte to.",
        "size": "Velikost: vyberte jednu z nabízených možností.",
        "count": "count: napište celé číslo.",
    }


def test_a_saved_secret_may_stay_empty(app: Flask) -> None:
    with app.test_request_context():
        values, errors = forms.checked(AcmeSettings, {"site": "acme.cz", "token": ""}, frozenset({"token"}))

    assert errors == {}
    assert "token" not in values


@pytest.mark.parametrize(("secret_", "shown"), [("crm-test-0001", "0001"), ("short", ""), ("", "")])
def test_only_a_long_secret_is_told_by_its_ending(secret_: str, shown: str) -> None:
    assert forms.ending(secret_) == shown
