from tests.support.command import Home


def test_a_user_is_made_with_the_password_piped_in(home: Home) -> None:
    ended = home.run(
        "users", "create", "Jana@Firma.cz", "--role", "admin", "--password-stdin", "--json", typed="tajneheslo\n"
    )

    assert ended.status == 0
    assert ended.document == {"id": 1, "email": "jana@firma.cz", "role": "admin"}


def test_a_second_user_with_the_same_address_is_refused(home: Home) -> None:
    arguments = ("users", "create", "jana@firma.cz", "--role", "viewer", "--password-stdin")
    home.run(*arguments, typed="tajneheslo\n")
    ended = home.run(*arguments, typed="tajneheslo\n")

    assert ended.status == 2
    assert "There is a user with this e-mail already" in ended.err


def test_what_is_no_address_is_refused(home: Home) -> None:
    ended = home.run("users", "create", "jana", "--role", "viewer", "--password-stdin", typed="tajneheslo\n")

    assert ended.status == 2
    assert ended.err == "This is not an e-mail address. Write it like jana@firma.cz.\n"


def test_a_short_password_is_refused(home: Home) -> None:
    ended = home.run("users", "create", "jana@firma.cz", "--role", "viewer", "--password-stdin", typed="abc\n")

    assert ended.status == 2
    assert "8 to 1000 characters" in ended.err


def test_without_a_terminal_the_password_has_to_be_piped_in(home: Home) -> None:
    ended = home.run("users", "create", "jana@firma.cz", "--role", "viewer")

    assert ended.status == 2
    assert "--password-stdin" in ended.err


def test_an_unknown_role_is_wrong_usage(home: Home) -> None:
    ended = home.run("users", "create", "jana@firma.cz", "--role", "king", "--password-stdin", typed="tajneheslo\n")

    assert ended.status == 2
    assert "king" in ended.err
