from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from core.registry import Registry, UnknownPlugin, load
from spojka import Field, Manifest, Role, Std, Text, Way, hookimpl
from tests.support.outgoing import a_manifest
from tests.support.plugins import Telling

PHONE = Field(Std.PHONE, Way.BOTH, Text(cs="Telefon", en="Phone"))

GOOD = """
from spojka import hookimpl
from tests.support.outgoing import a_manifest

@hookimpl
def describe():
    return a_manifest(name={name!r})

@hookimpl
def open_crm(connection, http):
    return object()

@hookimpl
def on_contact_in(connection, record):
    return record
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def point(folder: Path, name: str, source: str) -> EntryPoint:
    module = f"a_plugin_{folder.parent.name.replace('-', '_')}_{folder.name}_{name}"
    (folder / f"{module}.py").write_text(source)
    return EntryPoint(name, module, "spojka.plugins")


def sentence(registry: Registry) -> str:
    (broken,) = registry.broken
    return broken.sentence


def test_plugins_are_found_by_name_and_role(folder: Path) -> None:
    registry = load([point(folder, "zeta", GOOD.format(name="zeta")), point(folder, "acme", GOOD.format(name="acme"))])

    assert registry.broken == ()
    assert registry.names(Role.CRM) == ("acme", "zeta")
    assert registry.names("crm") == ("acme", "zeta")
    assert registry.names(Role.AUDIENCE) == ()
    assert registry.manifest("acme").name == "acme"
    assert registry.caller("acme").name == "acme"


def test_R93_a_broken_plugin_takes_no_other_with_it(folder: Path) -> None:
    registry = load(
        [
            point(folder, "acme", GOOD.format(name="acme")),
            point(folder, "raises", "raise RuntimeError('at import')"),
            point(folder, "syntax", "def ("),
            EntryPoint("missing", "there_is_no_such_module", "spojka.plugins"),
        ]
    )

    assert registry.names() == ("acme",)
    assert [broken.name for broken in registry.broken] == ["missing", "raises", "syntax"]
    assert "it can't be imported (RuntimeError in a_plugin_" in registry.broken[1].sentence


def test_a_hook_of_one_plugin_never_answers_for_another(folder: Path) -> None:
    bell = "\n@hookimpl\ndef on_bell(connection, body):\n    raise RuntimeError\n"
    registry = load(
        [point(folder, "acme", GOOD.format(name="acme")), point(folder, "zeta", GOOD.format(name="zeta") + bell)]
    )

    assert registry.caller("acme").on_bell(None, {}) == ()  # type: ignore[arg-type]  # no connection is looked at


def test_a_misspelt_hook_is_named(folder: Path) -> None:
    misspelt = "\n@hookimpl\ndef on_contact_inn(connection, record):\n    pass\n"

    registry = load([point(folder, "acme", GOOD.format(name="acme") + misspelt)])

    assert sentence(registry) == "The plugin acme can't be used: unknown hook 'on_contact_inn'."


def test_a_misspelt_argument_is_named(folder: Path) -> None:
    registry = load(
        [point(folder, "acme", GOOD.format(name="acme").replace("connection, record", "conection, record"))]
    )

    assert "'conection'" in sentence(registry)


class Describing(Telling):
    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer

    @hookimpl
    def describe(self) -> Manifest:
        return self.answer  # type: ignore[return-value]  # nonsense on purpose


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"name": "acme"}, "describe answers dict, not a Manifest"),
        (None, "describe answers NoneType, not a Manifest"),
        (a_manifest(api_version=2), "made for API version 2, this is 1"),
        (a_manifest(name="other"), "its manifest calls it other"),
        (a_manifest(roles=frozenset()), "names no role"),
        (a_manifest(settings=object), "no marshmallow schema"),
        (a_manifest(fields=(PHONE, PHONE)), "maps one field twice"),
        (a_manifest(kinds=()), "names no kind of record"),
    ],
)
def test_a_wrong_manifest_is_told_in_one_sentence(answer: object, why: str) -> None:
    registry = Registry()

    registry.add("acme", Describing(answer))

    assert why in sentence(registry)
    assert registry.names() == ()


def test_a_role_needs_its_hooks(folder: Path) -> None:
    source = (
        GOOD.format(name="acme").replace("def open_crm", "def on_bell").replace("connection, http", "connection, body")
    )

    registry = load([point(folder, "acme", source)])

    assert "as crm it needs open_crm" in sentence(registry)


def test_a_plugin_that_cannot_describe_itself_is_broken() -> None:
    class Failing(Telling):
        @hookimpl
        def describe(self) -> Manifest:
            raise KeyError("name")

    registry = Registry()
    registry.add("acme", Failing())

    assert "it can't describe itself (KeyError in test_loading.py line" in sentence(registry)


def test_a_plugin_whose_attributes_raise_is_broken() -> None:
    class Thorny(Telling):
        def __dir__(self) -> list[str]:
            raise RuntimeError

    registry = Registry()
    registry.add("acme", Thorny())

    assert "its hooks can't be read" in sentence(registry)


def test_of_two_plugins_with_one_name_the_first_stays() -> None:
    registry = Registry()
    registry.add("acme", Telling())
    first = registry.caller("acme")

    registry.add("acme", Telling(), "acme-again")

    assert registry.caller("acme") is first
    assert (registry.broken[0].distribution, registry.broken[0].name) == ("acme-again", "acme")


def test_an_unknown_plugin_is_told_with_what_there_is() -> None:
    registry = Registry()
    registry.add("acme", Telling())

    with pytest.raises(UnknownPlugin, match=r"no plugin hubspot\. Installed are: acme\."):
        registry.caller("hubspot")


def test_a_broken_plugin_says_why_when_it_is_asked_for() -> None:
    registry = Registry()
    registry.add("acme", Describing(None))

    with pytest.raises(UnknownPlugin, match="can't be used: describe answers NoneType"):
        registry.manifest("acme")
