import stat
from pathlib import Path

import pytest

from core.settings import SettingsError, load
from tests.support.command import Home

WRONG = [
    ("DATABASE_URL", "nonsense", "postgresql+psycopg://"),
    ("DATABASE_URL", "mysql://localhost/spojka", "does not run on"),
    ("DATABASE_URL", "sqlite://", "names no file"),
    ("REDIS_URL", "localhost:6379", "redis://localhost:6379/0"),
    ("SECRET_KEY", "short", "at least 16"),
    ("SPOJKA_ENCRYPTION_KEYS", "not-a-key", "not a Fernet key"),
    ("SPOJKA_PUBLIC_URL", "spojka.example.cz", "https://spojka.example.cz"),
    ("SPOJKA_TIMEZONE", "Middle/Earth", "Europe/Prague"),
    ("SPOJKA_DAILY_AT", "six", "06:00"),
    ("SPOJKA_DAILY_AT", "24:00", "06:00"),
    ("SPOJKA_LOCALE", "de", "cs or en"),
    ("SPOJKA_ALLOW_PRIVATE_HOSTS", "maybe", "on or off"),
    ("RAYNET_BASE_URL", "ftp://app.raynet.cz", "https://"),
]


@pytest.mark.parametrize(("name", "value", "example"), WRONG)
def test_a_wrong_variable_is_named_with_an_example_in_one_line(
    tmp_path: Path, name: str, value: str, example: str
) -> None:
    with pytest.raises(SettingsError) as wrong:
        load({"SPOJKA_HOME": str(tmp_path), name: value})

    assert name in str(wrong.value)
    assert example in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    with pytest.raises(SettingsError, match="SPOJKA_HOME is .*can't be made a folder"):
        load({"SPOJKA_HOME": str(tmp_path / "home")})


def test_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    first = load({"SPOJKA_HOME": str(tmp_path)})
    second = load({"SPOJKA_HOME": str(tmp_path)})

    assert (first.secret_key, first.encryption_keys) == (second.secret_key, second.encryption_keys)
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("secret_key", "encryption_keys")}
    assert modes == {0o600}


def test_no_secret_is_in_the_repr_of_the_settings(tmp_path: Path) -> None:
    url = "postgresql+psycopg://spojka:hunter2@localhost/spojka"
    shown = repr(load({"SPOJKA_HOME": str(tmp_path), "DATABASE_URL": url, "SECRET_KEY": "s" * 20}))

    assert "hunter2" not in shown
    assert "s" * 20 not in shown


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert load({"SPOJKA_HOME": str(tmp_path), "SPOJKA_DAILY_AT": ""}).daily_at.hour == 6


def test_a_password_in_a_wrong_database_url_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as wrong:
        load({"SPOJKA_HOME": str(tmp_path), "DATABASE_URL": "mysql://spojka:hunter2@localhost/spojka"})

    assert "hunter2" not in str(wrong.value)


def test_a_wrong_variable_ends_every_command_with_2_and_one_line(home: Home) -> None:
    ended = home.run("connections", "list", SPOJKA_DAILY_AT="six")

    assert ended.status == 2
    assert ended.err == 'SPOJKA_DAILY_AT is "six", which is not a time of day. Write it like 06:00.\n'


def test_doctor_names_all_wrong_variables_at_once(home: Home) -> None:
    ended = home.run("doctor", "--json", SPOJKA_DAILY_AT="six", SPOJKA_LOCALE="de")

    assert ended.status == 2
    assert [check["ok"] for check in ended.document] == [False, False]
    assert "SPOJKA_LOCALE" in ended.out
    assert "SPOJKA_DAILY_AT" in ended.out
