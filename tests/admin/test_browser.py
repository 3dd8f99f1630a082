"""The pages in a real browser: they move, can be used by keyboard and on a phone, and break no rule of their own."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.support.admin_house import ECOMAIL_KEY, PASSWORD, RAYNET_KEY, House

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=20_000)
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The house behind a real port."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said against the pages: errors, and what the content policy refused."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="cs-CZ")
    opened = context.new_page()
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()


@pytest.fixture
def inside(page: Page, house: House) -> Page:
    """Signed in through the front door."""
    sign_in(page, house)
    return page


def sign_in(page: Page, house: House) -> None:
    """A new user at the front door."""
    page.goto("/admin/")
    page.get_by_label("E-mail").fill(house.user())
    page.get_by_label("Heslo").fill(PASSWORD)
    page.get_by_role("button", name="Přihlásit se").click()
    page.wait_for_url("**/admin/")


def fill(page: Page, house: House, key: str = RAYNET_KEY) -> None:
    """The connect form, down to its switch."""
    page.locator("#audience-ecomail-api-key").fill(ECOMAIL_KEY)
    page.get_by_role("button", name="Načíst seznamy").click()
    page.locator("select#list-ecomail").select_option(house.list_id)
    page.get_by_label("Uživatelské jméno").fill("api@example.com")
    page.locator("#crm-api-key").fill(key)
    page.get_by_label("Název instance").fill("demo-crm")


def test_a_crm_is_connected_from_the_empty_page_on(inside: Page, house: House, complaints: list[str]) -> None:
    inside.get_by_role("button", name="Připojit CRM").click()
    fill(inside, house)
    inside.get_by_role("button", name="Vyzkoušet").click()
    expect(inside.locator("#tested")).to_contain_text("Propojeno. Uživatel api@example.com, 45 kontaktů")
    assert inside.url.endswith("/admin/connections/new")

    inside.get_by_role("button", name="Připojit Raynet CRM").click()

    inside.wait_for_url("**/admin/connections/1")
    expect(inside.locator("h1")).to_have_text("Raynet CRM → Odběratelé")
    assert complaints == []


def test_a_refused_key_is_told_in_place_and_nothing_typed_is_lost(
    inside: Page, house: House, complaints: list[str]
) -> None:
    inside.goto("/admin/connections/new")
    fill(inside, house, key="špatný")

    inside.get_by_role("button", name="Vyzkoušet").click()

    expect(inside.locator("#tested")).to_contain_text("tento klíč odmítl. Zkontrolujte, že je vložen celý")
    expect(inside.locator("#crm-api-key")).to_have_value("špatný")
    expect(inside.locator("select#list-ecomail")).to_have_value(house.list_id)
    assert complaints == []


def test_errors_stand_at_the_top_take_the_focus_and_lead_to_their_fields(inside: Page) -> None:
    inside.goto("/admin/connections/new")
    inside.get_by_role("button", name="Připojit Raynet CRM").click()
    expect(inside.locator(".summary")).to_be_focused()

    inside.get_by_role("link", name="Vyplňte pole Název instance.").click()

    expect(inside.locator("#crm-instance")).to_be_focused()


def test_only_the_chosen_audience_asks_for_its_values(inside: Page) -> None:
    inside.goto("/admin/connections/new")

    inside.get_by_label("Vestavěný seznam").check()

    expect(inside.locator("#audience-ecomail-api-key")).to_be_hidden()
    expect(inside.locator("#list-local")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_R101_only_a_double_opt_in_list_brings_its_question(
    browser: Browser, address: str, house: House, scripts: bool
) -> None:
    double = str(house.ecomail.account.add_list("Novinky", double_optin=True).id)
    context = browser.new_context(base_url=address, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, house)
    page.goto("/admin/connections/new")
    fill(page, house)
    question = page.get_by_label("Seznam s dvojím potvrzením")
    expect(question).to_be_hidden()

    page.locator("select#list-ecomail").select_option(double)

    expect(question).to_be_visible()
    context.close()


def test_a_test_turns_the_lists_number_into_a_picker(inside: Page, house: House) -> None:
    inside.goto("/admin/connections/new")
    fill(inside, house)
    inside.reload()
    inside.locator("#audience-ecomail-api-key").fill(ECOMAIL_KEY)
    inside.locator("input#list-ecomail").fill(house.list_id)
    inside.get_by_label("Uživatelské jméno").fill("api@example.com")
    inside.locator("#crm-api-key").fill(RAYNET_KEY)
    inside.get_by_label("Název instance").fill("demo-crm")

    inside.get_by_role("button", name="Vyzkoušet").click()

    expect(inside.locator("select#list-ecomail")).to_have_value(house.list_id)


def test_once_a_run_has_ended_its_buttons_come_back_by_themselves(inside: Page, house: House) -> None:
    number = house.connection()
    house.run(state="running", started_at=house.now, progress={"phase": "reading", "done": 10, "of": 45})
    inside.goto(f"/admin/connections/{number}")
    expect(inside.get_by_role("button", name="Spustit teď")).to_have_count(0)

    house.run(state="done", finished_at=house.now, result={"profiles": {"created": 45}})

    expect(inside.get_by_role("button", name="Spustit teď")).to_be_visible()
    expect(inside.locator("#last-runs tbody")).to_contain_text("hotovo")


def test_a_connection_is_removed_only_after_a_question(inside: Page, house: House) -> None:
    number = house.connection()
    inside.goto(f"/admin/connections/{number}/settings")
    inside.get_by_role("link", name="Odebrat propojení").click()

    inside.get_by_role("button", name="Odebrat propojení").click()

    inside.wait_for_url("**/admin/")
    expect(inside.locator(".flash")).to_contain_text("Profily v seznamu zůstaly.")


def test_rarely_used_settings_are_folded_and_found_by_their_errors(inside: Page, house: House) -> None:
    number = house.connection()
    inside.goto(f"/admin/connections/{number}/settings")
    field = inside.get_by_label("Sledovat kampaň tolik dní")
    expect(field).to_be_hidden()

    inside.get_by_text("Časy, meze a výsledky kampaní").click()
    field.fill("nic")
    inside.get_by_role("button", name="Uložit nastavení").click()

    expect(field).to_be_visible()


def test_progress_moves_by_itself(inside: Page, house: House, complaints: list[str]) -> None:
    number = house.connection()
    run = house.run(state="running", started_at=house.now, progress={"phase": "reading", "done": 10, "of": 45})
    inside.goto(f"/admin/connections/{number}")
    expect(inside.locator("#state")).to_contain_text("10 z 45 kontaktů")

    house.run(run, progress={"phase": "reading", "done": 40, "of": 45})
    expect(inside.locator("#state")).to_contain_text("40 z 45 kontaktů")
    house.run(run, state="done", finished_at=house.now, result={"profiles": {"created": 45}})

    expect(inside.locator("#state")).to_contain_text("Vše v pořádku.")
    assert complaints == []


def test_the_form_is_filled_by_keyboard_alone_and_the_focus_is_seen(inside: Page) -> None:
    inside.goto("/admin/connections/new")
    inside.locator("#audience-ecomail-api-key").focus()
    order = []
    for _ in range(6):
        inside.keyboard.press("Tab")
        order.append(inside.evaluate("document.activeElement.id || document.activeElement.innerText"))

    assert order == ["list-ecomail", "Načíst seznamy", "crm-username", "crm-api-key", "crm-instance", "crm-both-emails"]
    assert inside.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_the_first_tab_leads_past_the_header(inside: Page) -> None:
    inside.goto("/admin/")

    inside.keyboard.press("Tab")

    expect(inside.get_by_role("link", name="Přejít k obsahu")).to_be_focused()


PAGES = (
    "",
    "connections/new",
    "connections/1",
    "connections/1/settings",
    "connections/1/addresses",
    "connections/1/failures",
    "connections/1/remove",
    "runs/1",
)


@pytest.mark.parametrize("path", [*PAGES, "connections/1/contacts?q=nikdo@firma.cz"])
def test_no_page_is_wider_than_a_phone_and_each_has_one_heading_and_its_landmarks(
    inside: Page, house: House, complaints: list[str], path: str
) -> None:
    number = house.connection()
    house.run(state="done", finished_at=house.now)
    house.ended(number, created=12345, skipped=120)
    inside.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain mapping of two numbers

    inside.goto(f"/admin/{path}")

    assert inside.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert [inside.locator(tag).count() for tag in ("h1", "main", "body > header")] == [1, 1, 1]
    assert inside.evaluate(UNNAMED) == []
    assert inside.evaluate(SMALL) == []
    assert complaints == []


UNNAMED = """[...document.querySelectorAll("input:not([type=hidden]), select")]
    .filter(one => !one.labels.length).map(one => one.name)"""
SMALL = """[...document.querySelectorAll("button, [role=button]")]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44).map(one => one.innerText)"""


def test_the_pages_work_without_scripts(browser: Browser, address: str, house: House) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/admin/connections/new")
    page.get_by_label("E-mail").fill(house.user())
    page.get_by_label("Heslo").fill(PASSWORD)
    page.get_by_role("button", name="Přihlásit se").click()
    fill(page, house)

    page.get_by_role("button", name="Vyzkoušet").click()

    expect(page.locator("#tested")).to_contain_text("Propojeno. Uživatel api@example.com")
    expect(page.locator("#crm-api-key")).to_have_value(RAYNET_KEY)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_are_legible_in_both_schemes(inside: Page, house: House, scheme: str, tmp_path: Path) -> None:
    number = house.connection()
    house.change(number, state="refused", problem_at=house.now - timedelta(hours=1))
    inside.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two known words

    inside.goto(f"/admin/connections/{number}")

    assert inside.evaluate(FAINT) == []


FAINT = """(() => {
  const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const behind = one => { while (one) { const c = getComputedStyle(one).backgroundColor;
    if (!/, 0\\)$|transparent/.test(c)) return c; one = one.parentElement } return "rgb(255, 255, 255)" };
  return [...document.querySelectorAll("main *, header *")].filter(one => one.checkVisibility() &&
    [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())).filter(one => {
      const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5 }).map(one => one.textContent.trim()) })()"""
