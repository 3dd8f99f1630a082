"""The command line. `spojka --help` explains everything."""

from core.cli.main import main

__all__ = ["main"]
