import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.contextvars import bound_contextvars, get_contextvars

from core.errors import Stopping
from core.real import NoCrash, RandomIds, SystemClock, SystemDice, ThreadCrew, crash_of, holder_name, is_dead, pid_of

PASSING = """
import os
from core.real import crash_of
crash = crash_of(os.environ)
for name in ("a.one", "a.two", "a.one", "a.two"):
    crash.point(name)
print("alive")
"""
HOLDER = "from core.real import holder_name; print(holder_name())"


def python(source: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", source]
    return subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)


def test_the_clock_is_aware() -> None:
    assert SystemClock().now().utcoffset() is not None


def test_who_is_asked_to_stop_waits_no_longer() -> None:
    halt = threading.Event()
    halt.set()

    with pytest.raises(Stopping):
        SystemClock(halt).sleep(3600)


def test_what_the_log_says_of_a_piece_of_work_holds_in_its_threads() -> None:
    with bound_contextvars(call="live_now 7"):
        found = ThreadCrew().each([get_contextvars, get_contextvars], 2)

    assert found == [{"call": "live_now 7"}, {"call": "live_now 7"}]


def test_ids_are_32_hexadecimal_digits_and_differ() -> None:
    ids = {RandomIds().new() for _ in range(100)}

    assert len(ids) == 100
    assert all(len(each) == 32 and int(each, 16) >= 0 for each in ids)


def test_dice_stay_between() -> None:
    assert all(1.0 <= SystemDice().between(1.0, 2.0) <= 2.0 for _ in range(100))


def test_a_crew_answers_in_the_order_asked() -> None:
    second_first = threading.Event()

    def slow() -> str:
        second_first.wait()
        return "slow"

    def quick() -> str:
        second_first.set()
        return "quick"

    assert ThreadCrew().each([slow, quick], 2) == ["slow", "quick"]


def test_a_crew_raises_the_first_error_after_all_have_ended() -> None:
    done: list[str] = []

    def failing(text: str) -> Callable[[], None]:
        def call() -> None:
            done.append(text)
            raise ValueError(text)

        return call

    with pytest.raises(ValueError, match="first"):
        ThreadCrew().each([failing("first"), failing("second"), lambda: done.append("third")], 1)

    assert done == ["first", "second", "third"]


def test_a_crew_without_calls_has_nothing_to_say() -> None:
    assert ThreadCrew().each([], 3) == []


def test_what_is_begun_goes_on_beside_the_caller() -> None:
    told = threading.Event()

    begun = ThreadCrew().begin(lambda: told.wait(5))
    told.set()

    assert begun.result(5)


def test_an_error_of_what_was_begun_is_raised_where_the_answer_is_taken() -> None:
    def fail() -> None:
        raise ValueError("beside")

    with pytest.raises(ValueError, match="beside"):
        ThreadCrew().begin(fail).result(5)


def test_in_production_points_are_passed() -> None:
    assert isinstance(crash_of({}), NoCrash)


def test_a_process_dies_at_the_named_passing_of_a_point(tmp_path: Path) -> None:
    log = tmp_path / "points"

    ended = python(PASSING, SPOJKA_CRASH_AT="a.one:2", SPOJKA_CRASH_LOG=str(log))

    assert (ended.returncode, ended.stdout) == (-9, "")
    assert log.read_text().splitlines() == ["a.one", "a.two", "a.one"]


def test_a_process_that_never_gets_there_lives(tmp_path: Path) -> None:
    ended = python(PASSING, SPOJKA_CRASH_AT="a.one:3")

    assert (ended.returncode, ended.stdout) == (0, "alive\n")


def test_points_are_written_down_without_dying(tmp_path: Path) -> None:
    log = tmp_path / "points"

    assert python(PASSING, SPOJKA_CRASH_LOG=str(log)).returncode == 0
    assert len(log.read_text().splitlines()) == 4


def test_R94_a_process_that_has_ended_is_dead() -> None:
    assert is_dead(python(HOLDER).stdout.strip())


def test_a_living_process_is_not_dead() -> None:
    assert not is_dead(holder_name())
    assert pid_of(holder_name()) == os.getpid()


def test_a_number_given_to_another_process_does_not_revive_the_dead() -> None:
    host, boot, pid, _, unique = holder_name().split(":")

    assert is_dead(f"{host}:{boot}:{pid}:1:{unique}")


@pytest.mark.parametrize("part", [0, 1])
def test_nobody_is_declared_dead_from_afar(part: int) -> None:
    parts = python(HOLDER).stdout.strip().split(":")
    parts[part] = "elsewhere"

    assert not is_dead(":".join(parts))


@pytest.mark.parametrize("holder", ["", "refused login", "a:b:c:d:e", "somewhere"])
def test_names_of_another_form_are_not_judged(holder: str) -> None:
    assert not is_dead(holder)
