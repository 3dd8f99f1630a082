"""The benchmark still works. How long anything takes is its own business, not this test's."""

from benchmarks.latency import BUSY, QUIET, benchmark, printed


def test_the_benchmark_of_a_few_bells_gives_a_time_for_each_edit() -> None:
    found = benchmark(contacts=120, bells=2, edits=2)

    assert {name: len(took) for name, took in found.seconds.items()} == {QUIET: 4, BUSY: 4}
    assert "The backfill of 120 contacts" in printed(found)
