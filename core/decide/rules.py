"""The rules by number, and the sentence that says to people what one did."""

from enum import StrEnum

from spojka import Text


class Rule(StrEnum):
    """A rule that decides about an address; the value is what the timeline cites."""

    R3 = "R3"
    R6 = "R6"
    R7 = "R7"
    R8 = "R8"
    R9 = "R9"
    R10 = "R10"
    R11 = "R11"
    R12 = "R12"
    R12A = "R12a"
    R14 = "R14"
    R15 = "R15"
    R17 = "R17"
    R20 = "R20"
    R21 = "R21"
    R22 = "R22"
    R23 = "R23"
    R24 = "R24"
    R25 = "R25"
    R26 = "R26"
    R27 = "R27"
    R28 = "R28"
    R29 = "R29"
    R32 = "R32"
    R34 = "R34"
    R35 = "R35"
    R42 = "R42"
    R50 = "R50"
    R51 = "R51"
    R52 = "R52"
    R54 = "R54"
    R55 = "R55"
    R61 = "R61"
    R80 = "R80"
    R92 = "R92"
    R96 = "R96"
    R101 = "R101"
    R103 = "R103"

    @property
    def words(self) -> Text:
        """What this rule did, for people."""
        return _WORDS[self]

    def sentence(self, locale: str) -> str:
        """What this rule did, in one language."""
        return self.words.get(locale)


_WORDS = {
    Rule.R3: Text(
        "Pole obsahuje víc adres, použita je první platná.",
        "The field holds several addresses; the first valid one is used.",
    ),
    Rule.R6: Text("Záznam nemá použitelnou e-mailovou adresu.", "The record has no usable e-mail address."),
    Rule.R7: Text(
        "Adresu má víc záznamů, data dává hlavní z nich.",
        "Several records share the address; the first of them gives the data.",
    ),
    Rule.R8: Text(
        "Druhá adresa se už nepřenáší, profil v seznamu zůstal.",
        "The second address is no longer carried; the profile stays in the list.",
    ),
    Rule.R9: Text(
        "Kolegové, vlastní firma a zneplatněné záznamy se nepřenášejí.",
        "Colleagues, the own company and invalidated records are not carried over.",
    ),
    Rule.R10: Text(
        "Záznam má zakázáno zasílání obchodních sdělení.", "The record says that no marketing mail may be sent."
    ),
    Rule.R11: Text(
        "Nový profil: vytvořen v seznamu se všemi údaji.", "New profile: created in the list with all its data."
    ),
    Rule.R12: Text(
        "Byl v seznamu už dřív: přidali jsme štítek, nic dalšího jsme nezměnili.",
        "Was in the list before: we added the tag and changed nothing else.",
    ),
    Rule.R12A: Text(
        "Adresa byla propojena už dřív, navázali jsme bez přepisu údajů.",
        "The address was tied before; taken up again without writing a field.",
    ),
    Rule.R14: Text(
        "Adresa byla na žádost vymazána a nepřenáší se.", "The address was erased on request and is not carried over."
    ),
    Rule.R15: Text(
        "Někdo profil ze seznamu smazal, znovu ho nevytvoříme.",
        "Somebody deleted the profile from the list; it is not created again.",
    ),
    Rule.R17: Text(
        "Účet adresu znal z jiného seznamu: přidána do tohoto, vyplněné údaje zůstaly.",
        "The account knew the address from another list: it joined this one, filled values stayed.",
    ),
    Rule.R20: Text("Beze změny.", "Nothing changed."),
    Rule.R21: Text("Změna z CRM zapsána do seznamu.", "A change in the CRM was written to the list."),
    Rule.R22: Text("Změna ze seznamu zapsána do CRM.", "A change in the list was written to the CRM."),
    Rule.R23: Text("Obě strany říkají totéž.", "Both sides say the same."),
    Rule.R24: Text(
        "Hodnotu změnily obě strany, platí CRM; druhá hodnota zůstává zde.",
        "Both sides changed the value; the CRM's counts, the other one is kept here.",
    ),
    Rule.R25: Text(
        "Hodnota vymazaná v CRM byla vymazána i v seznamu.", "A value emptied in the CRM was emptied in the list."
    ),
    Rule.R26: Text(
        "Údaj, který teče jen z CRM, byl obnoven podle CRM.",
        "A value that only comes from the CRM was set to what the CRM says.",
    ),
    Rule.R27: Text(
        "E-mail záznamu se změnil, stará adresa se už neaktualizuje.",
        "The record's e-mail changed; the old address is no longer updated.",
    ),
    Rule.R28: Text(
        "Profil byl v seznamu založen znovu: přidán štítek, nic se nepřepisuje.",
        "The profile was made anew in the list: the tag was added, nothing is overwritten.",
    ),
    Rule.R29: Text("Vlastní zápis se vrátil, nic se neděje.", "Our own write came back; nothing to do."),
    Rule.R32: Text("Seznam zápis potvrdil, ale neuložil.", "The list confirmed a write and did not store it."),
    Rule.R34: Text(
        "Profil vede jiné propojení, přidán byl jen štítek.",
        "Another connection rules the profile; only the tag was added.",
    ),
    Rule.R35: Text("Hodnota byla vrácena do stavu před zápisem.", "The value was taken back to what it was before."),
    Rule.R42: Text("Dlouhá hodnota byla zkrácena.", "A long value was cut."),
    Rule.R50: Text("Štítky záznamu byly přidány.", "The record's tags were added."),
    Rule.R51: Text("Štítky sledují CRM.", "Tags follow the CRM."),
    Rule.R52: Text("Štítek z automatizace je v CRM.", "The automation's tag was written into the CRM."),
    Rule.R54: Text("Štítek seznam nepřijme, byl vynechán.", "The list does not take this tag; it was left out."),
    Rule.R61: Text("Zapsáno do historie v CRM.", "Written into the history in the CRM."),
    Rule.R55: Text("Nikdo s touto adresou se v CRM neobjevil.", "Nobody with this address appeared in the CRM."),
    Rule.R80: Text(
        "Záznam v CRM už není, profil v seznamu zůstal.", "The record has left the CRM; the profile stays in the list."
    ),
    Rule.R92: Text("Seznam zápis odmítl.", "The list refused the write."),
    Rule.R96: Text("Člověk rozhodl, že se to nestane.", "A person decided that it does not happen."),
    Rule.R101: Text(
        "Nový profil: zápis bez odpovědi byl v seznamu nalezen jako náš.",
        "New profile: a write without an answer was found in the list and is ours.",
    ),
    Rule.R103: Text(
        "Štítek v seznamu chyběl, byl zapsán znovu.", "The tag was missing in the list and was written again."
    ),
}
