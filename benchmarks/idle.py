"""What Spojka costs while nothing happens: CPU of each of its processes over a minute, with one connection.

    python -m benchmarks.idle [--seconds 60] [--contacts 100] [--json]

Both vendors are sandboxes in processes of their own; the first run has ended before the minute begins. The minute
reading and whatever else the clock brings are part of it.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil

from benchmarks.measuring import PROGRAM, ROOT, Failed, Vendor

SETTLE_SECONDS = 5.0
CREATE = (
    *("connections", "create", "--plugin", "raynet", "--set", "username=api@example.com"),
    *("--set", "api_key=crm-test-0001", "--set", "instance=demo-crm"),
    *("--audience", "ecomail", "--list", "1", "--audience-set", "api_key=test-key"),
)


def benchmark(seconds: float, contacts: int) -> dict[str, float]:
    """Part -> CPU seconds that it took of `seconds`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Vendor("raynet", contacts) as crm,
        Vendor("ecomail", contacts) as mail,
    ):
        mail.ask("fill", [])
        environ = environment(folder, crm, mail)
        with up(environ) as tree:
            spojka(environ, *CREATE)
            spojka(environ, "drain", "--timeout", "120")
            time.sleep(SETTLE_SECONDS)
            before = used(tree)
            time.sleep(seconds)
            return {part: used_now - before.get(part, 0.0) for part, used_now in used(tree).items()}


def environment(home: str, crm: Vendor, mail: Vendor) -> dict[str, str]:
    """What Spojka's processes see."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "SPOJKA_HOME": home,
        "RAYNET_BASE_URL": f"{crm.url}api/v2/",
        "ECOMAIL_BASE_URL": mail.url,
        "SPOJKA_ALLOW_PRIVATE_HOSTS": "on",
    }


@contextmanager
def up(environ: dict[str, str]) -> Iterator[psutil.Process]:
    """A `spojka up` that goes on for as long."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryFile() as said:
        command = [PROGRAM, "up", "--port", str(port)]
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=said)
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise Failed("spojka up ended by itself.")
            yield psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def spojka(environ: dict[str, str], *arguments: str) -> None:
    """One command. Raises Failed."""
    done = subprocess.run([PROGRAM, *arguments], env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{arguments}: {done.returncode}, {done.stderr[-2000:]}")


def used(tree: psutil.Process) -> dict[str, float]:
    """Part -> CPU seconds so far, of every process of the tree; several of a part are numbered."""
    found: dict[str, float] = {}
    for process in (tree, *tree.children(recursive=True)):
        times = process.cpu_times()
        found[_name(process, found)] = times.user + times.system
    return found


def _name(process: psutil.Process, taken: dict[str, float]) -> str:
    words = process.cmdline()
    if "redis" in Path(words[0]).name:
        part = "redis"
    else:
        part = next((word for word in words[1:] if word in ("up", "web", "worker", "scheduler")), "other")
    same = sum(1 for name in taken if name.split(" ")[0] == part)
    return f"{part} {same + 1}" if same else part


def printed(found: dict[str, float], seconds: float) -> str:
    """A table of per cent of one core."""
    rows = [f"| {part} | {cpu:.2f} | {100 * cpu / seconds:.2f} |" for part, cpu in sorted(found.items())]
    total = sum(found.values())
    whole = f"| together | {total:.2f} | {100 * total / seconds:.2f} |"
    return "\n".join(["| process | CPU s | % of a core |", "|---|---:|---:|", *rows, whole])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--contacts", type=int, default=100)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    found: dict[str, Any] = benchmark(chosen.seconds, chosen.contacts)
    print(orjson.dumps(found).decode() if chosen.json else printed(found, chosen.seconds))


if __name__ == "__main__":
    sys.exit(main())
