"""Every rule that decides is cited by a test, so that a "why?" has a place to look."""

import re
from functools import cache

import pytest

from core.decide.rules import Rule
from tests.support.house import ROOT, tracked


@cache
def cited() -> frozenset[str]:
    """The numbers of rules that tests name."""
    texts = [(ROOT / name).read_text() for name in tracked("tests/*.py") if not name.startswith("tests/house/")]
    number = re.compile(r"(?<![A-Za-z0-9])R\d+[aA]?(?![0-9])")
    return frozenset(found.lower() for text in texts for found in number.findall(text))


@pytest.mark.parametrize("rule", list(Rule))
def test_a_rule_is_cited_by_a_test(rule: Rule) -> None:
    assert rule.value.lower() in cited()


@pytest.mark.parametrize("rule", list(Rule))
def test_a_rule_says_what_it_did_in_both_languages(rule: Rule) -> None:
    assert rule.sentence("cs").endswith(".")
    assert rule.sentence("en").endswith(".")
    assert rule.sentence("cs") != rule.sentence("en")
