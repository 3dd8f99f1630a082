"""What the last nightly compare found, in a sentence (R73, R75)."""

from core.admin.language import _, number
from core.store.nights import NightRow


def found(row: NightRow) -> str:
    """How many records were compared by value, and what became of those that differed."""
    return _(
        "Noční porovnání s CRM. Porovnané záznamy: %(compared)s, lišily se: %(differed)s, opravené: %(repaired)s.",
        compared=number(row.compared),
        differed=number(row.differed),
        repaired=number(row.repaired),
    )
