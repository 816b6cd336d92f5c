"""A dashboard that trains other networks while the notebook stays free."""

import math
import time
from collections.abc import Iterable, MutableSequence
from dataclasses import asdict, replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import display
from ipywidgets import HTML, Box, Button, Dropdown, FloatProgress, HBox, Layout, Text, VBox

from rnn.errors import DivergedError, InputError
from rnn.files import checkpoint
from rnn.files.book import Book
from rnn.files.storage import save_run
from rnn.interactive.background import Background
from rnn.interactive.chart import latest_sample, loss_chart, pause_between
from rnn.interactive.kept import keep_run, kept_runs, view
from rnn.interactive.progress import in_report
from rnn.network import Model
from rnn.run import Run, judged, trained_model
from rnn.settings import PARAMETERS, Settings, check_fit, checked, from_word
from rnn.text import split
from rnn.training import conclude

NAMES = (
    *("hidden_size", "seq_length", "batch_size", "epochs", "max_updates", "sample_every"),
    *("cell", "optimiser", "learning_rate", "clip", "dropout", "seed"),
)
ROWS, SAMPLES = 20_000, 100  # at most, in the history and among the samples

# What ipywidgets marks when the kernel has gone: nothing on display is true any more.
GONE = """<style>
.rnn-gone { display: none }
.jupyter-widgets-disconnected .rnn-gone { display: block }
.jupyter-widgets-disconnected .rnn-live { display: none }
</style>"""

_dashboards: dict[Path, "Dashboard"] = {}  # by the folder to which they write


def dashboard(
    book: Book,
    settings: Settings,
    folder: str | Path,
) -> "Dashboard | None":
    """Return controls that train a network on the book and show its progress.

    Training runs in the kernel: other cells can be run meanwhile, and training continues when the
    page is closed. The same dashboard is shown when the page is opened again, or when this function
    is called again during training. If the kernel ends during training, the next run with the same
    settings resumes from its last checkpoint. In a report, where nothing can be pressed, there is
    no dashboard.

    Parameters
    ----------
    book
        The book to train on.
    settings
        The initial values of the controls, and the values of all other parameters.
    folder
        Where the files of a run are written when it ends, as by `rnn.files.storage.save_run`. After
        millions of updates the history has fewer rows.

    Returns
    -------
    Dashboard
        `run` is the run on display, `model` the best network of the last run that ended.
    """
    if in_report():
        return None
    where = Path(folder).resolve()
    shown = _dashboards.get(where)
    if shown is None or not shown.running:
        shown = Dashboard(book, settings, Path(folder))
        _dashboards[where] = shown
    return shown


