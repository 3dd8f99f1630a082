"""One pair of hands: what is begun beside is done when its answer is wanted, so that a virtual clock decides all."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from core.real import ThreadCrew

T = TypeVar("T")


class Postponed(Future[T]):
    """A call that is made by whoever wants its answer."""

    def __init__(self, call: Callable[[], T]) -> None:
        super().__init__()
        self._call = call

    def result(self, timeout: float | None = None) -> T:
        """The answer, or the call's error."""
        self._make()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """The call's error, if it has one."""
        self._make()
        return super().exception(timeout)

    def _make(self) -> None:
        if self.done():
            return
        try:
            self.set_result(self._call())
        except Exception as error:  # handed to whoever wants the answer, as the real crew does
            self.set_exception(error)


class OnePair(ThreadCrew):
    """A crew without a second thread for what is begun."""

    def begin(self, call: Callable[[], T]) -> Future[T]:
        """Nothing happens until the answer is wanted."""
        return Postponed(call)
