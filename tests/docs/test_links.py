import re
from pathlib import Path

import pytest

from tests.support.documents import PAGES, ROOT, files, named

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def links(page: Path) -> list[str]:
    return [target for target in LINK.findall(page.read_text()) if not target.startswith(("http://", "https://"))]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = [target.partition("#")[0] for target in links(page)]

    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_that_a_page_names_exist(page: Path) -> None:
    inside = re.findall(r"`((?:core|spojka|plugins|docs|tools|tests|migrations)/[\w./-]+)`", page.read_text())
    built_by_the_page = files(page)

    assert [name for name in inside if name not in built_by_the_page and not (ROOT / name).exists()] == []


def test_every_page_is_linked_from_another_one() -> None:
    reached = {(page.parent / target.partition("#")[0]).resolve() for page in PAGES for target in links(page)}
    folders = {path for path in reached if path.is_dir()}
    alone = [
        named(page) for page in PAGES if page.name != "README.md" and page not in reached and page.parent not in folders
    ]

    assert alone == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("*.md")), ids=named)
def test_a_decision_has_the_five_parts_in_at_most_sixty_lines(page: Path) -> None:
    lines = page.read_text().splitlines()

    assert [line for line in lines if line.startswith("## ")] == [
        "## Situation",
        "## Decision",
        "## Instead of",
        "## Costs",
        "## Look again when",
    ]
    assert lines[0].startswith(f"# {page.name[:4]} ")
    assert len(lines) <= 60
