"""A tally that keeps what it counts."""


class Kept:
    """`core.ports.Tally` for one test: every count in order."""

    def __init__(self) -> None:
        self.counts: list[tuple[str, ...]] = []

    def add(self, name: str, *labels: str, by: int = 1) -> None:
        """See `core.ports.Tally.add`."""
        self.counts += [(name, *labels)] * by

    def flush(self) -> None:
        """Nobody else counts."""
