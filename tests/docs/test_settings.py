import ast
import re

import pytest

from core.doctor import VARIABLES
from core.policy_settings import ConnectionSettings
from core.registry import load
from tests.support.documents import text

OPERATIONS = text("docs/operations.md")
CONNECTION = OPERATIONS.partition("## Settings of a connection")[2].partition("\n## ")[0]
ENVIRONMENT = OPERATIONS.partition("## Settings of the environment")[2].partition("\n## ")[0]
VARIABLE = re.compile(r"[A-Z]+(_[A-Z]+)+")


def read_by_the_settings() -> set[str]:
    """Names of variables in the code that reads them."""
    tree = ast.parse(text("core/settings.py"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {word for word in words if VARIABLE.fullmatch(word)}


def documented(part: str) -> dict[str, str]:
    """The rows of a table: name -> default."""
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) ?\|", part, re.MULTILINE))


def test_every_variable_of_the_environment_is_documented() -> None:
    registry = load()
    bases = {registry.manifest(name).base_url_env for name in registry.names()} - {""}

    assert documented(ENVIRONMENT).keys() == read_by_the_settings() | bases


def test_doctor_checks_every_variable() -> None:
    assert {*VARIABLES, "SPOJKA_HOME"} == read_by_the_settings()


def test_every_setting_of_a_connection_is_documented_and_no_other() -> None:
    assert documented(CONNECTION).keys() == ConnectionSettings().fields.keys()


@pytest.mark.parametrize("name", ConnectionSettings().fields)
def test_the_default_of_a_setting_is_the_documented_one(name: str) -> None:
    default = ConnectionSettings().fields[name].load_default
    shown = {True: "on", False: "off"}.get(default, str(default)) if isinstance(default, bool) else str(default)

    assert documented(CONNECTION)[name].strip("` ") == shown


@pytest.mark.parametrize("plugin", ["raynet", "ecomail"])
def test_the_settings_of_a_shipped_plugin_are_named(plugin: str) -> None:
    asked = load().manifest(plugin).settings().fields

    assert [name for name in asked if f"`{name}`" not in CONNECTION] == []


def test_the_address_of_a_vendor_is_the_documented_one() -> None:
    registry = load()
    shown = documented(ENVIRONMENT)

    for name in ("raynet", "ecomail"):
        manifest = registry.manifest(name)
        assert shown[manifest.base_url_env] == f"`{manifest.base_url}`"
