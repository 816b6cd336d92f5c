"""JupyterLab in a real browser: each notebook run from top to bottom, and each widget used.

All tests share one server and one page and run in the order of the file: sampling needs training.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

ROOT = Path(__file__).parents[2]
NAMES = ("01_data", "02_gradcheck", "03_training", "04_sampling")
SMALL = {
    "hidden_size": 8,
    "seq_length": 10,
    "max_updates": 600,
    "sample_every": 200,
    "checkpoint_every": 2000,
}
TOKEN = "of-the-tests"
BEGIN = '<b>Once</b> upon a time & "always" </pre> {{ 7*7 }} $x$\n'

PATIENCE = 180  # seconds, in which a busy machine compiles what a notebook needs

expect.set_options(timeout=20_000)


def small_copy(folder: Path) -> None:
    """Put a copy of the notebooks into a folder, with small values and a book full of markup."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "data").mkdir()
    tales = (ROOT / "data" / "tales.txt").read_text(encoding="utf-8")[:20_000]
    book = tales.replace("\n\n", f"\n{BEGIN}\n")
    (folder / "data" / "tales.txt").write_text(book, encoding="utf-8")
    for name in NAMES:
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        (cell,) = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
        for parameter, value in SMALL.items():
            cell.source = re.sub(
                rf"^{parameter} = .*$", f"{parameter} = {value}", cell.source, flags=re.M
            )
        nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # noqa: ARG001
    """Start a server with folders of its own, and return its address."""
    folder = tmp_path_factory.mktemp("lab")
    small_copy(folder / "root")
    notices = folder / "settings" / "@jupyterlab" / "apputils-extension"
    notices.mkdir(parents=True)
    (notices / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    places = {
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "IPYTHONDIR": "ipython",
    }
    environment = {name: value for name, value in os.environ.items() if name != "RNN_REPORT"}
    environment |= {name: str(folder / place) for name, place in places.items()}
    options = [
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={folder / 'root'}",
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=folder / "root",
            env=environment | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield address(server, folder)
    finally:
        server.terminate()  # ends its kernels
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()  # its kernels end by themselves
            server.wait()


def address(server: "subprocess.Popen[bytes]", folder: Path) -> str:
    """Wait until the server has said where it listens."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        for file in (folder / "runtime").glob("jpserver-*.json"):
            if text := file.read_text():
                return str(json.loads(text)["url"])
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text())


Open = Callable[..., Page]


@pytest.fixture(scope="module")
def opened(browser: Browser, lab: str) -> Iterator[Open]:
    """Return a function that opens a notebook; in the end nothing may have gone wrong.

    It is opened in the page that there is, beside other notebooks, unless it is to be a new page.
    """
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1400, "height": 1000})  # keeps the scripts

    def visit(name: str, *, anew: bool = False) -> Page:
        path = f"notebooks/{name}.ipynb"
        if context.pages and not anew:
            (page,) = context.pages
            page.evaluate(
                "path => { jupyterapp.commands.execute('docmanager:open', { path }); }", path
            )
        else:
            for old in context.pages:
                old.close()
            page = context.new_page()
            page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("dialog", lambda dialog: wrong.append(dialog.message))
            page.on("request", lambda r: wrong.append(r.url) if elsewhere(r.url, lab) else None)
            page.goto(f"{lab}lab/tree/{path}?token={TOKEN}&reset")
        page.wait_for_function(
            """path => {
                 const shown = window.jupyterapp?.shell.currentWidget;
                 return shown?.context?.isReady && shown.context.path === path &&
                   shown.sessionContext.session?.kernel?.status === "idle";
               }""",
            arg=path,
        )
        return page

    yield visit
    assert wrong == []
    context.close()


def elsewhere(url: str, lab: str) -> bool:
    return not url.startswith((lab, "data:", "blob:"))


def outputs(page: Page) -> list[dict[str, Any]]:
    """Return the count and the outputs of each code cell."""
    found: list[dict[str, Any]] = page.evaluate(
        """() => [...jupyterapp.shell.currentWidget.content.model.cells]
            .filter(cell => cell.type === "code")
            .map(cell => ({count: cell.executionCount, outputs: cell.outputs.toJSON()}))"""
    )
    return found


def button(page: Page, name: str) -> Locator:
    return page.locator("button.jupyter-button:visible", has_text=re.compile(f"^{name}$"))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_from_top_to_bottom(opened: Open, name: str) -> None:
    page = opened(name)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    end = time.monotonic() + PATIENCE
    while not all(cell["count"] for cell in outputs(page)):
        assert time.monotonic() < end, outputs(page)
        page.wait_for_timeout(100)
    cells = outputs(page)
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = [output["output_type"] for cell in cells for output in cell["outputs"]]
    assert "error" not in kinds
    assert_a_document(cells)
    if name == "03_training":
        use_dashboard(page)
    if name == "04_sampling":
        use_sampler(page)


def assert_a_document(cells: list[dict[str, Any]]) -> None:
    """See that what is saved reads well where it is not trusted, and holds nothing twice."""
    outputs = [output for cell in cells for output in cell["outputs"]]
    said = ["".join(output["text"]) for output in outputs if output.get("name") == "stderr"]
    assert not [text for text in said if not text.startswith("compiling, as only a first run")]
    for output in outputs:
        data = output.get("data", {})
        assert "image/svg+xml" not in data
        assert not re.search("<(style|svg|progress|img)", str(data.get("text/html", "")))
    assert len(json.dumps(cells)) < 400_000


def run_all(page: Page) -> None:
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")


def test_training_again_begins_anew_and_says_so(opened: Open) -> None:
    page = opened("03_training")
    for said in ("training begins anew", "training begins anew"):
        page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        run_all(page)
        end = time.monotonic() + PATIENCE
        while "loss began at" not in (found := json.dumps(outputs(page))):
            assert time.monotonic() < end, found
            page.wait_for_timeout(100)
        assert said in found
        assert "600 of 600 updates" in found


def use_dashboard(page: Page) -> None:
    field = page.get_by_role("textbox", name="hidden_size", exact=True)
    expect(field).to_have_value("8")
    field.fill("a lot")
    button(page, "Start").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("must be a whole number"))
    field.fill("8")
    page.get_by_role("textbox", name="epochs", exact=True).fill("1000000")
    page.get_by_role("textbox", name="max_updates", exact=True).fill("0")
    button(page, "Start").click()
    chart = page.locator(".widget-html").get_by_role("img", name=re.compile("Smoothed loss"))
    expect(chart).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    sample = page.locator(".widget-html", has_text="The latest sample, from update")
    expect(sample).to_be_visible()
    button(page, "Pause").click()
    expect(page.get_by_text("Paused: update")).to_be_visible()
    before = chart.get_attribute("aria-label") or ""
    page.wait_for_timeout(700)
    expect(chart).to_have_attribute("aria-label", before)
    button(page, "Resume").click()
    expect(page.get_by_text("Training: update")).to_be_visible()
    expect(chart).not_to_have_attribute("aria-label", before)
    button(page, "Stop").click()
    expect(page.get_by_text("Stopped: update")).to_be_visible()
    expect(button(page, "Start")).to_be_enabled()
    assert_no_markup(page)


def use_sampler(page: Page) -> None:
    prime = page.get_by_role("textbox", name="prime", exact=True)
    prime.fill("Once €")
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"the book has no '€' \(U\+20AC\)"))
    prime.fill('</pre> "')
    text = page.get_by_role("region", name="The text", exact=True)
    expect(text).to_have_text('</pre> "')
    expect(page.get_by_text("Next, after")).to_contain_text('“</pre> "”')
    bars = page.locator(".widget-html", has_text="Next, after")
    button(page, "Write").click()
    expect(text).to_have_text(re.compile(r"[\s\S]{20}"), use_inner_text=True)
    before = bars.inner_html()
    page.wait_for_timeout(700)
    assert bars.inner_html() != before
    button(page, "Stop").click()
    expect(button(page, "Write")).to_be_enabled()
    written = text.inner_text()
    choice = page.locator(".rnn-choices button").filter(has_not_text="space").first
    choice.click()  # the likeliest character is written next
    expect(text).not_to_have_text(written, use_inner_text=True)
    assert len(text.inner_text()) <= len(written) + 1
    assert 20 < len(written) < 400
    page.get_by_label("characters", exact=True).select_option("all at once")
    button(page, "Another seed").click()
    expect(text).to_have_text(re.compile(r"[\s\S]{380}"), use_inner_text=True)
    expect(button(page, "Write")).to_be_enabled()
    assert not text.inner_text().startswith(written)
    prime.fill("upon a time " * 40)
    expect(bars).to_contain_text("upon a time")
    trained = bars.inner_text()
    learn = page.get_by_role("checkbox", name="learn from the prime text first", exact=True)
    learn.check()
    expect(bars).not_to_have_text(trained, use_inner_text=True)
    learn.uncheck()
    expect(bars).to_have_text(trained, use_inner_text=True)
    learn.check()
    prime.fill("")
    expect(page.get_by_role("status").filter(has_text="nothing to learn from")).to_be_visible()
    assert_no_markup(page)


def assert_no_markup(page: Page) -> None:
    """See that no text of the book has become an element."""
    assert page.locator(".widget-html b:has-text('once')").count() == 0


def test_a_page_that_is_closed_loses_nothing(opened: Open) -> None:
    page = opened("03_training", anew=True)  # its kernel still runs; its outputs were not saved
    run_last_code_cell(page)
    page.get_by_role("textbox", name="epochs", exact=True).fill("1000000")
    page.get_by_role("textbox", name="max_updates", exact=True).fill("0")
    button(page, "Start").click()
    step = updates(page)
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")

    page = opened("03_training", anew=True)  # saved: the widgets are there, as they are now
    step = updates(page, after=step)
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    run_last_code_cell(page)  # as after losing the outputs: the same dashboard appears
    updates(page, after=step)
    button(page, "Stop").click()
    expect(page.get_by_text("Stopped: update")).to_be_visible()


def run_last_code_cell(page: Page) -> None:
    page.evaluate(
        """() => { const notebook = jupyterapp.shell.currentWidget.content;
            const code = notebook.widgets.map((cell) => cell.model.type === "code");
            notebook.activeCellIndex = code.lastIndexOf(true);
            return jupyterapp.commands.execute("notebook:run-cell"); }"""
    )


def updates(page: Page, after: int = 0) -> int:
    """Wait until the dashboard says that there were more updates than so many; return how many."""
    button(page, "Stop").scroll_into_view_if_needed()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        words = " ".join(page.locator(".widget-html").all_inner_texts())
        found = re.search(r"Training: update ([\d,]+)", words)
        if found and (step := int(found[1].replace(",", ""))) > after:
            return step
        page.wait_for_timeout(100)
    raise AssertionError(f"it does not train beyond update {after:,}: {words}")


def test_a_kernel_that_is_restarted_loses_no_run_and_its_panel_says_so(opened: Open) -> None:
    page = opened("03_training")
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    run_all(page)
    page.get_by_role("textbox", name="epochs", exact=True).wait_for()
    page.get_by_role("textbox", name="epochs", exact=True).fill("1000000")
    page.get_by_role("textbox", name="max_updates", exact=True).fill("0")
    button(page, "Start").click()
    updates(page, after=SMALL["checkpoint_every"])
    said = page.get_by_text("The kernel has ended, and this training with it.")
    expect(said).to_be_hidden()
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(said).to_be_visible()
    expect(page.get_by_text("Training: update")).to_be_hidden()

    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    run_all(page)
    page.get_by_role("textbox", name="epochs", exact=True).wait_for()
    page.get_by_role("textbox", name="epochs", exact=True).fill("1000000")
    page.get_by_role("textbox", name="max_updates", exact=True).fill("0")
    button(page, "Start").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("resumes at update [1-9]"))
    updates(page, after=SMALL["checkpoint_every"])
    button(page, "Stop").click()
    expect(page.get_by_text("Stopped: update")).to_be_visible()
