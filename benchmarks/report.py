"""What the measurements come to: medians, ratios, and a table of them."""

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measuring import Measured

ORDER = (
    *("sandbox alone, first", "script, first", "Spojka, first"),
    *("sandbox alone, second", "script, second", "Spojka, second"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """Medians of one kind of run; `served` are the seconds of a core that the sandboxes took meanwhile."""

    name: str
    wall: float
    cpu: float
    peak: float
    served: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a report says. `load` is the machine's, of the last minute, when all was done."""

    contacts: int
    database: str
    rounds: int
    cores: int
    load: float
    runs: tuple[Run, ...]
    first_wall: float
    first_cpu: float
    second_wall: float
    second_cpu: float


def figures(
    contacts: int, database: str, runs: Mapping[str, Sequence[Measured]], served: Mapping[str, Sequence[float]]
) -> Figures:
    """Medians of the rounds; ratios are Spojka's medians by the script's."""
    found = {name: _run(name, runs[name], served[name]) for name in ORDER}
    ours = {which: found[f"Spojka, {which}"] for which in ("first", "second")}
    theirs = {which: found[f"script, {which}"] for which in ("first", "second")}
    return Figures(
        contacts=contacts,
        database="PostgreSQL" if database else "SQLite",
        rounds=len(runs[ORDER[0]]),
        cores=os.cpu_count() or 1,
        load=round(os.getloadavg()[0], 1),
        runs=tuple(found.values()),
        first_wall=round(ours["first"].wall / theirs["first"].wall, 2),
        first_cpu=round(ours["first"].cpu / theirs["first"].cpu, 2),
        second_wall=round(ours["second"].wall / theirs["second"].wall, 2),
        second_cpu=round(ours["second"].cpu / theirs["second"].cpu, 2),
    )


def _run(name: str, measured: Sequence[Measured], served: Sequence[float]) -> Run:
    return Run(
        name,
        round(statistics.median(one.wall for one in measured), 2),
        round(statistics.median(one.cpu for one in measured), 2),
        round(statistics.median(one.peak for one in measured), 1),
        round(statistics.median(served), 2),
    )


def printed(found: Figures) -> str:
    """A table, as it stands in the README."""
    lines = [
        f"{found.contacts} contacts, {found.database}, {found.rounds} rounds, {found.cores} cores, load {found.load}",
        "",
        "| run | wall s | CPU s | peak MiB | sandbox CPU s |",
        "|---|---:|---:|---:|---:|",
        *(f"| {one.name} | {one.wall} | {one.cpu} | {one.peak} | {one.served} |" for one in found.runs),
        "",
        f"First run: {found.first_wall} times the script's wall time, {found.first_cpu} times its CPU.",
        f"Second run: {found.second_wall} times the script's wall time, {found.second_cpu} times its CPU.",
    ]
    return "\n".join(lines)
