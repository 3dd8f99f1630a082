"""From a bell to the profile: how long an edit in the CRM takes into the list, with and without a backfill beside it.

    python -m benchmarks.latency [--contacts 100000] [--bells 60] [--edits 10]

`spojka up` with its two workers, SQLite, both sandboxes. A bell rings every second, each after so many edits of records
that one connection has carried over. In the second half another connection begins, whose first run fills an embedded
list with all contacts, in the same database. A time runs from the edits until the list's vendor has taken them.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.idle import CREATE, SETTLE_SECONDS, environment, spojka, up
from benchmarks.measuring import Failed, Vendor

WANTED_SECONDS = 2.0
PATIENCE = 60.0
QUIET, BUSY = "nothing beside it", "a backfill beside it"


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from an edit to the profile; `beside`: until the backfill of `contacts` had ended, too."""

    seconds: dict[str, list[float]]
    beside: float
    contacts: int


def benchmark(contacts: int, bells: int, edits: int) -> Times:
    """Everything. Raises Failed where an edit did not arrive."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Vendor("raynet", contacts) as crm,
        Vendor("ecomail", contacts) as mail,
    ):
        mail.ask("fill", [])
        environ = environment(folder, crm, mail)
        with up(environ):
            spojka(environ, *CREATE)
            spojka(environ, "drain", "--timeout", "600")
            known = crm.ask("known", mail.ask("members"), 2 * bells * edits)
            mail.ask("watch")
            time.sleep(SETTLE_SECONDS)
            found = {QUIET: _rung(crm, mail, known[: bells * edits], bells)}
            begun = time.time()
            spojka(environ, *CREATE[: CREATE.index("--audience")], "--audience", "local", "--list", "Vedle")
            found[BUSY] = _rung(crm, mail, known[bells * edits :], bells)
            spojka(environ, "drain", "--timeout", "600")
        return Times(found, time.time() - begun, contacts)


def _rung(crm: Vendor, mail: Vendor, ids: Sequence[int], bells: int) -> list[float]:
    """A bell a second; the seconds that each edit took. Raises Failed."""
    each, asked = len(ids) // bells, {}
    for number in range(bells):
        next_at = time.time() + 1
        name = f"Jana{time.time_ns()}"
        at, emails = crm.ask("ring", ids[number * each : (number + 1) * each], name)
        asked |= {(email, name): at for email in emails}
        time.sleep(max(0.0, next_at - time.time()))
    end = time.time() + PATIENCE
    while True:
        seen = {(email, name): at for email, name, at in mail.ask("seen")}
        if asked.keys() <= seen.keys():
            return [seen[key] - at for key, at in asked.items()]
        if time.time() > end:
            raise Failed(f"{len(asked.keys() - seen.keys())} of {len(asked)} edits did not arrive.")
        time.sleep(0.5)


def printed(found: Times) -> str:
    """A table, as it stands in the README."""
    rows = [
        f"| {name} | {len(took)} | {statistics.median(took):.2f} | {statistics.quantiles(took, n=100)[98]:.2f} "
        f"| {max(took):.2f} |"
        for name, took in found.seconds.items()
    ]
    head = ["| bells with | edits | median s | p99 s | longest s |", "|---|---:|---:|---:|---:|"]
    beside = f"The backfill of {found.contacts} contacts had ended after {found.beside:.0f} s."
    return "\n".join([*head, *rows, "", f"{beside} Wanted: p99 under {WANTED_SECONDS} s."])


def main() -> None:
    parser = argparse.ArgumentParser(description="From a bell to the profile.")
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--bells", type=int, default=60)
    parser.add_argument("--edits", type=int, default=10, help="how many before each bell")
    given = parser.parse_args()
    print(printed(benchmark(given.contacts, given.bells, given.edits)))


if __name__ == "__main__":
    main()
