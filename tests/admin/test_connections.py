import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.admin.glossary import reasons
from core.store.runs import RunRow
from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words


def page_of(admin: Reader, number: int) -> str:
    return words(admin.text(f"/admin/connections/{number}"))


def test_a_new_connection_waits_for_its_first_run(house: House, admin: Reader) -> None:
    assert "Přenos čeká ve frontě, začne během chvíle." in page_of(admin, house.connection())


def test_a_connection_without_a_run_says_what_will_be_here(house: House, admin: Reader) -> None:
    number = house.connection()
    with house.world.sessions.begin() as session:
        session.query(RunRow).delete()

    page = page_of(admin, number)

    assert "Zatím tu nic není. Až se první kontakt přenese, uvidíte ho zde." in page
    assert "Zatím žádný. První začne sám, jakmile se propojení rozběhne." in page


def test_a_running_run_says_how_much_is_done_and_how_long_still(house: House, admin: Reader) -> None:
    number = house.connection()
    progress = {"phase": "reading", "done": 1234, "of": 5040, "seconds_left": 90}
    house.run(state="running", started_at=house.now, progress=progress)

    page = page_of(admin, number).replace("\xa0", " ")

    assert "Čtu Raynet CRM: 1 234 z 5 040 kontaktů, hotovo asi v " in page
    assert '<progress max="100" value="11"' in admin.text(f"/admin/connections/{number}/state")


@pytest.mark.parametrize(
    ("phase", "sentence"),
    [
        ("list", "Procházím seznam: 4 z 10 profilů."),
        ("writing", "Plním seznam: 4 z 10 adres."),
        ("closing", "Ověřuji, co se zapsalo: 4 z 10 profilů."),
    ],
)
def test_each_phase_of_a_run_has_its_sentence(house: House, admin: Reader, phase: str, sentence: str) -> None:
    number = house.connection()
    house.run(state="running", started_at=house.now, progress={"phase": phase, "done": 4, "of": 10})

    assert sentence in page_of(admin, number)


def test_a_pass_over_a_list_of_unknown_size_counts_what_it_saw(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="running", started_at=house.now, progress={"phase": "list", "done": 7, "of": 0})

    assert "Procházím seznam, zatím 7 profilů." in page_of(admin, number)


def test_the_end_is_foretold_only_once_enough_is_done(house: House, admin: Reader) -> None:
    number = house.connection()
    progress = {"phase": "writing", "done": 1, "of": 2504, "seconds_left": 2326}
    house.run(state="running", started_at=house.now, progress=progress)

    assert "hotovo asi v" not in page_of(admin, number)


def test_all_well_is_one_sentence_with_the_time_in_words(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="done", finished_at=house.now - timedelta(hours=3))
    house.ended(number, minutes_ago=2, created=2)

    page = page_of(admin, number)

    assert "✓ v pořádku Vše v pořádku. Poslední přenos skončil před 2 minutami ." in page


def test_times_carry_the_exact_moment(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="done", finished_at=house.now)
    house.ended(number)

    assert 'title="' in admin.text(f"/admin/connections/{number}").split("<time")[1]


def test_refused_credentials_say_since_when_and_what_to_do(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, state="refused", problem_text="", problem_at=house.now - timedelta(hours=2))

    page = page_of(admin, number)

    assert "Raynet CRM přihlašovací údaje odmítl. Stalo se to před 2 hodinami. Opravte údaje v nastavení" in page
    assert "Opravit přihlašovací údaje" in page


def test_the_allowance_left_is_shown(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, left=23112, limit=24000)

    assert "Raynet CRM: dnes zbývá 23 112 z 24 000 dotazů." in page_of(admin, number).replace("\xa0", " ")


def test_pause_and_resume_change_the_state_and_are_in_the_audit(house: House, admin: Reader) -> None:
    number = house.connection()

    paused = admin.send(f"/admin/connections/{number}/pause", follow_redirects=True)
    resumed = admin.send(f"/admin/connections/{number}/resume", follow_redirects=True)

    assert "Pozastaveno. Nic se nečte ani nezapisuje, nic se neztratí." in words(paused.text)
    assert "pozastaveno" not in words(resumed.text)
    assert house.audit() == ["login", "connection.pause", "connection.resume"]


def test_run_now_asks_for_a_run_once(house: House, admin: Reader) -> None:
    number = house.connection()
    first = house.run(state="done", finished_at=house.now)
    house.rings.heard.clear()

    admin.send(f"/admin/connections/{number}/run")
    admin.send(f"/admin/connections/{number}/run")

    assert house.rings.heard == [("bulk", "run_now", first + 1)] * 2


@pytest.mark.parametrize("state", ["queued", "running"])
def test_while_a_run_is_open_no_other_is_offered(house: House, admin: Reader, state: str) -> None:
    number = house.connection()
    house.run(state=state)

    page = page_of(admin, number)

    assert "Spustit teď" not in page
    assert "Vyzkoušet nanečisto" not in page


def test_buttons_and_runs_come_along_once_others_fit(house: House, admin: Reader) -> None:
    number = house.connection()
    shown = re.findall(r"shown=([^\"&]+)", admin.text(f"/admin/connections/{number}"))[0]
    same = admin.text(f"/admin/connections/{number}/state?shown={shown}")
    house.run(state="done", finished_at=house.now)

    other = admin.text(f"/admin/connections/{number}/state?shown={shown}")

    assert "hx-swap-oob" not in same
    assert other.count("hx-swap-oob") == 2
    assert "Spustit teď" in other


def test_a_viewer_is_offered_nothing_to_press(house: House, signed_in: Callable[..., Reader]) -> None:
    number = house.connection()
    house.run(state="done", finished_at=house.now)

    page = page_of(signed_in("viewer"), number)

    assert "Spustit teď" not in page
    assert "Nastavení" not in page


@pytest.mark.parametrize(
    "path", ["/admin/connections/9", "/admin/connections/9/settings", "/admin/connections/9/failures", "/admin/runs/9"]
)
def test_what_is_not_there_says_where_to_go(admin: Reader, path: str) -> None:
    answer = admin.open(path)

    assert answer.status_code == 404
    assert "Na této adrese nic není." in answer.text


def test_a_removed_connection_is_not_shown(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, state="removed")

    assert admin.open(f"/admin/connections/{number}").status_code == 404
    assert "Zatím není nic propojené" in admin.text("/admin/")


def test_names_are_shown_as_text(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, name="<b>O'Neill</b> & syn")

    assert "&lt;b&gt;O&#39;Neill&lt;/b&gt; &amp; syn" in admin.text("/admin/")


def test_a_run_says_what_it_brought_and_why_some_were_skipped(house: House, admin: Reader) -> None:
    run = house.ended(house.connection(), created=12, skipped=3)

    page = words(admin.text(f"/admin/runs/{run}"))

    assert "12 Založeno" in page or "Založeno 12" in page
    assert f"{reasons_in(house)['no_email']} 3" in page
    assert "Trval 1 min 14 s" in page


def reasons_in(house: House) -> dict[str, str]:
    with house.app.test_request_context():
        return reasons()


def test_only_an_open_run_asks_again_by_itself(house: House, admin: Reader) -> None:
    ended = house.ended(house.connection())

    assert "hx-trigger" in admin.text("/admin/runs/1/partial")
    assert "hx-trigger" not in admin.text(f"/admin/runs/{ended}/partial")


def test_moving_parts_are_parts_of_a_page(house: House, admin: Reader) -> None:
    number = house.connection()

    assert "<html" not in admin.text(f"/admin/connections/{number}/state")
    assert "<html" not in admin.text("/admin/runs/1/partial")
