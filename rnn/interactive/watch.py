"""Training that can be watched, and stopped without losing what was learned."""

import signal
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from types import FrameType

from tqdm import tqdm

from rnn.exhibits.show import in_lab
from rnn.interactive.chart import latest_sample, loss_chart, pause_between
from rnn.interactive.progress import Shown, in_report
from rnn.run import Run

EARLY = 2.0  # seconds, before which the updates made say nothing about those left
WITHOUT_ESTIMATE = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"


def watch(runs: Generator[Run, None, None], vocabulary: str) -> Run:
    """Train to the end, show the progress, and return the run.

    In a report, and outside of notebooks, that is a progress bar. In JupyterLab it is a bar with a
    plot of the loss and the latest sample, all of it one display, which ends as a line. An
    interrupt (the square button) ends training after the updates at hand, with all that was
    learned so far.

    Parameters
    ----------
    runs
        The generator that `rnn.training.train` returns.
    vocabulary
        The K characters, for decoding the samples.
    """
    pieces = _in_lab(runs, vocabulary) if in_lab() else _with_bar(runs)
    with _interruptible() as interrupted, closing(pieces) as shown:
        for run in shown:
            last = run
            if interrupted.is_set():
                break
    if last.step < last.updates:
        print(f"Stopped after {last.step:,} of {last.updates:,} updates; what was learned is kept.")
    return last


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Turn SIGINT and SIGTERM into an event: an exception could interrupt an update halfway.

    SIGTERM, by which a report's command ends its kernel, still takes its usual effect once training
    has stopped and its state is saved. In a report so does SIGINT.
    """
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        event.set()

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, note) for number in signals]
    try:
        yield event
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
        if signal.SIGTERM in received or (received and in_report()):
            signal.raise_signal(received[-1])


def _with_bar(runs: Generator[Run, None, None]) -> Generator[Run]:
    """Pass on the runs, with a progress bar: updates per second, smoothed loss, time left.

    The first updates are no measure of the others, so the speed and the time left come later.
    """
    bar = None
    with closing(runs):
        for run in runs:
            if bar is None:
                bar = tqdm(
                    total=run.updates,
                    initial=run.step,
                    unit="update",
                    bar_format=WITHOUT_ESTIMATE,
                    smoothing=0.05,
                )
                began = time.monotonic()
            elif time.monotonic() - began > EARLY:
                bar.bar_format = None
            bar.set_postfix_str(f"smoothed loss {run.smooth_loss:.2f}", refresh=False)
            bar.update(run.step - bar.n)
            yield run
    if bar is not None:
        bar.close()


def _in_lab(runs: Generator[Run, None, None], vocabulary: str) -> Generator[Run]:
    """Pass the runs on; show in one place how far they are, the loss and the latest sample."""
    shown, began, drawn, first = Shown(), time.monotonic(), 0.0, 0
    line = "No update was made"
    with closing(runs):
        try:
            for run in runs:
                if not drawn:
                    first = run.step
                seconds = time.monotonic() - began
                line = _line(run, first, seconds)
                if not drawn or time.monotonic() - drawn > pause_between(began):
                    picture = f"{loss_chart(run)}{latest_sample(run, vocabulary)}"
                    shown.draw(line, run.step / run.updates, picture)
                    drawn = time.monotonic()
                yield run
        finally:
            shown.end(f"{line}.")


def _line(run: Run, first: int, seconds: float) -> str:
    """Return where a run is, in words; it began at an update, some seconds ago."""
    made = run.step - first
    rate = f", {made / seconds:,.0f} a second" if made and seconds else ""
    loss = f", smoothed loss {run.smooth_loss:.2f}" if run.step else ""
    return f"{run.step:,} of {run.updates:,} updates{rate}{loss}"
