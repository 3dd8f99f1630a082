"""How near writing into a CRM that answers slowly comes to what its limit of open requests allows.

    python -m benchmarks.pace [--edits 900] [--milliseconds 150]

Somebody edits so many contacts of the list, and `spojka sync 1` carries them into the CRM, one request each. Three
requests may be open together, so that the CRM takes at most three every 150 ms. What is measured is the vendor's own
log, from the first edit that it stored to the last.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.backfill import SYNC, Different, Stage, installed
from benchmarks.measuring import PROGRAM, Vendor, measured

AT_ONCE = 3
WANTED = 0.9
CHANGES = (PROGRAM, "sync", "1", "--json")


@dataclass(frozen=True, slots=True)
class Pace:
    """Edits that the vendor stored, in how many seconds, and how many it had time for."""

    edits: int
    seconds: float
    possible: float

    @property
    def share(self) -> float:
        """Of what was possible."""
        return self.edits / self.seconds / self.possible


def benchmark(edits: int, milliseconds: int) -> Pace:
    """Everything. Raises Different where not all edits arrived."""
    contacts = edits * 5 // 4 + 100
    with (
        tempfile.TemporaryDirectory(prefix="spojka-pace-") as folder,
        Vendor("raynet", contacts) as raynet,
        Vendor("ecomail", contacts) as ecomail,
    ):
        ecomail.ask("fill", [])
        stage = Stage(raynet, ecomail, Path(folder))
        stage.reset()
        with installed(stage, "") as environ:
            measured([PROGRAM, "connections", "set", "1", f"brake_edits={10 * edits}"], environ)
            measured(SYNC, environ)
            ecomail.ask("edit", edits)
            raynet.ask("late", milliseconds)
            measured(CHANGES, environ)
        stored, seconds = raynet.ask("pace")
        # Two addresses of one record ask for the same, which goes out once.
        if stored < edits * 9 // 10:
            raise Different(f"{stored} of {edits} edits arrived.")
        return Pace(stored, seconds, AT_ONCE / (milliseconds / 1000))


def printed(found: Pace) -> str:
    """A sentence, as it stands in the README."""
    return (
        f"{found.edits} edits in {found.seconds:.1f} s, {found.edits / found.seconds:.1f} a second of at most "
        f"{found.possible:.1f}: {found.share:.2f}, wanted {WANTED}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Writing into a slow CRM beside what its limit allows.")
    parser.add_argument("--edits", type=int, default=900)
    parser.add_argument("--milliseconds", type=int, default=150, help="how long each answer takes")
    given = parser.parse_args()
    print(printed(benchmark(given.edits, given.milliseconds)))


if __name__ == "__main__":
    main()
