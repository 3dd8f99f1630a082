import re

from core.web.metrics import COUNTERS, GAUGES
from tests.support.documents import text

SECTION = text("docs/operations.md").partition("## Metrics")[2].partition("\n## ")[0]


def test_every_metric_is_documented_with_its_labels_and_no_other() -> None:
    rows = re.findall(r"^\| `spojka_(\w+)` \| ([^|]*)\|", SECTION, re.MULTILINE)
    shown = {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    gauges = {told.name: told.labels for told in GAUGES}
    counters = {f"{told.name}_total": told.labels for told in COUNTERS}

    assert shown == {**gauges, **counters}
