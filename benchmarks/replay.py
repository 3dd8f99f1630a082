"""Send requests once more as they were sent before and throw the answers away: what the sandbox takes by itself.

python -m benchmarks.replay RAYNET_URL RAYNET_REQUESTS ECOMAIL_URL ECOMAIL_REQUESTS
"""

import http.client
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import orjson

from benchmarks.script import ECOMAIL_KEY, INSTANCE, LOGIN


def replay(url: str, requests: Path, headers: Mapping[str, str]) -> None:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=120)
    for method, path, query, body in orjson.loads(requests.read_bytes()):
        target = f"{path}?{urlencode(query)}" if query else path
        connection.request(method, target, body.encode() if body else None, dict(headers))
        connection.getresponse().read()
    connection.close()


def main() -> None:
    raynet, raynet_requests, ecomail, ecomail_requests = sys.argv[1:]
    login = b64encode(":".join(LOGIN).encode()).decode()
    replay(raynet, Path(raynet_requests), {"Authorization": f"Basic {login}", "X-Instance-Name": INSTANCE})
    replay(ecomail, Path(ecomail_requests), {"key": ECOMAIL_KEY, "Content-Type": "application/json"})


if __name__ == "__main__":
    main()
