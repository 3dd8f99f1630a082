"""How Ecomail describes itself."""

from plugins import ecomail
from spojka import Connection, Role, Scope, Std
from tests.support.wsgi_http import WsgiHttp


def test_ecomail_is_an_audience_whose_person_belongs_to_the_account() -> None:
    manifest = ecomail.describe()
    assert (manifest.name, manifest.roles, manifest.tags_scope) == (
        "ecomail",
        frozenset({Role.AUDIENCE}),
        Scope.ACCOUNT,
    )
    assert manifest.scopes == {std.value: Scope.ACCOUNT for std in Std}
    assert manifest.unsaid == {"pretitle", "surtitle", "street", "zip", "birthday"}


def test_the_form_asks_for_the_key_alone_and_says_where_it_is() -> None:
    schema = ecomail.describe().settings()
    assert list(schema.fields) == ["api_key"]
    assert schema.fields["api_key"].metadata["secret"] is True
    assert "Pro vývojáře" in schema.fields["api_key"].metadata["find"].cs


def test_the_key_is_in_no_repr() -> None:
    connection = Connection(1, {}, {"api_key": "s3cret"})
    audience = ecomail.open_audience(connection, WsgiHttp("https://api2.ecomailapp.cz/", lambda *_: []))
    assert "s3cret" not in repr(audience) + repr(connection)
