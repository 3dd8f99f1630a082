"""Somebody who rings as fast as he is answered, in a process of its own.

    python -m benchmarks.ringing 127.0.0.1 8080 /hooks/TOKEN SECONDS CONNECTIONS SECRET

Prints one JSON document: how many were accepted, and in how many seconds. Kept alive connections, one request at a
time on each, written and read without a library, so that little of the machine is his.
"""

import selectors
import socket
import sys
import time
from dataclasses import dataclass

import orjson

ACCEPTED = b"HTTP/1.1 202"
BODY = {
    "type": "record.updated",
    "eventId": "0195f1d2-6c07-7d5c-b4a9-3f0a4f7d2c11",
    "data": {"entityName": "Person", "entityId": 12},
    "author": "api@example.com",
    "createdAt": "2026-03-02 09:00:00",
}


class NotAccepted(Exception):
    """An answer was another one."""


@dataclass(slots=True)
class Line:
    """One connection and what has come of its answer so far."""

    socket: socket.socket
    got: bytes = b""

    def is_whole(self) -> bool:
        """Read; whether the answer is complete. Raises NotAccepted."""
        self.got += self.socket.recv(65536)
        head, end, body = self.got.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(ACCEPTED):
            raise NotAccepted(head.decode("latin-1"))
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return len(body) >= int(length.partition(b":")[2])


def ring(host: str, port: int, path: str, seconds: float, connections: int, secret: str) -> tuple[int, float]:
    """How many were accepted, and how long it took. Raises NotAccepted, OSError."""
    body = orjson.dumps(BODY)
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    request = f"{head}X-RAYNETCRM-Token: {secret}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    waiting = selectors.DefaultSelector()
    for _ in range(connections):
        line = Line(socket.create_connection((host, port)))
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting.register(line.socket, selectors.EVENT_READ, line)
        line.socket.sendall(request)
    begun, count = time.perf_counter(), 0
    while (now := time.perf_counter()) - begun < seconds:
        for key, _ in waiting.select(1.0):
            if key.data.is_whole():
                count += 1
                key.data.got = b""
                key.data.socket.sendall(request)
    return count, now - begun


def main() -> None:
    host, port, path, seconds, connections, secret = sys.argv[1:]
    count, took = ring(host, int(port), path, float(seconds), int(connections), secret)
    print(orjson.dumps({"count": count, "seconds": took}).decode())


if __name__ == "__main__":
    main()
