from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet
from sqlalchemy import text

from core import schema
from core.store.base import make_engine
from tests.support.command import Home

CREATE = (
    *("connections", "create", "--plugin", "raynet", "--audience", "local", "--list", "Klienti", "--no-test", "--json"),
    *("--set", "username=api@example.com", "--set", "api_key=invented-key-0001", "--set", "instance=demo-crm"),
)


def test_an_upgrade_makes_all_tables_and_a_second_one_changes_nothing(home: Home) -> None:
    first, second = home.run("db", "upgrade", "--json"), home.run("db", "upgrade", "--json")

    nothing = {"resealed": 0, "closed": []}
    assert (first.status, first.document) == (0, {"before": "empty", "now": "head", **nothing})
    assert (second.status, second.document) == (0, {"before": "head", "now": "head", **nothing})


def test_an_upgrade_seals_everything_anew_so_that_the_old_key_can_go(home: Home) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    made = home.run(*CREATE, SPOJKA_ENCRYPTION_KEYS=old)

    both = home.run("db", "upgrade", SPOJKA_ENCRYPTION_KEYS=f"{new},{old}")
    alone = home.run("connections", "show", "1", "--json", SPOJKA_ENCRYPTION_KEYS=new)

    assert made.status == 0
    assert "Sealed anew with the newest key: 3." in both.out
    assert (alone.status, alone.document["webhook_url"]) == (0, made.document["webhook_url"])


def test_an_upgrade_names_what_no_key_opens(home: Home) -> None:
    home.run(*CREATE, SPOJKA_ENCRYPTION_KEYS=Fernet.generate_key().decode())

    ended = home.run("db", "upgrade", SPOJKA_ENCRYPTION_KEYS=Fernet.generate_key().decode())

    assert ended.status == 0
    assert "connection 1: crm: no key of SPOJKA_ENCRYPTION_KEYS opens it." in ended.err


def test_a_fresh_home_is_given_its_tables_by_any_command(home: Home) -> None:
    ended = home.run("connections", "list", "--json")

    assert (ended.status, ended.document) == (0, [])


def test_tables_of_an_unknown_version_are_left_alone(home: Home, tmp_path: Path) -> None:
    home.run("db", "upgrade")
    with make_engine(f"sqlite:///{home.path / 'spojka.db'}").begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    ended = home.run("connections", "list")

    assert ended.status == 2
    assert "newer version of Spojka" in ended.err


def test_a_database_that_is_not_there_ends_with_4_and_one_sentence(home: Home) -> None:
    ended = home.run("connections", "list", DATABASE_URL="postgresql://spojka:hunter2@127.0.0.1:1/spojka")

    assert ended.status == 4
    assert "Check DATABASE_URL" in ended.err
    assert "hunter2" not in ended.err
    assert "Traceback" not in ended.err


def test_the_migrations_make_exactly_the_tables_that_the_program_knows(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'spojka.db'}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.METADATA) == []


def test_the_newest_migration_is_the_one_the_program_asks_for() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.HEAD]
