"""Training that can be watched, and stopped without losing what was learned."""

import signal
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from types import FrameType

from IPython.display import HTML, DisplayHandle, display
from tqdm import tqdm

from rnn.interactive.chart import latest_sample, loss_chart, pause_between
from rnn.interactive.progress import in_report
from rnn.run import Run


def watch(runs: Generator[Run, None, None], vocabulary: str) -> Run:
    """Train to the end, show the progress, and return the run.

    A report, and a program outside notebooks, shows a progress bar; JupyterLab also shows a plot of
    the loss and the latest sample. An interrupt (the square button) ends training after the current
    updates, with all that was learned so far.

    Parameters
    ----------
    runs
        The generator that `rnn.training.train` returns.
    vocabulary
        The K characters, for decoding the samples.
    """
    plot = None if in_report() else DisplayHandle()
    drawn, began = 0.0, time.monotonic()
    with _interruptible() as interrupted, closing(_with_bar(runs)) as shown:
        for run in shown:
            if plot and time.monotonic() - drawn > pause_between(began):
                _show(run, vocabulary, plot, first=not drawn)
                drawn = time.monotonic()
            if interrupted.is_set():
                break
    if plot:
        _show(run, vocabulary, plot, first=not drawn)
    if run.step < run.updates:
        print(f"Stopped after {run.step:,} of {run.updates:,} updates; what was learned is kept.")
    return run


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
    """Pass on the runs, with a progress bar: updates per second, smoothed loss, time left."""
    bar = None
    with closing(runs):
        for run in runs:
            if bar is None:
                bar = tqdm(total=run.updates, initial=run.step, unit="update")
            bar.set_postfix_str(f"smoothed loss {run.smooth_loss:.2f}", refresh=False)
            bar.update(run.step - bar.n)
            yield run
    if bar is not None:
        bar.close()


def _show(run: Run, vocabulary: str, plot: DisplayHandle, *, first: bool) -> None:
    """Draw the loss so far and the latest sample, in place of what was drawn before."""
    picture = HTML(f"{loss_chart(run)}{latest_sample(run, vocabulary)}")
    if first:
        display(picture, display_id=plot.display_id)
    else:
        plot.update(picture)
