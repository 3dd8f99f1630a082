"""The way out of a plugin that has no vendor: the embedded list's."""

from spojka import Answer, Malformed, Request


class NoWay:
    """Implements `core.ports.Counted`. Nothing is ever sent."""

    def __init__(self, plugin: str) -> None:
        self.requests = 0
        self._plugin = plugin

    def send(self, request: Request) -> Answer:
        """Raises Malformed: a plugin without a base address has nobody to ask."""
        raise Malformed(f"The plugin {self._plugin} declares no base address, so it can't send anything.")
