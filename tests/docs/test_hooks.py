import inspect
import re

import pytest

from spojka import API_VERSION, Hooks
from tests.support.documents import text

PLUGINS = text("docs/plugins.md")
HOOKS = {name: hook for name, hook in vars(Hooks).items() if not name.startswith("_")}


def test_the_hooks_of_the_contract_keep_their_names() -> None:
    assert {"on_contact_in", "on_campaign_activity", "on_automation_tag"} <= HOOKS.keys()


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_with_what_it_is_given(name: str) -> None:
    given = [each for each in inspect.signature(HOOKS[name]).parameters if each != "self"]

    assert re.search(rf"^\| `{name}\({', '.join(given)}\)` \|", PLUGINS, re.MULTILINE)


def test_no_hook_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `(\w+)\([\w, ]*\)` \|", PLUGINS, re.MULTILINE)) == HOOKS.keys()


def test_the_version_of_the_api_is_the_documented_one() -> None:
    assert f"`spojka.API_VERSION` is {API_VERSION}." in PLUGINS
