"""The benchmark still works. How much of a core anything takes is its own business, not this test's."""

from benchmarks.idle import benchmark, printed


def test_the_benchmark_of_a_short_while_names_every_part() -> None:
    found = benchmark(seconds=0.5, contacts=20)

    assert {part.split(" ")[0] for part in found} == {"up", "web", "worker", "scheduler", "redis"}
    assert "| together |" in printed(found, 0.5)
