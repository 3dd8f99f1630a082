"""`spojka scheduler`"""

import logging
import os

import click

from core.cli.common import world
from core.jobs import alive, redis, scheduler
from core.settings import load


@click.command("scheduler")
def command() -> None:
    """Look every few seconds for work that nobody does, until asked to stop."""
    with redis.running(load(os.environ)) as url:
        here = world(logging.INFO)
        client = redis.connect(url, wait_seconds=2.0)
        with alive.Pulse(client, alive.SCHEDULER, here.holder, here.tally.flush):
            scheduler.keep_sweeping(here)
