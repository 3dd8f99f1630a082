"""One word for one thing, and comments that say why."""

import re

from tests.support.house import ROOMS, ROOT, comments, names, sources, tracked

NOT_USED = {"manager", "handler", "processor", "helper", "helpers", "util", "utils", "service"}
ENDINGS = ("_data", "_info")
BEGINNINGS = ("do_", "process_")
OF_A_LIBRARY = {"do_GET", "do_POST", "process_bind_param", "process_result_value"}
HISTORY = re.compile(
    r"\b(used to|formerly|previously|was changed|has been (moved|renamed|changed)|legacy|"
    r"old version|new version of|for now|temporar\w+|TODO|FIXME|XXX|HACK)\b",
    re.IGNORECASE,
)
EXEMPTION = re.compile(r"#\s*(type: ignore|noqa)(\[[\w-]+\]|: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*)?")


def words(name: str) -> set[str]:
    spread = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return {word for word in spread.split("_") if word}


def test_names_avoid_the_words_that_say_nothing() -> None:
    wrong = [
        f"{path}: {name}"
        for path in sources(*ROOMS)
        if "sandbox" not in path.parts  # an emulator speaks its vendor's words
        for name in names(path)
        if words(name) & NOT_USED or name.endswith(ENDINGS) or name.lstrip("_").startswith(BEGINNINGS)
        if name not in OF_A_LIBRARY
    ]

    assert wrong == []


def test_no_comment_tells_history_or_plans() -> None:
    telling = [
        f"{each.path}:{each.line} {each.text}"
        for path in sources(*ROOMS, "migrations")
        for each in comments(path)
        if HISTORY.search(each.text)
    ]

    assert telling == []


def test_every_exemption_from_a_check_names_it_and_says_why() -> None:
    bare = []
    for path in sources(*ROOMS, "tests", "migrations", "benchmarks"):
        for each in comments(path):
            found = EXEMPTION.search(each.text)
            if found and (not found[2] or len(each.text[found.end() :].strip(" #-")) < 5):
                bare.append(f"{each.path}:{each.line} {each.text}")

    assert bare == []


def test_no_file_names_a_place_of_somebody_s_machine() -> None:
    place = re.compile(r"(?<![\w.])/(work|root|home/\w+)/\w")
    text = [name for name in tracked() if not name.endswith((".png", ".lock", ".min.js", ".min.css"))]

    assert [name for name in text if place.search((ROOT / name).read_text(errors="replace"))] == []
