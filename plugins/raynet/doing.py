"""Writing into Raynet one thing after the other, and what became of each (R92)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from plugins.raynet.answers import opened
from spojka import Answer, Busy, Json, Malformed, Outcome, Refused, Rejected, SpojkaError, Unreachable

T = TypeVar("T")
NOT_SENT = "Raynet could not be written to any more. It is tried again by itself."


def one_after_the_other(items: Sequence[T], key: Callable[[T], str], do: Callable[[T], Outcome]) -> tuple[Outcome, ...]:
    """An outcome for each item. Raises Refused, Busy, Unreachable if that happens before anything was sent.

    What Raynet refuses fails alone; an answer that was lost is unknown; after a refused login, a used-up allowance or
    a lost answer nothing more is sent, so that the rest is worth another try.
    """
    done: list[Outcome] = []
    for item in items:
        try:
            done.append(do(item))
        except Rejected as error:
            done.append(Outcome(key(item), False, error=str(error)))
        except (Refused, Busy, Unreachable, Malformed) as error:
            lost = is_lost(error)
            if not done and not lost:
                raise
            done.append(Outcome(key(item), False, unknown=lost, passing=not lost, error=str(error)))
            break
    rest = Outcome("", False, passing=True, error=NOT_SENT)
    return (*done, *(replace(rest, key=key(item)) for item in items[len(done) :]))


def is_lost(error: SpojkaError) -> bool:
    """Whether the request may have been carried out all the same."""
    return isinstance(error, Malformed) or (isinstance(error, Unreachable) and error.sent)


def accepted(answer: Answer, asked: str) -> Json:
    """A change that Raynet took; what it says about it, None where it says nothing. Raises what `opened` does."""
    if 200 <= answer.status < 300 and not answer.body.strip():
        return None
    return opened(answer, asked)
