"""What a plugin ships so that people can try it out: an emulator with invented contents, and how to connect to it.

Found through the entry point group `spojka.sandboxes`: the plugin's name -> a function without arguments that gives it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spojka.emulator import Emulator


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An emulator to try things out with.

    `path` is where its API begins below its address, `page` where people look at it. `settings` are the values that the
    plugin's connect form wants; `contact_list` names a list to fill, of an audience.
    """

    emulator: Emulator
    path: str = ""
    page: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    contact_list: str = ""
