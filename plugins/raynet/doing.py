"""Writing into Raynet, a few requests at a time, and what became of each (R92)."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from threading import Event
from typing import TypeVar

from plugins.raynet.answers import opened
from plugins.raynet.client import RaynetCrm
from spojka import Answer, Busy, Json, Malformed, Outcome, Refused, Rejected, SpojkaError, Unreachable

T = TypeVar("T")
NOT_SENT = "Raynet could not be written to any more. It is tried again by itself."


def carried_out(
    crm: RaynetCrm,
    items: Sequence[T],
    key: Callable[[T], str],
    do: Callable[[T], Outcome],
    apart: Callable[[T], Hashable] | None = None,
) -> tuple[Outcome, ...]:
    """An outcome for each item. Raises Refused, Busy, Unreachable if that happens before anything was sent.

    What Raynet refuses fails alone; an answer that was lost is unknown; after a refused login, a used-up allowance or
    a lost answer nothing more is begun, so that the rest is worth another try. Items of which `apart` says the same are
    carried out one after the other.
    """
    over, groups = Event(), dict[Hashable, list[int]]()
    for place, item in enumerate(items):
        groups.setdefault(place if apart is None else apart(item), []).append(place)
    ends: dict[int, Outcome | SpojkaError] = {}

    def work(places: Sequence[int]) -> None:
        for place in places:
            if over.is_set():
                return
            ends[place] = _end(partial(do, items[place]), key(items[place]), over)

    crm.each([partial(work, places) for places in groups.values()])
    stopped = [end for end in ends.values() if isinstance(end, SpojkaError)]
    if stopped and all(isinstance(end, SpojkaError) and not is_lost(end) for end in ends.values()):
        raise stopped[0]
    return tuple(_outcome(ends.get(place), key(item)) for place, item in enumerate(items))


def _end(do: Callable[[], Outcome], key: str, over: Event) -> Outcome | SpojkaError:
    try:
        return do()
    except Rejected as error:
        return Outcome(key, False, error=str(error))
    except (Refused, Busy, Unreachable, Malformed) as error:
        over.set()
        return error


def _outcome(end: Outcome | SpojkaError | None, key: str) -> Outcome:
    if isinstance(end, Outcome):
        return end
    if end is None:
        return Outcome(key, False, passing=True, error=NOT_SENT)
    lost = is_lost(end)
    return Outcome(key, False, unknown=lost, passing=not lost, error=str(end))


def is_lost(error: SpojkaError) -> bool:
    """Whether the request may have been carried out all the same."""
    return isinstance(error, Malformed) or (isinstance(error, Unreachable) and error.sent)


def accepted(answer: Answer, asked: str) -> Json:
    """A change that Raynet took; what it says about it, None where it says nothing. Raises what `opened` does."""
    if 200 <= answer.status < 300 and not answer.body.strip():
        return None
    return opened(answer, asked)


def repeated(outcome: Outcome, keys: Sequence[str]) -> list[Outcome]:
    """What became of a request that many things went out in, for each of them."""
    return [replace(outcome, key=key) for key in keys]
