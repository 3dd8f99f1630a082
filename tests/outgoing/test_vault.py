import pytest
from cryptography.fernet import Fernet

from core.outgoing import FernetVault, Sealed

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECRETS = {"api_key": "crm-žluťoučký", "user": "eva@firma.cz"}


def test_what_was_sealed_is_opened() -> None:
    vault = FernetVault([NEW])

    assert vault.open(vault.seal(SECRETS)) == SECRETS


def test_sealed_credentials_show_nothing() -> None:
    sealed = FernetVault([NEW]).seal(SECRETS)

    assert "crm" not in sealed
    assert "eva" not in sealed


def test_an_older_key_still_opens() -> None:
    assert FernetVault([NEW, OLD]).open(FernetVault([OLD]).seal(SECRETS)) == SECRETS


def test_rotating_puts_the_newest_key_on() -> None:
    rotated = FernetVault([NEW, OLD]).rotate(FernetVault([OLD]).seal(SECRETS))

    assert FernetVault([NEW]).open(rotated) == SECRETS


def test_credentials_that_no_key_opens_say_what_to_do() -> None:
    sealed = FernetVault([OLD]).seal(SECRETS)

    with pytest.raises(Sealed, match="SPOJKA_ENCRYPTION_KEYS"):
        FernetVault([NEW]).open(sealed)
    with pytest.raises(Sealed, match="SPOJKA_ENCRYPTION_KEYS"):
        FernetVault([NEW]).rotate(sealed)


def test_nothing_sealed_is_no_secrets() -> None:
    vault = FernetVault([NEW])

    assert vault.open("") == {}
    assert vault.rotate("") == ""


def test_a_vault_does_not_show_its_keys() -> None:
    assert repr(FernetVault([NEW])) == "FernetVault(•••)"
