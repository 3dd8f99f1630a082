"""The yardstick of a morning: a plain script that reads what campaigns did and writes it into the CRM's history.

It keeps no state and looks nothing up: whatever the log says is written, whoever it is about.

    RAYNET_BASE_URL=… ECOMAIL_BASE_URL=… python -m benchmarks.morning_script
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from benchmarks.script import ECOMAIL_KEY, INSTANCE, LOGIN

Row = Mapping[str, Any]
ROWS, PAGE, SENT = 1000, 100, 3


def log_rows(session: requests.Session, base: str, campaign: int) -> Iterator[Row]:
    """Everything that happened in a campaign."""
    page, last = 1, 1
    while page <= last:
        params: dict[str, str | int] = {"page": page, "per_page": PAGE}
        answer = session.get(f"{base}campaigns/{campaign}/log", params=params, timeout=60)
        answer.raise_for_status()
        body = answer.json()
        yield from body["campaign_log"]
        page, last = page + 1, body["last_page"]


def lines(rows: Iterator[Row]) -> list[dict[str, str]]:
    """What is written of each recipient."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        line = found.setdefault(row["email"].lower(), {"email": row["email"], "status": "SENT"})
        if row["event"] in ("open", "click"):
            line["status"] = "DELIVERED"
            line.setdefault("opened" if row["event"] == "open" else "clicked", row["occured_at"][:10])
    return list(found.values())


def main() -> None:
    raynet, ecomail = os.environ["RAYNET_BASE_URL"], os.environ["ECOMAIL_BASE_URL"]
    crm, audience = requests.Session(), requests.Session()
    crm.auth, crm.headers["X-Instance-Name"] = LOGIN, INSTANCE
    audience.headers["key"] = ECOMAIL_KEY
    written = 0
    for campaign in audience.get(f"{ecomail}campaigns", params={"per_page": 50}, timeout=60).json():
        if campaign["status"] != SENT:
            continue
        number = campaign["id"]
        totals = audience.get(f"{ecomail}campaigns/{number}/stats", timeout=60).json()["stats"]
        stats = {"sent": totals["inject"], "opened": totals["open"], "clicked": totals["click"], "unsubscribed": 0}
        said = {"title": campaign["title"], "campaignName": campaign["title"], "stats": stats}
        made = crm.put(
            f"{raynet}massEmail/", json={**said, "source": "ECOMAIL", "externalId": f"campaign:{number}"}, timeout=60
        )
        made.raise_for_status()
        rows = lines(log_rows(audience, ecomail, number))
        for start in range(0, len(rows), ROWS):
            url = f"{raynet}massEmail/{made.json()['data']['id']}/recipientBulkUpdate/"
            answer = crm.post(url, json=rows[start : start + ROWS], timeout=120)
            answer.raise_for_status()
            written += sum(1 for row in answer.json()["data"] if row["success"])
    print(json.dumps({"written": written}))


if __name__ == "__main__":
    main()
