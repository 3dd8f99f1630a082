import re

import pytest

from plugins.ecomail.sandbox import EcomailEmulator
from plugins.raynet.sandbox import RaynetEmulator
from spojka.emulator import Emulator
from tests.support.documents import text

SANDBOX = text("docs/sandbox.md")
PARTS = {
    RaynetEmulator: SANDBOX.partition("\nRaynet (")[2].partition("\nEcomail (")[0],
    EcomailEmulator: SANDBOX.partition("\nEcomail (")[2].partition("\n## ")[0],
}


@pytest.mark.parametrize("emulator", PARTS)
def test_every_switch_of_an_emulator_is_documented_and_no_other(emulator: type[Emulator]) -> None:
    named = re.findall(r"^\| ([^|]+) \|", PARTS[emulator], re.MULTILINE)

    assert {name for row in named for name in re.findall(r"`(\w+)`", row)} == emulator.SWITCHES.keys()


def test_every_kind_of_fault_is_documented() -> None:
    shown = SANDBOX.partition("## Faults")[2]

    assert set(re.findall(r"^\| `(\w+)` \|", shown, re.MULTILINE)) == {"status", "drop", "lose", "slow"}
