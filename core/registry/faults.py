"""What a plugin did wrong, said without any value it held."""

import traceback
from types import TracebackType
from typing import ClassVar

from rq.timeouts import BaseTimeoutException

from spojka import SpojkaError

PASSING = (SpojkaError, BaseTimeoutException)


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


class guarded:
    """Turns whatever a plugin raises into a PluginFault.

    The public error family passes, and so does the time limit of a job: a plugin that hangs ends the job, not one
    record. The original message may hold personal values, so it goes no further.
    """

    __slots__ = ("_hook", "_plugin")

    def __init__(self, plugin: str, hook: str) -> None:
        self._plugin, self._hook = plugin, hook

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, PASSING):
            raise PluginFault(self._plugin, self._hook, _place(error)) from None


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if len(frames) < 2:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} in {last.filename.rpartition('/')[2]} line {last.lineno}"
