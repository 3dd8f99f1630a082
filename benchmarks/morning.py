"""A morning run with many changed lines, Spojka beside a plain script that makes the same calls.

    python -m benchmarks.morning [--contacts 50000] [--rounds 3] [--database URL]

A campaign went to the whole list, and every fourth contact has opened it. A round is: a fresh installation whose first
run has ended, the script's morning, Spojka's (`spojka daily 1`), and Spojka's once more, which has nothing to write.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.backfill import SYNC, Different, Stage, installed
from benchmarks.measuring import PROGRAM, Measured, Vendor, measured

SCRIPT = (sys.executable, "-m", "benchmarks.morning_script")
DAILY = (PROGRAM, "daily", "1", "--json")
OPENED = 4
"""Of so many recipients one has opened the campaign."""
BY_SCRIPT, OURS, AGAIN = "script", "Spojka", "Spojka, nothing new"
WANTED = 2.0


def play(stage: Stage, database: str) -> int:
    """One round; how many lines were written. Raises Different."""
    stage.reset()
    with installed(stage, database) as environ:
        measured(SYNC, environ)
        stage.ecomail.ask("campaign", OPENED)
        stage.raynet.ask("history")
        stage.run(BY_SCRIPT, SCRIPT, stage.environ)
        by_script = stage.raynet.ask("history")
        result = stage.run(OURS, DAILY, environ)
        stage.run(AGAIN, DAILY, environ)
        by_spojka = stage.raynet.ask("history")
    # Whom the CRM does not know it stores for nobody; an address of two records is stored for both.
    if result["status"] != "done" or by_spojka != by_script:
        raise Different(f"{by_spojka} recipients stand in the history, {by_script} by the script: {result}.")
    return int(result["activities_written"])


def benchmark(contacts: int, rounds: int, database: str) -> tuple[int, Mapping[str, Sequence[Measured]]]:
    """Lines written, and what was measured."""
    with (
        tempfile.TemporaryDirectory(prefix="spojka-morning-") as folder,
        Vendor("raynet", contacts) as raynet,
        Vendor("ecomail", contacts) as ecomail,
    ):
        ecomail.ask("fill", [])
        stage = Stage(raynet, ecomail, Path(folder))
        lines = [play(stage, database) for _ in range(rounds)]
        return lines[-1], stage.runs


def printed(database: str, lines: int, runs: Mapping[str, Sequence[Measured]]) -> str:
    """A table, as it stands in the README."""
    rounds = len(runs[OURS])
    ratios = [ours.wall / script.wall for ours, script in zip(runs[OURS], runs[BY_SCRIPT], strict=True)]
    head = [
        f"{lines} lines, {'PostgreSQL' if database else 'SQLite'}, {rounds} rounds, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}",
        "",
        "| run | wall s | CPU s | peak MiB |",
        "|---|---:|---:|---:|",
    ]
    rows = [
        f"| {name} | {_middle(one.wall for one in found):.2f} | {_middle(one.cpu for one in found):.2f} "
        f"| {_middle(one.peak for one in found):.1f} |"
        for name, found in runs.items()
    ]
    return "\n".join([*head, *rows, "", f"Median ratio: {statistics.median(ratios):.2f}, wanted {WANTED}."])


def _middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def main() -> None:
    parser = argparse.ArgumentParser(description="A morning run beside a plain script, against the sandbox.")
    parser.add_argument("--contacts", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", default="", help="a database of a PostgreSQL server; SQLite without it")
    given = parser.parse_args()
    lines, runs = benchmark(given.contacts, given.rounds, given.database)
    print(printed(given.database, lines, runs))


if __name__ == "__main__":
    main()
