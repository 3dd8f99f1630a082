"""`spojka scheduler`"""

import logging
import os

import click

from core.cli.common import world
from core.jobs import redis, scheduler
from core.settings import load


@click.command("scheduler")
def command() -> None:
    """Look every few seconds for work that nobody does, until asked to stop."""
    with redis.running(load(os.environ)):
        scheduler.keep_sweeping(world(logging.INFO))
