"""The one global of a process: its World, held for the jobs that it carries out."""

from core.ports import World

_held: list[World] = []


def hold(world: World) -> None:
    """Make `world` the one that this process's jobs work in."""
    _held[:] = [world]


def world() -> World:
    """The process's world. Raises LookupError outside a worker."""
    if not _held:
        raise LookupError("This process carries out no jobs: nobody has given it a world.")
    return _held[0]
