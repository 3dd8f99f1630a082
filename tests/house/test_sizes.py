"""Small and whole: functions on one screen, files in one sitting."""

from itertools import chain
from statistics import median, quantiles

from tests.support.house import ROOMS, functions, lines, sources

LONGEST_FILE, LONGEST_FUNCTION = 400, 40
USUAL, NINE_IN_TEN = 12, 25


def test_no_file_is_longer_than_a_sitting() -> None:
    long = {str(path): lines(path) for path in sources(*ROOMS, "tests", "benchmarks") if lines(path) > LONGEST_FILE}

    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path}: {name} has {length} lines"
        for path in sources(*ROOMS, "tests", "benchmarks")
        for name, length in functions(path)
        if length > LONGEST_FUNCTION
    ]

    assert long == []


def test_functions_are_usually_a_thought_long() -> None:
    lengths = [length for _, length in chain.from_iterable(functions(path) for path in sources(*ROOMS))]

    assert median(lengths) <= USUAL
    assert quantiles(lengths, n=10)[-1] <= NINE_IN_TEN
