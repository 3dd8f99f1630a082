"""`GET /metrics`: what Prometheus reads. It is looked up when it is asked for, so that any web process will do.

No label is personal: they are ids, states and names of parts. What the tables and Redis do not say is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import structlog
from flask import Blueprint, Flask, Response, current_app
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy.exc import DBAPIError

from core.engine.quotas import left_of
from core.jobs import alive, redis, tally
from core.jobs.queues import QUEUES
from core.ports import World
from core.store.base import look
from core.store.connections import ConnectionState
from core.store.counting import LATER, NOW, PARKED, WAITING, WORKING, Counts, count
from core.store.outbox import OVER, State

log = structlog.get_logger(__name__)
blueprint = Blueprint("metrics", __name__)
WAIT_SECONDS = 2.0
LANES = ("live", "bulk")


@dataclass(frozen=True, slots=True)
class Told:
    """One metric: its name without `spojka_`, the labels in order, and what it means."""

    name: str
    labels: tuple[str, ...]
    help: str


GAUGES = (
    Told("info", ("version",), "1, with the version of this program."),
    Told("up", ("part",), "Whether the database and Redis answer: 1 or 0."),
    Told("connections", ("state",), "Connections by state."),
    Told("webhooks", ("state",), "Running connections by the state of their webhook."),
    Told("inbox_open", ("connection",), "Bells that are not dealt with yet."),
    Told("bell_lag_seconds", (), "Age of the oldest open bell of a running connection."),
    Told("due_addresses", ("state",), "Addresses about which something may need doing."),
    Told("due_lag_seconds", ("lane",), "How long the longest waiting address could have been worked on."),
    Told("runs", ("state",), "Runs by state, ended ones included."),
    Told("outbox_rows", ("state",), "What is to be written into CRMs, by state; failed ones wait for a person."),
    Told("failures", ("kind",), "What failed and waits for a person: records, addresses, and what CRMs refused."),
    Told("questions", ("rule",), "Open questions, by the rule that asks."),
    Told("quota_limit", ("connection",), "Requests a day that the CRM allows."),
    Told("quota_left", ("connection",), "Requests left of them today."),
    Told("queue_jobs", ("queue",), "Wake-up calls that wait for a worker."),
    Told("queue_age_seconds", ("queue",), "How long the oldest of them has waited."),
    Told("processes", ("part",), "Living workers and schedulers."),
)
COUNTERS = (
    Told("requests", ("plugin", "lane", "status"), "Requests to vendors; status 2xx to 5xx, or none without answer."),
    Told("readings", ("door",), "Readings that came to their end: bell, reading, run, pass, night."),
    Told(
        "night_records",
        ("found",),
        "Records by what nights found: unseen, gone, renamed, compared, differed, repaired.",
    ),
    Told("leases_lost", ("work",), "Pieces of work that somebody else had taken over meanwhile."),
)
Values = Mapping[str, Mapping[tuple[str, ...], float]]
"""Metric -> label values -> number."""


def init(app: Flask) -> None:
    """The page, and the counts of each request brought to the others."""
    world: World = app.extensions["spojka"]
    app.register_blueprint(blueprint)
    app.teardown_appcontext(lambda _: world.tally.flush())


@blueprint.get("/metrics")
def page() -> Response:
    """All metrics as text. A database or a Redis that does not answer is a metric, too."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Shared(current_app.extensions["spojka"]))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Shared(Collector):
    """Everything that the processes of an installation share."""

    def __init__(self, world: World) -> None:
        self._world = world

    def collect(self) -> Iterator[Metric]:
        """Look once into the database and once into Redis."""
        values: Values = {**_of_tables(self._world), **_of_redis(self._world)}
        up: Mapping[tuple[str, ...], float] = {
            ("database",): float("connections" in values),
            ("redis",): float("processes" in values),
        }
        info: Mapping[tuple[str, ...], float] = {(version("spojka"),): 1.0}
        gauges: Values = {**values, "up": up, "info": info}
        for told in GAUGES:
            yield _filled(GaugeMetricFamily(f"spojka_{told.name}", told.help, labels=told.labels), told, gauges)
        for told in COUNTERS:
            yield _filled(CounterMetricFamily(f"spojka_{told.name}", told.help, labels=told.labels), told, values)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, told: Told, values: Values) -> Metric:
    for labels, number in sorted(values.get(told.name, {}).items()):
        family.add_metric(labels, number)
    return family


