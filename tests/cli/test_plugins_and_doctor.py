import sqlite3

from tests.support.command import Home


def test_the_catalogue_names_what_is_installed(home: Home) -> None:
    ended = home.run("plugins", "list", "--json")

    assert ended.status == 0
    assert {each["name"]: each["usable"] for each in ended.document} == {"ecomail": True, "local": True, "raynet": True}


def test_doctor_finds_a_fresh_home_well_with_nothing_else_running(home: Home) -> None:
    ended = home.run("doctor", "--json")

    assert ended.status == 0
    assert all(check["ok"] for check in ended.document)


def test_doctor_says_how_to_close_keys_that_others_may_read(home: Home) -> None:
    home.run("doctor")
    (home.path / "secret_key").chmod(0o644)
    ended = home.run("doctor")

    assert ended.status == 1
    assert f"chmod 600 {home.path / 'secret_key'}" in ended.out


def test_doctor_says_what_to_do_about_a_redis_that_is_away(home: Home) -> None:
    ended = home.run("doctor", REDIS_URL="redis://127.0.0.1:1/0")

    assert ended.status == 1
    assert "FAIL  redis: Redis does not answer at REDIS_URL." in ended.out


def test_R110_doctor_says_that_a_copy_keeps_away_and_how_it_becomes_the_home(home: Home) -> None:
    home.run("doctor")
    with sqlite3.connect(home.path / "spojka.db") as database:
        database.execute("INSERT INTO installation (name, value) VALUES ('home', 'spojka.firma.cz')")
    ended = home.run("doctor", SPOJKA_PUBLIC_URL="https://staging.firma.cz")

    assert ended.status == 1
    assert "FAIL  address: This is a copy" in ended.out
    assert "Its home is spojka.firma.cz." in ended.out
