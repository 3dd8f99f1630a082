"""The benchmarks of the way back still work. How long anything takes is their own business, not these tests'."""

from benchmarks import morning, pace


def test_the_benchmark_of_a_small_morning_names_every_run() -> None:
    lines, runs = morning.benchmark(contacts=200, rounds=1, database="")

    assert (lines > 0, list(runs)) == (True, [morning.BY_SCRIPT, morning.OURS, morning.AGAIN])
    assert "Median ratio:" in morning.printed("", lines, runs)


def test_the_benchmark_of_a_few_edits_says_what_was_possible() -> None:
    found = pace.benchmark(edits=6, milliseconds=10)

    assert (found.edits > 0, found.possible) == (True, 300.0)
    assert " edits in " in pace.printed(found)
