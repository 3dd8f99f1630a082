"""Which vendor an error came from, where a call asks two of them."""

from dataclasses import dataclass, replace

from core.ports import Counted, Outgoing, Quota, World


@dataclass
class Watched:
    """Ways out that remember whose was opened last: an error comes from there."""

    inner: Outgoing
    plugin: str = ""

    def open(self, plugin: str, account: str, *, lane: str, testing: bool = False) -> Counted:
        """See `core.ports.Outgoing`."""
        self.plugin = plugin
        return self.inner.open(plugin, account, lane=lane, testing=testing)

    def allowance(self, plugin: str, account: str) -> Quota | None:
        """See `core.ports.Outgoing`."""
        return self.inner.allowance(plugin, account)

    def close(self) -> None:
        """See `core.ports.Outgoing`."""
        self.inner.close()


def watched(world: World) -> tuple[World, Watched]:
    """The same world, and who tells whom it asked last."""
    ways = Watched(world.outgoing)
    return replace(world, outgoing=ways), ways
