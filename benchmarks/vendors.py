"""One vendor's sandbox in a process of its own, told over its standard input what to do between the runs.

    python -m benchmarks.vendors raynet 100000

Its first line of output is its address. Then each line that arrives is a JSON list of a word and its arguments, and
each is answered by one line of JSON. It ends with its input. The vendors' limits of requests are lifted.
"""

import gc
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from werkzeug.wrappers import Request, Response

from plugins.ecomail.sandbox import demo as ecomail_demo
from plugins.raynet.sandbox import RaynetEmulator
from plugins.raynet.sandbox import demo as raynet_demo
from spojka.emulator import Emulator, Fault, Served

DAY = 24_000
"""Raynet's allowance of a day, given anew for each round."""
BELL_SECONDS = 2.0
"""A webhook is called once a second at the most, so that the bell has rung by then."""
STRANGERS = 50
"""Members of the list whom the CRM does not know."""


class Raynet:
    """An account with so many contacts, one of a hundred a company."""

    def __init__(self, contacts: int) -> None:
        self.emulator: RaynetEmulator = raynet_demo(contacts - contacts // 100, contacts // 100)
        self.emulator.allow(DAY)

    def reset(self) -> None:
        """Forget the requests; nobody writes here."""
        self.emulator.calls.clear()
        self.emulator.allow(DAY)

    def history(self) -> int:
        """How many recipients stand in the history; nothing does afterwards."""
        store = self.emulator.store
        found = len(store.recipients.rows)
        for table in (store.recipients, store.mass_emails):
            for number in list(table.rows):
                table.remove(number)
        self.reset()
        return found

    def late(self, milliseconds: int) -> int:
        """From now on every answer takes so long; how many requests came until now."""
        self.emulator.fail(Fault("slow", times=1_000_000, seconds=milliseconds / 1000))
        return len(self.emulator.calls)

    def pace(self) -> tuple[int, float]:
        """How many records were changed, and in how many seconds."""
        calls = [call for call in self.emulator.calls if call.method == "POST"]
        return len(calls), (calls[-1].at - calls[0].at).total_seconds()

    def known(self, members: Sequence[str], count: int) -> list[int]:
        """Persons whose address is among the members and is nobody else's, so many."""
        wanted, taken = set(members), set[str]()
        found = []
        for row in self.emulator.store.persons:
            email = row.get("contactInfo", {}).get("email", "").strip().lower()
            if email in wanted and email not in taken and not row.get("contactInfo", {}).get("email2"):
                found.append(row["id"])
            taken.add(email)
        return found[-count:]

    def ring(self, ids: Sequence[int], name: str) -> tuple[float, list[str]]:
        """Somebody renames these, and as soon as the vendor may, the bell rings; when, and their addresses."""
        rows = self.emulator.store.persons.rows
        for number in ids:
            self.emulator.edit_person(number, firstName=name)
        end, at = time.time() + BELL_SECONDS, time.time()
        while not self.emulator.deliver() and time.time() < end:
            time.sleep(0.01)
            at = time.time()
        return at, [rows[number]["contactInfo"]["email"].strip().lower() for number in ids]

    def emails(self, every: int) -> list[str]:
        """The address of every so many-th person."""
        persons = list(self.emulator.store.persons)[1::every]
        return [email for row in persons if "@" in (email := row.get("contactInfo", {}).get("email", ""))]


class Ecomail:
    """An account whose list has a few members already."""

    def __init__(self) -> None:
        self.emulator = ecomail_demo(0)
        self.emulator.switch(per_minute=0)
        self.state = b""
        self.arrived: list[tuple[str, str, float]] = []

    def fill(self, known: Sequence[str]) -> int:
        """The members that the list begins each round with; how many."""
        emails = tuple(dict.fromkeys(email.strip().lower() for email in known))
        self.state = orjson.dumps(ecomail_demo(len(emails) + STRANGERS, emails).dump())
        self.reset()
        return len(emails) + STRANGERS

    def reset(self) -> None:
        """As it was in the beginning."""
        self.emulator.calls.clear()
        self.emulator.load(orjson.loads(self.state))

    def campaign(self, every: int) -> int:
        """A campaign goes to the whole list, and every so many-th opens it; how many it went to."""
        number = self.emulator.send_campaign("Jaro", 1)
        people = list(self.emulator.account.mailings.of_campaign[number].targets)
        for email in people[::every]:
            self.emulator.mail_event("open", email, number)
        self.emulator.calls.clear()
        return len(people)

    def watch(self) -> int:
        """From now on note when each name arrives; how many requests came until now."""
        whole, emulator = self.emulator.answer, self.emulator

        def answer(request: Request) -> Response:
            answered = whole(request)
            if request.method == "PUT":
                now, rows = time.time(), orjson.loads(request.get_data())["subscriber_data"]
                told = rows if isinstance(rows, list) else [rows]
                self.arrived += [(row["email"], row["name"], now) for row in told if "name" in row]
            return answered

        emulator.answer = answer  # type: ignore[method-assign]  # looked at from outside
        return len(emulator.calls)

    def seen(self) -> list[tuple[str, str, float]]:
        """Addresses, the names that arrived there, and when."""
        return self.arrived

    def edit(self, count: int) -> int:
        """Somebody edits the names of so many whom we carried over."""
        known = [person for person in self.emulator.account.store.people.values() if "raynet" in (person.tags or ())]
        for person in known[:count]:
            self.emulator.edit_contact(person.email, name="Evelína")
        return min(count, len(known))

    def members(self) -> list[str]:
        """Who is in the list now."""
        return sorted(self.emulator.account.store.people)


def requests_of(emulator: Emulator, path: str) -> int:
    """Write the requests since the last time down as they arrived, for `replay`; how many."""
    kept = [[call.method, call.path, dict(call.query), call.raw.decode()] for call in emulator.calls]
    Path(path).write_bytes(orjson.dumps(kept))
    emulator.calls.clear()
    return len(kept)


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    name, contacts = sys.argv[1:]
    vendor = Raynet(int(contacts)) if name == "raynet" else Ecomail()
    gc.collect()
    gc.freeze()
    with Served(vendor.emulator) as served:
        _say(served.url)
        for line in sys.stdin:
            word, *arguments = orjson.loads(line)
            if word == "seconds":
                _say(time.process_time())
            elif word == "requests":
                _say(requests_of(vendor.emulator, *arguments))
            else:
                _say(getattr(vendor, word)(*arguments))


def _say(value: Any) -> None:
    print(orjson.dumps(value).decode(), flush=True)


if __name__ == "__main__":
    main()
