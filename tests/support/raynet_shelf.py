"""The smallest Raynet there is: rows on a shelf, read by list, by ids and singly, with answers that can be replaced."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from plugins.raynet.client import RaynetCrm
from spojka import Answer, Connection, Json, Kind, Request

KEY = "crm-test-0001"
NOW = datetime(2026, 3, 5, 13, 2, tzinfo=UTC)
ALLOWANCE = {"x-ratelimit-LIMIT": "24000", "X-RateLimit-Remaining": "23997", "X-Ratelimit-Reset": "1772755200"}
ABSENT = {"message": "EntityNotFoundException", "status": 404}
UNSUPPORTED = {"type": "BadRequest", "message": "Unsupported filter column [id]'", "status": 400}


def answer(body: Json, status: int = 200) -> Answer:
    """An answer as the host hands it on; bytes go as they are."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Answer(status, ALLOWANCE, content, NOW)


T = TypeVar("T")


class Shelf:
    """An `Http` over rows by id. `id_filter=False`: filters on `id` are refused. `before` runs ahead of each answer."""

    def __init__(self, *ids: int, id_filter: bool = True) -> None:
        self.rows: dict[int, dict[str, Any]] = {number: {"id": number, "_version": 1} for number in ids}
        self.id_filter = id_filter
        self.asked: list[Request] = []
        self.instead: Answer | None = None
        self.before: Callable[[Shelf, int], None] | None = None

    def send(self, request: Request) -> Answer:
        """One answer; `instead` comes instead of every one."""
        self.asked.append(request)
        if self.before is not None:
            self.before(self, len(self.asked))
        if self.instead is not None:
            return self.instead
        single = request.path.split("/")[1]
        return self._single(int(single)) if single else self._list(request.params)

    def each(self, calls: Sequence[Callable[[], T]]) -> Sequence[T]:
        """One after the other, so that nothing depends on threads."""
        return [call() for call in calls]

    def queries(self, name: str) -> list[str | None]:
        """What each request said for one parameter."""
        return [request.params.get(name) for request in self.asked]

    def _single(self, number: int) -> Answer:
        row = self.rows.get(number)
        return answer(ABSENT, 404) if row is None else answer({"success": "true", "data": row})

    def _list(self, params: Mapping[str, str]) -> Answer:
        if not self.id_filter and ("id[GT]" in params or "id[IN]" in params):
            return answer(UNSUPPORTED, 400)
        wanted = params.get("id[IN]")
        among = set(map(int, wanted.split(","))) if wanted else set(self.rows)
        matches = [row for number, row in sorted(self.rows.items()) if number in among]
        matches = [row for row in matches if row["id"] > int(params.get("id[GT]", "0"))]
        start = int(params.get("offset", "0"))
        page = matches[start : start + int(params["limit"])]
        return answer({"success": True, "totalCount": len(matches), "data": page})


def crm(shelf: Shelf, instance: str = "demo-crm") -> RaynetCrm:
    """The client before these rows."""
    settings = {"username": "api@example.com", "instance": instance, "both_emails": False}
    return RaynetCrm(Connection(1, settings, {"api_key": KEY}), shelf)


def walked(shelf: Shelf, since: datetime | None = None) -> list[int]:
    """Every id that a walk to the end brings, in order."""
    client, found, after = crm(shelf), [], None
    for _ in range(100):
        page = client.changed(Kind.PERSON, since, after)
        found += [int(record.id) for record in page.items]
        after = page.after
        if after is None:
            return found
    raise AssertionError("the walk does not end")