def keep(rows: MutableSequence[Any], steps: Iterable[int], most: int) -> None:
    """Thin rows in place, evenly over their steps, to about half of `most` once there are more.

    The steps are divided into intervals, each a power of two long. The first row of each interval
    is kept, so that repeated thinning has the effect of thinning once, and so is the last row.
    """
    if len(rows) > most:
        at = np.fromiter(steps, np.int64, len(rows))
        width = 2 ** math.ceil(math.log2((at[-1] - at[0] + 1) / (most // 2)))
        _, first = np.unique(at // width, return_index=True)
        rows[:] = [rows[i] for i in sorted({*first, len(rows) - 1})]


def bound(run: Run) -> None:
    """Keep the losses, validations and samples of a run from growing without limit."""
    del run.losses[:]
    keep(run.history, (row.step for row in run.history), ROWS)
    keep(run.validations, (step for step, _ in run.validations), ROWS)
    keep(run.samples, (sample.step for sample in run.samples), SAMPLES)


class Dashboard:
    """The widgets, in `panel`, and the run that they control.

    Attributes
    ----------
    panel
        All widgets.
    run
        The run on display; None before the first.
    model
        The best network of the last run that ended; None before that.
    """

    def __init__(self, book: Book, settings: Settings, folder: Path) -> None:
        self.run: Run | None = None
        self.model: Model | None = None
        self._book, self._folder, self._given = book, folder, asdict(settings)
        self._parts = split(book.indices, settings.validation_fraction, settings.test_fraction)
        self._work: Background | None = None
        self._about: dict[str, Any] = {}
        self._looked = self._began = 0.0

        self.fields = {name: _field(name, self._given[name]) for name in NAMES}
        self.start = Button(description="Start", icon="play", button_style="primary")
        self.pause = Button(description="Pause", icon="pause", disabled=True)
        self.stop = Button(description="Stop", icon="stop", disabled=True)
        self.keep = Button(
            description="Keep this run",
            icon="bookmark",
            disabled=True,
            tooltip="Draw it beside other runs; a study with KEPT takes it",
        )
        self.keep.on_click(lambda _: self._keep())
        self.start.on_click(lambda _: self._start())
        self.pause.on_click(lambda _: self._pause())
        self.stop.on_click(lambda _: self._stop())
        self.bar = FloatProgress(max=1, layout=Layout(width="auto", height="12px"))
        self.status, self.message, self.chart, self.sample = HTML(), HTML(), HTML(), HTML()
        self.status.value = _line("Set the parameters and press Start.")
        form = Box(
            list(self.fields.values()),
            layout=Layout(
                display="grid",
                grid_template_columns="repeat(auto-fill, minmax(15.5em, 1fr))",
                grid_gap="2px 1em",
            ),
        )
        self.chart.layout = Layout(flex="3 1 30em", min_width="0")
        self.sample.layout = Layout(flex="2 1 22em", min_width="0")
        live = Box([self.chart, self.sample], layout=Layout(flex_flow="row wrap", grid_gap="1.5em"))
        buttons = HBox(
            [self.start, self.pause, self.stop, self.keep],
            layout=Layout(margin="6px 0", flex_flow="row wrap"),
        )
        self._runs = kept_runs(folder, book.sha256)
        self.kept = HTML(view(self._runs))
        gone = HTML(
            f'{GONE}<div class="rnn-gone" role="alert">The kernel has ended, and this training with'
            " it. Run the notebook again: Start resumes from the last checkpoint.</div>"
        )
        self.panel = VBox(
            [gone, form, buttons, self.message, self.status, self.bar, live, self.kept],
            layout=Layout(max_width="70em", padding="0 1em 0 0"),
        )

    def _ipython_display_(self) -> None:  # IPython looks for this name
        display(self.panel)

    @property
    def running(self) -> bool:
        """Whether a run is under way; true also while it is paused."""
        return self._work is not None and self._work.running

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end of the run, for at most `seconds`; other cells wait too."""
        if self._work is not None:
            self._work.wait(seconds)

    def _start(self) -> None:
        if self.running:
            return
        try:
            settings = self._settings()
        except InputError as error:
            self._say(str(error))
            return
        self._say("")
        self._set_running(True)
        self.status.value = _line("Preparing; the first run with a cell and optimiser compiles it.")
        self.run, self._looked, self._began = None, 0.0, time.monotonic()
        self._about = checkpoint.identity(self._book.sha256, settings)
        runs = checkpoint.checkpointed(
            *(self._parts.training, self._parts.validation, len(self._book.vocabulary), settings),
            folder=self._folder,
            about=self._about,
            say=self._say,
        )
        self._work = Background(runs, each=self._each, rest=self._look, end=self._end)
        self._work.start()

    def _pause(self) -> None:
        if self._work is None or not self._work.running:
            return
        if self._work.paused:
            self._set_paused(False)
            self._work.resume()
        else:
            self._set_paused(True)
            self._work.pause()

    def _stop(self) -> None:
        if self._work is not None and self._work.running:
            self.stop.disabled = self.pause.disabled = True
            self._work.stop()

    def _keep(self) -> None:
        """Keep the run on display beside those that are kept already."""
        run = self.run
        if run is None or run.best is None or self.running:
            return
        try:
            kept = keep_run(self._folder, self._book, run, self._parts.test)
        except OSError as error:
            self._say(f"Not kept: {_reason(error)}")
            return
        self.keep.disabled = True
        self._runs = [*(one for one in self._runs if one.key != kept.key), kept]
        self.kept.value = view(self._runs)

    def _settings(self) -> Settings:
        """Return the settings in the controls, or raise an InputError if they are invalid."""
        words = {name: str(field.value).strip() for name, field in self.fields.items()}
        given = {
            name: from_word(word, PARAMETERS[name].kind) for name, word in words.items() if word
        }
        if not words["learning_rate"]:
            given["learning_rate"] = None
        settings = checked(self._given | given)
        K, about = len(self._book.vocabulary), str(self._book.path)
        check_fit(replace(settings, evolution_until=0), self._parts, K, about)
        # Samples are written to the end, and `bound` keeps them few.
        return replace(settings, evolution_until=2**62)

    # The following methods are called only in the thread that trains.

    def _each(self, run: Run) -> None:
        self.run = run
        bound(run)
        if time.monotonic() - self._looked > pause_between(self._began):
            self._look()
            self._looked = time.monotonic()

    def _look(self) -> None:
        run = self.run
        if run is None or self._work is None:
            return
        paused = self._work.paused
        what = "Paused" if paused else "Training"
        self.status.value = _line(f"{what}: {_progress(run)}{_left(run)}")
        self.bar.value = run.step / run.updates
        self.chart.value = loss_chart(run)
        self.sample.value = latest_sample(run, self._book.vocabulary)

    def _end(self, wrong: Exception | None) -> None:
        try:
            self._look()
            if wrong is not None:
                self._say(_reason(wrong))
            self._save(wrong)
        except Exception as error:
            self._say(_reason(error))
            self.status.value = _line(f"Not saved: {_progress(self.run)}.")
        finally:
            self._set_running(False)
            run = self.run
            ended = run is not None and (run.step == run.updates or bool(run.diverged))
            self.keep.disabled = wrong is not None or not ended

    def _save(self, wrong: Exception | None) -> None:
        """Save the best network, if there is one, even if an error ended the run."""
        run = self.run
        if run is not None and wrong is None:
            conclude(run, self._parts.validation)
        if run is None or run.best is None:
            self.status.value = _line(f"Ended: {_progress(run)}.")
            return
        best = run.best
        self.model = trained_model(run, self._book.vocabulary, self._book.indices[0])
        tested = None if wrong else judged(run, self._parts.test)
        save_run(self._folder, run, self.model, tested)
        if wrong is None:
            checkpoint.forget(self._folder, self._about)
        self._look()
        if run.diverged and not wrong:
            self._say(f"Training diverged: {run.diverged}.")
        ended = wrong or run.diverged
        end = "Done" if run.step == run.updates else "Ended" if ended else "Stopped"
        self.status.value = _line(
            f"{end}: {_progress(run)}. The best network, from update {best.step:,}, is saved in "
            f"{self._folder}."
        )

    def _say(self, line: str) -> None:
        self.message.value = f'<b role="alert">{_line(line)}</b>' if line else ""

    def _set_running(self, running: bool) -> None:
        for field in self.fields.values():
            field.disabled = running
        self.start.disabled = running
        self.keep.disabled = True
        self.pause.disabled = self.stop.disabled = not running
        self._set_paused(False)

    def _set_paused(self, paused: bool) -> None:
        self.pause.description = "Resume" if paused else "Pause"
        self.pause.icon = "play" if paused else "pause"


def _field(name: str, value: Any) -> Any:
    """Return a control for a parameter, named as in the notebook."""
    common = {
        "description": name,
        "style": {"description_width": "7em"},
        "layout": Layout(width="auto"),
    }
    if choices := PARAMETERS[name].choices:
        return Dropdown(options=choices, value=value, **common)
    own = value is None
    return Text(
        "" if own else str(value), placeholder="the optimiser's own" if own else "", **common
    )


def _reason(error: Exception) -> str:
    """Describe an error in one line, including its type if it is not one of ours."""
    ours = isinstance(error, InputError | DivergedError)
    return str(error) if ours else f"{type(error).__name__}: {error}"


def _line(text: str) -> str:
    return f'<div class="rnn-live" style="line-height:1.4">{escape(text)}</div>'


def _progress(run: Run | None) -> str:
    """Describe the progress of a run."""
    if run is None or not run.step:
        return "before the first update"
    epoch = min(run.step // run.updates_per_epoch + 1, run.settings.epochs)
    return (
        f"update {run.step:,} of {run.updates:,}, epoch {epoch} of {run.settings.epochs:,}, "
        f"{run.step / run.seconds:,.0f} updates per second"
    )


def _left(run: Run) -> str:
    """Describe the time that a run has left; empty if there is none."""
    left = math.ceil((run.updates - run.step) * run.seconds / max(run.step, 1))
    return f", {_duration(left)} left" if left else ""


def _duration(seconds: int) -> str:
    """Return a time in the largest unit that fits into it at least twice."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit:,} {name}"
    return f"{seconds} s"
