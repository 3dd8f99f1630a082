"""How long a plugin may think. One that never answers harms its own connection alone (R93)."""

import threading
from collections.abc import Callable
from typing import TypeVar

from core.registry.faults import PluginFault

T = TypeVar("T")
THINK_SECONDS = 120.0
"""For a whole page of records; a page is worked off in a few milliseconds."""


def within(seconds: float, plugin: str, hook: str, call: Callable[[], T]) -> T:
    """The answer of `call`, thought out beside this thread. Raises PluginFault where it takes too long.

    Python can't end a thread, so what never answers goes on beside us until the process ends.
    """
    answers: list[T] = []
    errors: list[BaseException] = []

    def think() -> None:
        try:
            answers.append(call())
        except BaseException as error:  # handed to the caller's thread, whatever it is
            errors.append(error)

    thread = threading.Thread(target=think, name=f"{plugin}.{hook}", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise PluginFault(plugin, hook, f"did not answer within {seconds:.0f} seconds")
    return answers[0]
