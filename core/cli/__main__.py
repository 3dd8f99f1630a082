"""`python -m core.cli`, the same as `spojka`."""

from core.cli.main import main

main()
