"""Redis is emptied while requests run and workers wait: never more at once than the vendor allows (K37, R90)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.real import SystemClock
from spojka import Limits, Request
from tests.support.outgoing import ALLOWANCE, a_manifest, store_in, ways
from tests.support.redis import a_redis
from tests.support.vendor import Listening, Vendor

WORKERS, EACH = 6, 5


def test_K37_never_more_than_three_at_once_though_redis_is_emptied(tmp_path: Path) -> None:
    vendor, sessions = Vendor(), store_in(tmp_path)
    manifest = a_manifest(limits=Limits(at_once=3, allowance=ALLOWANCE))
    with a_redis(tmp_path) as client, Listening(vendor) as listening, ThreadPoolExecutor(WORKERS) as threads:
        four = [ways(listening.url, sessions, SystemClock(), manifest, client, holder=f"w{n}") for n in range(4)]
        opened = [four[number % 4].open("acme", "acme:1", lane="bulk") for number in range(WORKERS)]
        meeting = threading.Barrier(WORKERS)

        def work(number: int) -> None:
            meeting.wait()
            for _ in range(EACH):
                client.flushall()
                opened[number].send(Request("GET", "person/", timeout_seconds=20))

        list(threads.map(work, range(WORKERS)))
        for each in four:
            each.close()
    assert (len(vendor.asked), vendor.most_open <= 3) == (WORKERS * EACH, True)
