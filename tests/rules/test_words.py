"""R95: every rule says in both languages what it did."""

import pytest

from core.decide.rules import Rule


@pytest.mark.parametrize("rule", list(Rule))
def test_R95_every_rule_has_a_sentence_in_both_languages(rule: Rule) -> None:
    assert rule.sentence("cs").endswith(".")
    assert rule.sentence("en").endswith(".")
    assert rule.sentence("cs") != rule.sentence("en")


def test_R92_a_refused_write_is_told_in_one_sentence() -> None:
    assert Rule.R92.sentence("en") == "The list refused the write."
