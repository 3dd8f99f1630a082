"""`spojka doctor`"""

import os
import sys
from dataclasses import asdict

import click

from core import doctor
from core.cli.common import json_option, print_json, print_lines, world
from core.cli.errors import FAILURES, USAGE


@click.command("doctor")
@json_option
def command(as_json: bool) -> None:
    """Check everything, one line per check; what fails says what to do."""
    found = doctor.settings(os.environ)
    usable = all(check.ok for check in found)
    if usable:
        found += doctor.world(world())
    if as_json:
        print_json([asdict(check) for check in found])
    else:
        print_lines(f"{'ok  ' if check.ok else 'FAIL'}  {check.check}: {check.says}" for check in found)
    if not usable:
        sys.exit(USAGE)
    if not all(check.ok for check in found):
        sys.exit(FAILURES)
