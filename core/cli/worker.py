"""`spojka worker`"""

import logging
import os

import click

from core.cli.common import world
from core.errors import WrongInput
from core.jobs import redis, worker
from core.jobs.queues import QUEUES
from core.settings import load


@click.command("worker")
@click.option("-q", "--queues", default=",".join(QUEUES), show_default=True, help="Which queues, the urgent first.")
def command(queues: str) -> None:
    """Do the work that is waiting, until asked to stop."""
    names = [name.strip() for name in queues.split(",") if name.strip()]
    unknown = [name for name in names if name not in QUEUES]
    if unknown or not names:
        raise WrongInput(f"There is no queue {unknown[0] if unknown else '-'}. There are {', '.join(QUEUES)}.")
    with redis.running(load(os.environ)):
        worker.work(world(logging.INFO), names)
