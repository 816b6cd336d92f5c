"""Exceptions whose messages tell the user in one line what is wrong."""


class _Plain(Exception):
    """An exception that a notebook shows as its message, without a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython looks for this name
        return [f"{type(self).__name__}: {self}"]


class InputError(_Plain, ValueError):
    """A book, parameter or file that can't be used; the message says why and what to do."""


class DivergedError(_Plain, RuntimeError):
    """Training whose loss is no longer finite; the message says at which step and what to try."""