def _of_tables(world: World) -> Values:
    """Nothing where the database does not answer."""
    now = world.clock.now()
    try:
        counts = look(world.sessions, lambda session: count(session, now))
    except DBAPIError as error:
        log.warning("metrics.database_away", error=type(error).__name__)
        return {}
    return {**_work(counts, now), **_connections(counts), **_quotas(world, counts)}


def _work(counts: Counts, now: datetime) -> Values:
    running = {row.id for row in counts.connections if row.state == ConnectionState.RUNNING}
    bells = [_age(at, now) for connection, at in counts.oldest_bell.items() if connection in running]
    return {
        "inbox_open": {(str(row.id),): float(counts.inbox.get(row.id, 0)) for row in counts.connections},
        "bell_lag_seconds": {(): max(bells, default=0.0)},
        "due_addresses": {
            (state,): float(counts.due.get(state, 0)) for state in (NOW, LATER, WAITING, PARKED, WORKING)
        },
        "due_lag_seconds": {(lane,): _age(counts.oldest_due.get(lane), now) for lane in LANES},
        "runs": _numbers(counts.runs),
        "outbox_rows": {(state.value,): float(counts.outbox.get(state, 0)) for state in State if state not in OVER},
        "failures": {
            ("record",): float(counts.faults),
            ("address",): float(counts.due.get(PARKED, 0)),
            ("unwritten",): float(counts.outbox.get(State.FAILED, 0)),
        },
        "questions": _numbers(counts.questions),
    }


def _connections(counts: Counts) -> Values:
    return {
        "connections": _tallied(row.state for row in counts.connections),
        "webhooks": _tallied(
            row.webhook_state or "untried" for row in counts.connections if row.state == ConnectionState.RUNNING
        ),
    }


def _quotas(world: World, counts: Counts) -> Values:
    found = {(str(row.id),): left for row in counts.connections if (left := left_of(world, row)) is not None}
    return {
        "quota_limit": {key: float(quota.limit) for key, quota in found.items()},
        "quota_left": {key: float(quota.left) for key, quota in found.items()},
    }


def _of_redis(world: World) -> Values:
    """Nothing where Redis does not answer."""
    with closing(redis.connect(redis.address(world.settings), wait_seconds=WAIT_SECONDS)) as client:
        try:
            return _asked(client, world.clock.now())
        except (RedisError, OSError) as error:
            log.warning("metrics.redis_away", error=type(error).__name__)
            return {}


def _asked(client: Redis, now: datetime) -> Values:
    queues = {name: Queue(name, connection=client) for name in QUEUES}
    counted = tally.read(client)
    return {
        "queue_jobs": {(name,): float(queue.count) for name, queue in queues.items()},
        "queue_age_seconds": {(name,): _waited(queue, now) for name, queue in queues.items()},
        "processes": {(part,): float(alive.count(client, part)) for part in (alive.WORKER, alive.SCHEDULER)},
        **{
            told.name: {
                key[1:]: float(number)
                for key, number in counted.items()
                if key[0] == told.name and len(key) == len(told.labels) + 1
            }
            for told in COUNTERS
        },
    }


def _waited(queue: Queue, now: datetime) -> float:
    first = queue.get_jobs(0, 1)
    return _age(first[0].enqueued_at, now) if first else 0.0


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def _numbers(counted: Mapping[str, int]) -> Mapping[tuple[str, ...], float]:
    return {(name,): float(number) for name, number in counted.items()}


def _tallied(names: Iterable[str]) -> Mapping[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for name in names:
        found[(name,)] = found.get((name,), 0.0) + 1
    return found
