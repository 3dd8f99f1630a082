"""What a plugin did wrong, said without any value it held."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from rq.timeouts import BaseTimeoutException

from spojka import SpojkaError


class PluginFault(SpojkaError):
    """A plugin failed or answered nonsense. `detail` names the kind of failure and its place, never a value."""

    code: ClassVar[str] = "plugin_fault"

    def __init__(self, plugin: str, hook: str, detail: str) -> None:
        super().__init__(
            f"The plugin {plugin} failed in {hook}: {detail}. Nothing was lost; its author has to mend it."
        )
        self.plugin = plugin
        self.hook = hook
        self.detail = detail


@contextmanager
def guarded(plugin: str, hook: str) -> Iterator[None]:
    """Turn whatever a plugin raises into a PluginFault.

    The public error family passes, and so does the time limit of a job: a plugin that hangs ends the job, not one
    record. The original message may hold personal values, so it goes no further.
    """
    try:
        yield
    except (SpojkaError, BaseTimeoutException):
        raise
    except Exception as error:
        raise PluginFault(plugin, hook, _place(error)) from None


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if len(frames) < 2:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} in {last.filename.rpartition('/')[2]} line {last.lineno}"
