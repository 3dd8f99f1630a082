"""`spojka plugins …`"""

from typing import Any

import click

from core.cli.common import json_option, print_json, print_lines, world
from core.registry import Broken
from spojka import Manifest


@click.group("plugins")
def command() -> None:
    """The catalogue of plugins."""


@command.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """What is installed, and what of it can't be used."""
    registry = world().registry
    found = [_usable(registry.manifest(name)) for name in registry.names()] + [
        _broken(each) for each in registry.broken
    ]
    if as_json:
        return print_json(found)
    return print_lines(
        each["problem"] or f"{each['name']}  {each['label']}  ({', '.join(each['roles'])})" for each in found
    )


def _usable(manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "label": manifest.label.en,
        "roles": sorted(role.value for role in manifest.roles),
        "kinds": [kind.value for kind in manifest.kinds],
        "settings": list(manifest.settings().fields),
        "usable": True,
        "problem": "",
    }


def _broken(broken: Broken) -> dict[str, Any]:
    empty: dict[str, Any] = {"label": broken.name, "roles": [], "kinds": [], "settings": []}
    return {"name": broken.name, **empty, "usable": False, "problem": broken.sentence}
