"""Who may ask, and how often (Raynet API, Authentication, Limits)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request

from plugins.raynet.sandbox.errors import ApiError
from plugins.raynet.sandbox.visit import Actor

WRONG_LOGINS = 20
BAN = timedelta(minutes=60)


@dataclass(slots=True)
class Access:
    """Keys, bans and the day's allowance of one instance."""

    instance: str
    instance_id: str = "4711"
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    """(user, key) -> the name the key was given in the settings."""
    tokens: dict[str, str] = field(default_factory=dict)
    """Bearer token -> user."""
    wrong: dict[str, list[datetime]] = field(default_factory=dict)
    banned: dict[str, datetime] = field(default_factory=dict)
    used: int = 0
    day: str = ""

    def enter(self, request: Request, now: datetime, open_now: int, switches: Mapping[str, Any]) -> Actor:
        """The actor behind a request, which is counted. Raises ApiError (401, 403, 429)."""
        caller = request.remote_addr or "127.0.0.1"
        self._refuse_banned(caller, now, switches)
        actor = self._actor(request)
        if actor is None:
            self._note_wrong(caller, now)
            raise ApiError(401, "Bad credentials", "Unauthorized")
        if open_now > switches["at_once"] or self.left(now, switches) <= 0:
            text = "API request limit reached. See the X-RateLimit headers."
            raise ApiError(429, text, "RequestLimitReached")
        self.used += 1
        return actor

    def left(self, now: datetime, switches: Mapping[str, Any]) -> int:
        """Requests left until the next UTC midnight."""
        today = now.astimezone(UTC).date().isoformat()
        if today != self.day:
            self.day, self.used = today, 0
        return max(0, int(switches["daily_limit"]) - self.used)

    def leave(self, remaining: int, now: datetime, switches: Mapping[str, Any]) -> None:
        """Pretend that the other integrations of the instance have used all but `remaining` requests of the day."""
        self.left(now, switches)
        self.used = int(switches["daily_limit"]) - remaining

    def headers(self, now: datetime, switches: Mapping[str, Any]) -> Mapping[str, str]:
        """What every answer says of the allowance."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return {
            "X-Ratelimit-Limit": str(switches["daily_limit"]),
            "X-Ratelimit-Remaining": str(self.left(now, switches)),
            "X-Ratelimit-Reset": str(int(midnight.timestamp())),
        }

    def _actor(self, request: Request) -> Actor | None:
        given = request.authorization
        if given is None:
            return None
        if given.type == "bearer" and given.token in self.tokens:
            return Actor(self.tokens[given.token], "api")
        if given.type != "basic" or request.headers.get("X-Instance-Name") != self.instance:
            return None
        name = self.keys.get((given.username or "", given.password or ""))
        return None if name is None else Actor(given.username or "", "api", name)

    def _refuse_banned(self, caller: str, now: datetime, switches: Mapping[str, Any]) -> None:
        if caller in self.banned and now < self.banned[caller]:
            raise ApiError(switches["blocked_status"], "Too many wrong logins, address blocked", "AccessBlocked")

    def _note_wrong(self, caller: str, now: datetime) -> None:
        lately = [at for at in self.wrong.get(caller, ()) if at > now - BAN] + [now]
        self.wrong[caller] = lately
        if len(lately) > WRONG_LOGINS:
            self.banned[caller] = now + BAN
            self.wrong[caller] = []

    def dump(self) -> dict[str, Any]:
        """The lasting part as JSON."""
        return {
            "instance": self.instance,
            "instanceId": self.instance_id,
            "keys": [[user, key, name] for (user, key), name in self.keys.items()],
            "tokens": self.tokens,
            "used": self.used,
            "day": self.day,
        }

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> "Access":
        """What `dump` gave; bans end with a restart."""
        keys = {(user, key): name for user, key, name in state["keys"]}
        return cls(
            state["instance"], state["instanceId"], keys, dict(state["tokens"]), used=state["used"], day=state["day"]
        )
