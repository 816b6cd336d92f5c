"""Work in a thread of its own, so that the kernel stays free for other cells."""

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any


class Background:
    """Work done piece by piece, which can be paused or stopped between two pieces.

    It belongs to the kernel, not to the page, and continues when the page is closed.

    Parameters
    ----------
    pieces
        The work: each step of the generator does one piece and yields the result.
    each
        Called with each result.
    end
        Called once, at the end, with the exception that ended the work, or None.
    rest
        Called when the work pauses.
    """

    def __init__(
        self,
        pieces: Generator[Any, None, None],
        *,
        each: Callable[[Any], None],
        end: Callable[[Exception | None], None],
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        self._going, self._stopped = threading.Event(), threading.Event()
        self._going.set()
        self._pieces, self._each, self._rest, self._end = pieces, each, rest, end
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Start the work."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the work has not ended; true also while it is paused."""
        return self._thread.is_alive()

    @property
    def paused(self) -> bool:
        """Whether the work is paused, or will be after the current piece."""
        return not self._going.is_set()

    @property
    def stopped(self) -> bool:
        """Whether the work was told to stop."""
        return self._stopped.is_set()

    def pause(self) -> None:
        """Pause after the current piece."""
        self._going.clear()

    def resume(self) -> None:
        """Resume the work."""
        self._going.set()

    def stop(self) -> None:
        """Stop after the current piece."""
        self._stopped.set()
        self._going.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end, for at most `seconds`."""
        self._thread.join(seconds)

    def _work(self) -> None:
        wrong = None
        try:
            with closing(self._pieces):
                for piece in self._pieces:
                    self._each(piece)
                    if self.paused:
                        self._rest()
                        self._going.wait()
                    if self.stopped:
                        break
        except Exception as error:
            wrong = error
        self._end(wrong)
