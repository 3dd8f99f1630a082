import pytest

from tests.support.command import Ended, Home
from tests.support.vendors import ECOMAIL, LOCAL, RAYNET, Vendors

SECRETS = ("crm-test-0001", "test-key")


def create(home: Home, *more: str) -> Ended:
    return home.run("connections", "create", "--plugin", "raynet", *RAYNET, *more, "--json")


def test_a_new_connection_prints_its_whole_addresses(connected_home: Home) -> None:
    made = create(connected_home, *ECOMAIL)

    assert made.status == 0
    token = made.document["webhook_url"].removeprefix("http://127.0.0.1:8080/hooks/")
    assert len(token) >= 32
    assert made.document == {
        "id": 1,
        "webhook_url": f"http://127.0.0.1:8080/hooks/{token}",
        "automation_add_tag_url": f"http://127.0.0.1:8080/automation/{token}/tags/add",
        "automation_remove_tag_url": f"http://127.0.0.1:8080/automation/{token}/tags/remove",
        "campaign_events_url": f"http://127.0.0.1:8080/campaign-events/{token}",
    }


def test_no_secret_is_ever_printed_or_kept_readable(connected_home: Home) -> None:
    said = [create(connected_home, *ECOMAIL)]
    said += [connected_home.run("connections", *words) for words in (("list",), ("show", "1"), ("test", "1"))]
    said += [connected_home.run("connections", *words, "--json") for words in (("list",), ("show", "1"), ("test", "1"))]
    said.append(connected_home.run("doctor", "--json"))
    printed = "".join(ended.out + ended.err for ended in said)
    files = [path for path in connected_home.path.rglob("*") if path.is_file()]
    stored = b"".join(path.read_bytes() for path in files)

    assert [ended.status for ended in said] == [0] * len(said)
    assert not [secret for secret in SECRETS if secret in printed or secret.encode() in stored]


def test_a_new_connection_waits_with_its_first_run_queued(connected_home: Home) -> None:
    create(connected_home, *LOCAL)
    shown = connected_home.run("connections", "show", "1", "--json").document

    assert shown["state"] == "running"
    assert [(run["mode"], run["state"]) for run in shown["runs"]] == [("full", "queued")]


def test_a_paused_new_connection_has_no_run(connected_home: Home) -> None:
    create(connected_home, *LOCAL, "--paused")
    shown = connected_home.run("connections", "show", "1", "--json").document

    assert (shown["state"], shown["runs"]) == ("paused", [])


def test_refused_credentials_end_with_3_and_save_nothing(connected_home: Home) -> None:
    refused = create(connected_home, *LOCAL, "--set", "api_key=wrong-key-0001")

    assert refused.status == 3
    assert "wrong-key-0001" not in refused.out + refused.err
    assert connected_home.run("connections", "list", "--json").document == []


def test_a_vendor_that_does_not_answer_ends_with_4(home: Home) -> None:
    here = Home(home.path, {"RAYNET_BASE_URL": "http://127.0.0.1:1/api/v2/", "SPOJKA_ALLOW_PRIVATE_HOSTS": "on"})
    ended = create(here, *LOCAL, "--no-test")
    tested = here.run("connections", "test", "1")

    assert ended.status == 0
    assert tested.status == 4
    assert "Traceback" not in tested.err


def test_a_private_address_is_refused_unless_it_is_allowed(home: Home) -> None:
    here = Home(home.path, {"RAYNET_BASE_URL": "http://127.0.0.1:1/api/v2/"})
    ended = create(here, *LOCAL)

    assert ended.status == 2
    assert "SPOJKA_ALLOW_PRIVATE_HOSTS" in ended.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--plugin", "pipedrive", *LOCAL), 'There is no plugin "pipedrive" for the crm side. Installed: raynet.'),
        (("--plugin", "raynet", *LOCAL), "Raynet CRM needs api_key, which was not given."),
        (("--plugin", "raynet", *LOCAL, "--set", "hello"), "--set wants key=value"),
        (("--plugin", "raynet", *LOCAL, *RAYNET, "--set", "colour=red"), "Raynet CRM has no setting colour."),
        (("--plugin", "raynet", *LOCAL, *RAYNET, "--set", "conflicts=dice"), "Spojka: conflicts can't be used"),
        (("--plugin", "raynet", *LOCAL, *RAYNET, "--set", "both_emails=perhaps"), "both_emails can't be used"),
        (
            (
                "--plugin",
                "raynet",
                "--audience",
                "ecomail",
                "--list",
                "9",
                "--audience-set",
                "api_key=test-key",
                *RAYNET,
            ),
            'Ecomail has no list "9". It has: 1 (Klienti).',
        ),
    ],
)
def test_wrong_settings_end_with_2_and_say_which(
    connected_home: Home, arguments: tuple[str, ...], sentence: str
) -> None:
    ended = connected_home.run("connections", "create", *arguments)

    assert ended.status == 2
    assert sentence in ended.err
    assert "Traceback" not in ended.err


