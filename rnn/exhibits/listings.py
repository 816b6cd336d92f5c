"""The source code that notebooks show, read from `rnn/` when a report is made."""

import inspect
import re
from collections.abc import Callable
from textwrap import dedent
from typing import Any

from rnn import output, sampling
from rnn.exhibits.kinds import Listing
from rnn.exhibits.words import listed
from rnn.network import find_cell
from rnn.numerics.product import multiply
from rnn.optimisers import CLIPS, OPTIMISERS
from rnn.settings import Settings

# Comments at the end of a line that only tell the project's tools something.
FOR_TOOLS = re.compile(r"[ \t]*# (?:noqa|fmt: |type: ignore)[^#\n]*?(?=[ \t]*(?:#|$))", re.M)


def source(*functions: Callable[..., Any]) -> str:
    """Return the source code of functions as in their files, compiled functions included."""
    code = "\n\n\n".join(
        dedent(inspect.getsource(getattr(function, "py_func", function))).strip()
        for function in functions
    )
    return for_readers(code)


def for_readers(code: str) -> str:
    """Return code without its comments for the linter, the formatter and the type checker."""
    return FOR_TOOLS.sub("", code)


def forward_pass(settings: Settings) -> Listing:
    """List the forward pass of a cell."""
    return Listing(
        source(find_cell(settings.cell).forward, multiply),
        caption="The forward pass, read from `rnn/` when this report was made. Arrays are "
        "time-major, and the middle index counts parallel streams of text."
        + _unused(settings, streams="`cut` and what follows `return` in `multiply`"),
        label="code-forward",
    )


def output_layer(settings: Settings) -> Listing:
    """List the functions that turn states into probabilities."""
    return Listing(
        source(output.predict, output.kept, output.softmax),
        caption="The output layer, for all time steps at once: `rnn/output.py`."
        + _unused(settings, mask="the loop of `kept`"),
        label="code-predict",
    )


def loss_function() -> Listing:
    """List the loss."""
    return Listing(source(output.loss), caption="The loss.", label="code-loss")


def backward_pass(settings: Settings) -> Listing:
    """List the backward pass of the output layer, then that of a cell."""
    return Listing(
        source(output.predict_backward, find_cell(settings.cell).backward),
        caption="The backward pass: the output layer (`rnn/output.py`), then the recurrence. "
        "`dh` becomes the gradient with respect to $a$ in place."
        + _unused(settings, streams="`g /= B`", mask="the lines below `if output.mask.size`"),
        label="code-backward",
    )


def _unused(settings: Settings, *, streams: str = "", mask: str = "") -> str:
    """Say what of a listing a run with one stream, or without dropout, does not use."""
    parts = {
        "one stream": streams if settings.batch_size == 1 else "",
        "no dropout": mask if not settings.dropout else "",
    }
    unused = {why: what for why, what in parts.items() if what}
    if not unused:
        return ""
    return f" This run has {listed([*unused])}, and so skips {listed([*unused.values()])}."


def update(settings: Settings) -> Listing:
    """List the functions that turn a gradient into an update."""
    return Listing(
        source(CLIPS[settings.clip_by], OPTIMISERS[settings.optimiser].update),
        caption="Clipping, and the update rule: `rnn/optimisers.py`.",
        label="code-update",
    )


def drawing(settings: Settings) -> Listing:
    """List the functions that draw a character from probabilities."""
    known = {"temperature": settings.temperature, "top-p": settings.top_p}
    passed = [name for name, value in known.items() if value == 1]
    said = ""
    if passed:
        values = listed([f"{name} 1" for name in passed])
        part = "both parts" if len(passed) > 1 else f"the part for {passed[0]}"
        said = f" At {values}, as for the passage, `adjust` skips {part}."
    return Listing(
        source(sampling.adjust, sampling.draw),
        caption=f"How the next character is chosen: `rnn/sampling.py`.{said}",
        label="code-draw",
    )
