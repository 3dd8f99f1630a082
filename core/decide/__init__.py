"""Pure decisions: frozen dataclasses in, frozen dataclasses out. No Flask, database, clock or network."""