def test_a_list_may_be_given_by_its_whole_name(connected_home: Home) -> None:
    create(connected_home, "--audience", "ecomail", "--list", "Klienti", "--audience-set", "api_key=test-key")

    assert connected_home.run("connections", "show", "1", "--json").document["list"] == "1"


def test_settings_are_changed_by_name_and_typed(connected_home: Home) -> None:
    create(connected_home, *LOCAL)
    changed = connected_home.run("connections", "set", "1", "both_emails=true", "campaign_days=14", "--json")

    assert changed.status == 0
    assert changed.document["settings"]["both_emails"] is True
    assert changed.document["settings"]["campaign_days"] == 14


def test_a_setting_that_nobody_knows_changes_nothing(connected_home: Home) -> None:
    create(connected_home, *LOCAL)
    ended = connected_home.run("connections", "set", "1", "both_emails=true", "colour=red")
    shown = connected_home.run("connections", "show", "1", "--json").document

    assert ended.status == 2
    assert shown["settings"]["both_emails"] is False


def test_a_new_key_of_the_list_is_proven_by_the_next_test(connected_home: Home, vendors: Vendors) -> None:
    create(connected_home, *ECOMAIL)
    vendors.ecomail.account.key = "rotated-key"
    before = connected_home.run("connections", "test", "1").status
    connected_home.run("connections", "set", "1", "audience.api_key=rotated-key")

    assert (before, connected_home.run("connections", "test", "1").status) == (3, 0)


def test_paused_and_resumed(connected_home: Home) -> None:
    create(connected_home, *LOCAL, "--paused")
    resumed = connected_home.run("connections", "resume", "1", "--json").document
    paused = connected_home.run("connections", "pause", "1", "--json").document

    assert (resumed["state"], [run["mode"] for run in resumed["runs"]]) == ("running", ["full"])
    assert paused["state"] == "paused"


def test_removing_asks_first_and_without_a_terminal_wants_yes(connected_home: Home) -> None:
    create(connected_home, *LOCAL)
    asked = connected_home.run("connections", "remove", "1")

    assert asked.status == 2
    assert "--yes" in asked.err
    assert len(connected_home.run("connections", "list", "--json").document) == 1


def test_R83_a_removed_connection_is_gone_and_its_credentials_with_it(connected_home: Home) -> None:
    create(connected_home, *LOCAL)
    removed = connected_home.run("connections", "remove", "1", "--yes", "--json")

    assert (removed.status, removed.document) == (0, {"id": 1, "state": "removed", "webhook_left": ""})
    assert connected_home.run("connections", "show", "1").status == 2
    assert connected_home.run("connections", "list", "--json").document == []


def test_R83_who_removes_a_connection_is_told_what_stays(connected_home: Home) -> None:
    create(connected_home, *LOCAL)
    removed = connected_home.run("connections", "remove", "1", "--yes")

    assert removed.out == (
        "Connection 1 is removed. All profiles in the list stay as they are, and so does every record in the CRM.\n"
    )


def test_a_test_says_which_connection_it_proved(connected_home: Home) -> None:
    create(connected_home, *LOCAL)
    tested = connected_home.run("connections", "test", "1", "--json").document

    assert (tested["id"], tested["state"], tested["plugin"], tested["eyes"]) == (1, "running", "raynet", "7")


def test_a_new_connection_says_that_no_webhook_was_tried_yet(connected_home: Home) -> None:
    create(connected_home, *LOCAL)

    assert connected_home.run("connections", "show", "1", "--json").document["webhook"]["state"] == ""
    assert "webhook: not tried yet" in connected_home.run("connections", "show", "1").out


@pytest.mark.parametrize("words", [("show", "7"), ("test", "7"), ("pause", "7"), ("resume", "7"), ("set", "7", "a=b")])
def test_a_connection_that_is_not_there_is_a_sentence(home: Home, words: tuple[str, ...]) -> None:
    ended = home.run("connections", *words)

    assert ended.status == 2
    assert ended.err == "There is no connection 7. spojka connections list shows those there are.\n"
