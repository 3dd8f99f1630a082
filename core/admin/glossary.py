"""The words for what the engine stores by name: outcomes, reasons, causes, deeds."""

from core.admin.language import _
from spojka import Kind


def outcomes() -> dict[str, tuple[str, str]]:
    """What became of addresses: the word, and what it means."""
    return {
        "created": (_("Založeno"), _("Nové kontakty v seznamu.")),
        "adopted": (_("Převzato"), _("Byly v seznamu už dřív: přidali jsme štítek, nic dalšího jsme nezměnili.")),
        "updated": (_("Upraveno"), _("Něco se změnilo a přeneslo.")),
        "unchanged": (_("Beze změny"), _("Obě strany říkají totéž.")),
        "skipped": (_("Přeskočeno"), _("Do seznamu nepatří; důvody níže.")),
        "failed": (_("Selhalo"), _("Čeká na opravu.")),
    }


def would_be() -> dict[str, tuple[str, str]]:
    """What would become of addresses, after a dry run."""
    return {
        "created": (_("Založilo by se"), _("Nové kontakty v seznamu.")),
        "adopted": (_("Převzalo by se"), _("V seznamu už jsou: přidal by se štítek, nic dalšího by se nezměnilo.")),
        "updated": (_("Upravilo by se"), _("Něco se změnilo a přeneslo by se.")),
        "unchanged": (_("Beze změny"), _("Obě strany říkají totéž.")),
        "skipped": (_("Přeskočilo by se"), _("Do seznamu nepatří; důvody níže.")),
        "failed": (_("Čeká na opravu"), _("Bez opravy se nepřenese.")),
    }


def reasons() -> dict[str, str]:
    """Why an address was skipped (contract, `skipped_because`)."""
    return {
        "no_email": _("nemají e-mail"),
        "invalid_email": _("e-mail nejde použít"),
        "erased": _("byli na žádost vymazáni"),
        "colleague": _("jsou to kolegové"),
        "own_company": _("je to vlastní firma"),
        "invalid_record": _("záznam v CRM je neplatný"),
        "do_not_send": _("v CRM mají zákaz zasílání"),
        "deleted_from_list": _("někdo je ze seznamu smazal"),
        "refused_elsewhere": _("jinde v účtu si stěžovali nebo se jim nedá doručit"),
        "left_elsewhere": _("odhlásili se z jiného seznamu účtu"),
    }


def why_skipped() -> dict[str, str]:
    """Why one contact was skipped, as `reasons` says it of many."""
    return {
        "erased": _("Byl na žádost vymazán."),
        "colleague": _("Je to kolega."),
        "own_company": _("Je to vlastní firma."),
        "invalid_record": _("Záznam v CRM je neplatný."),
        "do_not_send": _("V CRM má zákaz zasílání."),
        "deleted_from_list": _("Někdo ho ze seznamu smazal."),
        "refused_elsewhere": _("Jinde v účtu si stěžoval nebo se mu nedá doručit."),
        "left_elsewhere": _("Odhlásil se z jiného seznamu účtu."),
    }


def kinds() -> dict[str, str]:
    """Kinds of records."""
    return {Kind.PERSON.value: _("Osoby"), Kind.COMPANY.value: _("Firmy")}


def standings() -> dict[str, str]:
    """What the last look at a contact made of it; keys are those of `COUNTS`."""
    return {
        "created": _("Je v seznamu, založili jsme ho."),
        "adopted": _("Je v seznamu, byl tam už dřív."),
        "updated": _("Je v seznamu, naposledy se upravil."),
        "unchanged": _("Je v seznamu, obě strany říkají totéž."),
        "skipped": _("V seznamu není."),
        "failed": _("Nepřenesl se."),
        "": _("Ještě na něj nedošlo."),
    }


def causes() -> dict[str, str]:
    """Why an address was looked at."""
    return {
        "crm": _("z CRM"),
        "list": _("ze seznamu"),
        "bell": _("změna v CRM"),
        "reading": _("pravidelné čtení CRM"),
        "night": _("noční porovnání"),
        "settings": _("změna nastavení"),
        "resumed": _("obnovení propojení"),
        "recovery": _("dokončení přerušeného zápisu"),
        "released": _("odchod, který brzda pustila nebo člověk potvrdil"),
        "lifted": _("někdo dovolil založit ho znovu"),
        "outbox": _("zápis do CRM"),
        "undo": _("vrácení zpět"),
    }


def deeds() -> dict[str, str]:
    """What was done with a contact."""
    return {
        "created": _("Založen"),
        "adopted": _("Převzat"),
        "updated": _("Upraven"),
        "tagged": _("Štítky"),
        "skipped": _("Přeskočen"),
        "unsubscribed": _("Odhlášen"),
        "failed": _("Selhalo"),
        "cut": _("Zkráceno"),
        "left_out": _("Štítek vynechán"),
        "others": _("Další adresy v poli"),
        "closed": _("Ukončeno"),
        "written": _("Zapsáno do CRM"),
        "dropped": _("Do CRM nezapsáno"),
        "asks": _("Čeká na vás"),
        "tagged_crm": _("Štítek přidán v CRM"),
        "untagged_crm": _("Štítek odebrán v CRM"),
        "history": _("Zapsáno do historie v CRM"),
        "left_edited": _("Nevráceno, někdo to mezitím upravil"),
        "left_gone": _("Nevráceno, kontakt už není propojený"),
        "left_refused": _("Nevráceno, zapsat se to nedá"),
    }
