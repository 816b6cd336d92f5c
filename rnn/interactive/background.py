"""Work in a thread of its own, so that the kernel stays free for other cells."""

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any


class Background:
    """Work that goes on piece by piece, and can be paused and stopped between two pieces.

    It belongs to the kernel, not to the page: when the page is closed it goes on.

    Parameters
    ----------
    pieces
        The work: whoever asks it for the next piece makes it do that piece.
    each
        Called with each piece.
    end
        Called once, at the end, with what went wrong, if anything did.
    rest
        Called when it pauses.
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
        """Begin."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it has not come to its end; also while it is paused."""
        return self._thread.is_alive()

    @property
    def paused(self) -> bool:
        """Whether it waits, or will after the piece at hand."""
        return not self._going.is_set()

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped.is_set()

    def pause(self) -> None:
        """Wait after the piece at hand."""
        self._going.clear()

    def resume(self) -> None:
        """Go on."""
        self._going.set()

    def stop(self) -> None:
        """End after the piece at hand."""
        self._stopped.set()
        self._going.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end, at most so long."""
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
