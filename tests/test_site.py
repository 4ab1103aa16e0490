"""The built site in a real browser: every page, wide and narrow, light and dark."""

import functools
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from book._ext.chapters import order
from book._ext.serve import Quiet

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run"]

PAGES = [*order(), "search", "genindex"]
VIEWS = [(width, scheme) for width in (390, 1440) for scheme in ("light", "dark")]

MEASURE = """() => {
  const seen = (node) => node.getClientRects().length > 0;
  const images = [...document.querySelectorAll('article img')];
  return {
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    theme: document.documentElement.dataset.theme,
    formulas: document.querySelectorAll('article .math').length,
    rendered: document.querySelectorAll('article .math mjx-container').length,
    errors: document.querySelectorAll('mjx-merror, [data-mjx-error]').length,
    cut: [...document.querySelectorAll('article div.math > mjx-container')]
      .filter((m) => m.scrollWidth > m.clientWidth + 2).map((m) => m.parentElement.id),
    blocks: document.querySelectorAll('article div.highlight > pre').length,
    buttons: document.querySelectorAll('article button.copybtn').length,
    searches: [...document.querySelectorAll('input[type=search]')].filter(seen).length,
    broken: images.filter((i) => !i.complete || i.naturalWidth === 0).map((i) => i.src),
    blurred: images.filter((i) => !i.src.endsWith('.svg') && i.naturalWidth < 1.5 * i.clientWidth)
      .map((i) => i.src),
    silent: images.filter((i) => !(i.alt || '').trim().includes(' ')).map((i) => i.src),
  };
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if not (SITE / "index.html").exists():
        pytest.fail("there is no site in _build/html: `make site` builds it", pytrace=False)
    handler = functools.partial(Quiet, directory=str(SITE))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """One page opened once, with what it asked for and complained about."""

    def __init__(self, browser: Browser, address: str, width: int, scheme: str) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            permissions=["clipboard-read", "clipboard-write"],
        )
        self.page: Page = self.context.new_page()
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.host = urlsplit(address).netloc
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "response",
            lambda r: self.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None,
        )

    def _request(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.host:
            self.outside.append(request.url)

    def _console(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def open(self, url: str) -> dict:
        """Load a page, wait until its formulas are set, and measure it."""
        self.page.goto(url, wait_until="load")
        self.page.wait_for_function(
            "!document.querySelector('article .math') || (window.MathJax && MathJax.startup"
            " && MathJax.startup.promise)"
        )
        self.page.evaluate("window.MathJax && MathJax.startup ? MathJax.startup.promise : null")
        return self.page.evaluate(MEASURE)

    def turned(self, width: int, scheme: str) -> dict:
        """Make the open page another width and scheme, and measure it again."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme)
        self.page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        return self.page.evaluate(MEASURE)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(browser, address, name):
    """No sideways scroll, outside request, console complaint, raw formula or blurred picture.

    A page is opened narrow and light; the other views are what it becomes when a reader turns the
    telephone or the lights out, which costs no second loading and setting of formulas.
    """
    visit = Visit(browser, address, *VIEWS[0])
    try:
        views = {VIEWS[0]: visit.open(f"{address}/{name}.html")}
        views |= {view: visit.turned(*view) for view in VIEWS[1:]}
    finally:
        visit.context.close()
    assert visit.outside == []
    assert visit.complaints == []
    for (width, scheme), seen in views.items():
        assert seen["overflow"] <= 0
        assert seen["theme"] == scheme
        assert seen["rendered"] == seen["formulas"]
        assert seen["errors"] == 0
        assert width < 1440 or seen["cut"] == []  # a narrow page scrolls its long formulas
        assert seen["buttons"] == seen["blocks"]
        assert (seen["broken"], seen["blurred"], seen["silent"]) == ([], [], [])


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_a_page_that_begins_so_is_that_page(browser, address, width, scheme):
    """Opened in any view, a page measures as one that was turned into it."""
    url = f"{address}/affine.html"
    visits = [Visit(browser, address, *view) for view in (VIEWS[0], (width, scheme))]
    try:
        visits[0].open(url)
        assert visits[0].turned(width, scheme) == visits[1].open(url)
    finally:
        for visit in visits:
            visit.context.close()


def test_the_measure_sees_faults(browser, address, tmp_path):
    """A page that is too wide, shows a broken picture and raw TeX is found out."""
    visit = Visit(browser, address, 390, "light")
    try:
        visit.open(f"{address}/affine.html")
        visit.page.evaluate(
            """() => {
              const article = document.querySelector('article');
              article.insertAdjacentHTML('beforeend', '<div style="width:900px">wide</div>'
                + '<img src="/nothing.png"><span class="math">\\\\(x\\\\)</span>');
            }"""
        )
        visit.page.wait_for_load_state("networkidle")
        seen = visit.page.evaluate(MEASURE)
    finally:
        visit.context.close()
    assert seen["overflow"] > 0
    assert seen["rendered"] < seen["formulas"]
    assert len(seen["broken"]) == 1
    assert len(seen["silent"]) == 1
    assert any("nothing.png" in complaint for complaint in visit.complaints)


def test_search_finds_softmax(browser, address):
    """The search of the site finds the chapter, offline."""
    visit = Visit(browser, address, 1440, "light")
    try:
        visit.page.goto(f"{address}/search.html?q=softmax")
        visit.page.wait_for_selector("#search-results li a")
        visit.page.wait_for_load_state("networkidle")
        links = visit.page.eval_on_selector_all(
            "#search-results li a", "all => all.map(a => a.href)"
        )
    finally:
        visit.context.close()
    assert any("/softmax.html" in link for link in links)


def test_code_is_copied_without_its_prompt(browser, address):
    """The button copies a command as it is typed."""
    visit = Visit(browser, address, 1440, "light")
    try:
        visit.open(f"{address}/affine.html")
        visit.page.hover(".your-turn .highlight-console")
        visit.page.click(".your-turn .highlight-console button.copybtn")
        copied = visit.page.evaluate("navigator.clipboard.readText()")
    finally:
        visit.context.close()
    assert copied.strip() == "checks mine -k affine_forward"


def test_each_chapter_offers_its_notebook(browser, address):
    """The download button of a chapter leads to a notebook that is there and is one."""
    visit = Visit(browser, address, 1440, "light")
    try:
        visit.open(f"{address}/affine.html")
        link = visit.page.get_attribute("a[href$='.ipynb']", "href")
    finally:
        visit.context.close()
    notebook = json.loads((SITE / link).read_text("utf-8"))
    assert any("check(affine_backward)" in "".join(c["source"]) for c in notebook["cells"])
