"""The page in a real browser: found, sorted, drawn, printed; and nothing else happens."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.campaigns.large_page import MOST_BYTES, generate, use

from ..pages import page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

Landmark: TypeAlias = Literal["banner", "navigation", "main", "contentinfo"]


class Watched(NamedTuple):
    """A tab, and everything that happened in it besides what a test did."""

    page: Page
    happened: list[str]


def watched(context: BrowserContext) -> Watched:
    opened, happened = context.new_page(), list[str]()
    opened.on("console", lambda message: happened.append(message.text))
    opened.on("pageerror", lambda error: happened.append(str(error)))
    opened.on("dialog", lambda dialog: happened.append(dialog.message))
    opened.on("request", lambda request: happened.append(request.url))
    return Watched(opened, happened)


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Watched:
    return watched(browser.new_context(reduced_motion="reduce"))


@pytest.fixture
def tab(shared: Watched, report: Path) -> Iterator[Page]:
    """The page, just opened; it may neither complain nor fetch anything."""
    opened, happened = shared
    opened.goto("about:blank")
    opened.emulate_media(media="screen", color_scheme="light")
    opened.set_viewport_size({"width": 1280, "height": 800})
    happened.clear()
    opened.goto(report.as_uri())
    yield opened
    assert happened == [report.as_uri()]


def visible_rows(box: Locator) -> Locator:
    return box.locator("tbody tr:visible, .item:visible")


def column(table: Locator, number: int) -> list[str]:
    cells = table.locator(f"tbody tr:visible > :nth-child({number})")
    return [text.strip() for text in cells.all_inner_texts()]


def test_says_where_the_migration_is(tab: Page) -> None:
    engine = tab.locator("#concepts tbody tr").first
    expect(engine).to_contain_text("engine")
    expect(engine).to_contain_text("overdue")
    expect(engine).to_contain_text("1 of 27 (3 %)")
    engine.get_by_text("replaces 2 paths").click()
    expect(engine).to_contain_text("old.engine: 26 consumers, a shim, safe, remove by 2026-06-30")
    store = tab.locator("#concepts tbody tr").nth(1)
    expect(store).to_contain_text("no reader left")


def test_consumers_are_found_by_words_and_by_choices(tab: Page) -> None:
    box = tab.locator("#consumer-rows")
    every = visible_rows(box).count()
    box.get_by_label("Search").fill("services old")
    expect(visible_rows(box)).to_have_count(9)
    expect(box.locator("output")).to_have_text(f"9 of {every} shown")
    box.get_by_label("Search").fill("")
    box.get_by_label("Path").select_option("old path")
    box.get_by_label("Category").select_option("test")
    expect(visible_rows(box)).to_have_count(2)
    box.get_by_label("Category").select_option("")
    box.get_by_label("Owner").select_option("@quality")
    expect(visible_rows(box)).to_have_count(2)
    box.get_by_label("Owner").select_option("")
    box.get_by_label("Risk").select_option("high")
    assert set(column(box.locator("table"), 4)) == {"engine"}
    box.get_by_label("Search").fill("nothing of the kind")
    expect(visible_rows(box)).to_have_count(0)


def test_findings_are_found_too(tab: Page) -> None:
    box = tab.locator("#finding-items")
    box.get_by_label("Search").fill("app/late.py deprecated: use")
    expect(visible_rows(box)).to_have_count(1)
    expect(visible_rows(box)).to_contain_text(">    2      from old.engine import Engine")


def test_a_click_sorts_and_another_one_turns_round(tab: Page) -> None:
    table = tab.locator("#concepts table")
    header = table.locator("th", has_text="Risk")
    assert header.get_attribute("aria-sort") is None
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    assert column(table, 6) == ["", "low", "medium", "high"]
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    assert column(table, 6) == ["high", "medium", "low", ""]
    left = table.locator("th", has_text="Left")
    left.get_by_role("button").click()
    assert header.get_attribute("aria-sort") is None
    assert [int(cell.split()[0]) for cell in column(table, 4)] == [0, 1, 1, 26]


def test_is_used_without_a_mouse(tab: Page) -> None:
    tab.keyboard.press("Tab")
    expect(tab.locator(".skip")).to_be_focused()
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#main")
    tab.locator("#concepts").get_by_label("Search").focus()
    for _ in range(20):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.textContent") == "Risk":
            break
    outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline not in ("none", "")
    tab.keyboard.press("Enter")
    expect(tab.locator("#concepts th", has_text="Risk")).to_have_attribute("aria-sort", "ascending")


def test_the_picture_answers_to_the_keyboard(tab: Page) -> None:
    picture = tab.locator("#picture")
    picture.locator("#picture-of").select_option("engine")
    group = picture.get_by_role("button", name="app.services, 9 modules")
    expect(group).to_have_attribute("aria-expanded", "false")
    boxes = picture.locator(".node")
    before = boxes.count()
    group.focus()
    tab.keyboard.press("Enter")
    expect(group).to_have_attribute("aria-expanded", "true")
    expect(boxes).to_have_count(before + 9)
    expect(group).to_be_focused()
    tab.keyboard.press("ArrowDown")
    focused = tab.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("app.services.use0: reader; 1 import from it")
    expect(picture.get_by_role("status")).to_have_text(focused)
    tab.keyboard.press("Enter")
    expect(picture.locator(".picked")).to_have_count(1)
    assert picture.locator(".edge.near").count() == 1
    tab.keyboard.press("ArrowRight")
    name = tab.evaluate("document.activeElement.querySelector('title').textContent")
    assert name == "old.engine"
    tab.keyboard.press("Escape")
    expect(picture.locator(".picked")).to_have_count(0)


def test_the_picture_leads_to_the_rows(tab: Page) -> None:
    picture = tab.locator("#picture")
    picture.locator("#picture-of").select_option("engine")
    picture.locator(".node", has_text="app.late").click()
    tab.get_by_role("button", name="Show its rows").click()
    expect(tab.locator("#consumer-rows").get_by_label("Search")).to_have_value("app/late.py")
    expect(visible_rows(tab.locator("#consumer-rows"))).to_have_count(1)


def test_the_picture_shows_what_the_table_says(tab: Page) -> None:
    tables = tab.locator("details.graph")
    rows = tables.locator("tbody tr").filter(has_text="app/late.py")
    expect(rows.locator("td")).to_have_text(
        ["app.late", "reader", "old.engine", "old path", "lazy", "app/late.py:2"]
    )
    tab.locator("#picture-of").select_option("engine")
    expect(tab.locator("#picture .edge.when-lazy")).to_have_count(2)  # one is of the legend


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_paper(tab: Page, scheme: Literal["light", "dark"]) -> None:
    tab.emulate_media(color_scheme=scheme)
    for selector in ("body", ".place", ".state-overdue", "nav a", ".cell-differs .verdict"):
        assert contrast(tab, selector) >= 4.5, selector


def contrast(tab: Page, selector: str) -> float:
    """The ratio of WCAG 2 between a text and the paper."""
    ink = tab.locator(selector).first.evaluate("element => getComputedStyle(element).color")
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_fits_a_narrow_screen(tab: Page) -> None:
    tab.set_viewport_size({"width": 360, "height": 700})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


def test_paper_shows_what_is_folded_and_no_controls(tab: Page) -> None:
    finding = tab.locator("#finding-items details.rule").last.locator(".item").first
    expect(finding).to_be_hidden()
    tab.emulate_media(media="print")
    expect(finding).to_be_visible()
    expect(tab.locator(".controls:visible")).to_have_count(0)
    expect(tab.locator("nav")).to_be_hidden()
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.pdf().startswith(b"%PDF")


def test_everything_is_there_without_scripts(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab, happened = watched(context)
    tab.goto(report.as_uri())
    expect(tab.locator("#consumer-rows tbody tr")).not_to_have_count(0)
    expect(tab.locator(".controls:visible")).to_have_count(0)
    expect(tab.locator("#picture")).to_be_hidden()
    tab.get_by_text("The same as tables").click()
    tab.locator("details.graph summary").first.click()
    expect(tab.locator("details.graph tbody").first).to_be_visible()
    assert happened == [report.as_uri()]
    context.close()


def test_names_that_would_do_harm_do_nothing(tab: Page) -> None:
    assert tab.title() == "Migration report"
    assert tab.locator("main img, main script, main [onload], main [onerror]").count() == 0
    consumers = tab.locator("#consumer-rows")
    for shown in (
        "app/<img src=x onerror=alert(1)>.py",
        "app/caf\\xe9.py",
        "app/new\\nline.py",
        "app/bidi\\u202egpj.py",
        "app/separator\\u2028.py",
    ):
        expect(consumers.locator("th", has_text=shown)).to_have_count(1)
    concept = tab.locator("#concepts tbody tr").nth(2)
    expect(concept).to_contain_text("</script><img src=x onerror=document.title='owned'>")
    expect(concept).to_contain_text('\\u202ereversed & "quoted"')
    around = tab.locator("#picture-of")
    around.select_option(label="</script><img src=x onerror=document.title='owned'>")
    expect(tab.locator("#picture .node.canonical")).to_have_count(1)
    assert tab.title() == "Migration report"


def test_is_made_of_landmarks_headings_and_named_tables(tab: Page) -> None:
    landmarks: tuple[Landmark, ...] = ("banner", "navigation", "main", "contentinfo")
    for role in landmarks:
        expect(tab.get_by_role(role)).to_have_count(1)
    levels = tab.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert tab.locator("table:not(:has(caption))").count() == 0
    assert tab.locator("thead th:not([scope])").count() == 0
    assert (
        tab.locator("select, input").count() == tab.locator(":is(label) :is(select, input)").count()
    )


def test_the_history_is_drawn(tab: Page) -> None:
    chart = tab.get_by_role("img", name="Findings over time")
    expect(chart).to_be_visible()
    assert chart.locator(".dot").count() == 2
    expect(tab.locator("#progress figcaption")).to_contain_text("findings a week")


def test_a_page_about_many_files_is_small_and_of_use(browser: Browser, tmp_path: Path) -> None:
    """The campaign `large_page` in a short form."""
    root, file = generate(tmp_path / "tree", 200), tmp_path / "report.html"
    page(root, "-o", file)
    outcome = use(file, browser)
    assert outcome.bytes < MOST_BYTES
    assert 0 < outcome.found < outcome.rows
