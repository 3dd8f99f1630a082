"""The benchmark still works. How long anything takes is its own business, not this test's."""

from benchmarks.backfill import benchmark
from benchmarks.report import ORDER, printed


def test_the_benchmark_of_a_few_hundred_contacts_gives_every_figure() -> None:
    found = benchmark(contacts=300, rounds=1, database="")

    assert tuple(run.name for run in found.runs) == ORDER
    assert all(line in printed(found) for line in ("300 contacts, SQLite, 1 rounds", "First run:", "Second run:"))
