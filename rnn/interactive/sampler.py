"""Controls to write with a trained model, and to see what it expects next."""

import time
from collections.abc import Generator
from dataclasses import replace
from functools import cached_property, lru_cache
from html import escape
from typing import Any, NamedTuple

import numpy as np
from IPython.display import display
from ipywidgets import (
    HTML,
    BoundedFloatText,
    BoundedIntText,
    Box,
    Button,
    Checkbox,
    Dropdown,
    HBox,
    Layout,
    Textarea,
    VBox,
)
from numpy.typing import NDArray

from rnn.analysis.adapting import USUAL, Way, adapted, sizes
from rnn.errors import InputError
from rnn.exhibits.characters import text_html, visible
from rnn.interactive.background import Background
from rnn.interactive.bars import named, probability_bars
from rnn.interactive.progress import in_report
from rnn.network import Model, find_cell
from rnn.numerics.generator import PASSAGE, generator, uniform
from rnn.sampling import adjust, begin, draw
from rnn.text import encode, normalise

REDRAW = 0.1  # seconds between drawings, at least
CHOICES = 12  # likely characters to choose from
PACES = {"5 a second": 5, "20 a second": 20, "100 a second": 100, "all at once": 0}
LEARN = "learn from the prime text first"
LEARNING = "The network learns from the prime text ..."
NOTHING = "There is nothing to learn from without a prime text of at least two characters."
# Widgets have no style sheet of ours: what is needed to see every character goes along.
CSS = """<style>
.rnn pre { white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 8 }
.rnn .odd { border: 1px solid; border-radius: 2px; font-size: .8em; opacity: .7 }
.rnn .odd::before { content: attr(data-sign) }
</style>"""


class Letter(NamedTuple):
    """A character, and the probabilities (K,) of the one that comes after it."""

    character: str
    P: NDArray[Any]


def letters(
    model: Model, *, prime: str, temperature: float, top_p: float, seed: int
) -> Generator[Letter, str | None, None]:
    """Write the same text as `rnn.sampling.compose`, without end, and yield it letter by letter.

    The last character read, before the text begins, is yielded first. A character that is sent to
    the generator is written next, in the place of one that is drawn.
    """
    first, states = begin(model, prime)
    forward, work = find_cell(model.network.cell).forward, model.network.workspace(1, 1)
    work.states[:, 0, 0] = states
    p, random = model.network.p, generator(seed, PASSAGE)
    x = np.full((1, 1), first, np.int64)
    while True:
        forward(p, x, work)
        work.states[:, 0] = work.states[:, 1]
        adjust(work.output.P[0], temperature, top_p)
        chosen = yield Letter(model.vocabulary[x[0, 0]], work.output.P[0].copy())
        drawn = draw(work.output.P[0], uniform(random))
        x[0, 0] = drawn if chosen is None else model.vocabulary.index(chosen)


def sampler(model: Model, seed: int, training: NDArray[Any]) -> "Sampler | None":
    """Return controls for writing, which show the text as it grows and what may come next.

    In a report, where nothing can be pressed, there are none.

    Parameters
    ----------
    model
        The model that writes.
    seed
        The seed of the first text.
    training
        The training part of the model's book, as indices: what matters for it is held while the
        model learns from another text.

    Returns
    -------
    Sampler
        `text` is the text that was written last.
    """
    if in_report():
        return None
    return Sampler(model, seed, training)


class Sampler:
    """The widgets, in `panel`, and the text that they control.

    Attributes
    ----------
    panel
        All widgets.
    prime
        The prime text, as the network reads it: in lower case, for instance.
    text
        The text written after it.
    """

    def __init__(self, model: Model, seed: int, training: NDArray[Any]) -> None:
        self.prime = self.text = ""
        self._model, self._training, self._drawn = model, training, 0.0
        self._learned = lru_cache(maxsize=1)(self._learn)
        self._last: Letter | None = None
        self._letters: Generator[Letter, str | None, None] | None = None
        self._offered, self._chosen = "", False  # characters to choose; whether one was chosen
        self._work: Background | None = None

        self.controls = {
            "prime": Textarea(rows=2, placeholder="a text to continue, or none"),
            # Boxes, since the handles of sliders have no names for a screen reader.
            "temperature": BoundedFloatText(1.0, min=0.1, max=2, step=0.05),
            "top-p": BoundedFloatText(1.0, min=0.05, max=1, step=0.05),
            "length": BoundedIntText(400, min=1, max=5000, step=50),
            "seed": BoundedIntText(seed, min=0, max=2**32 - 1),
            "characters": Dropdown(options=PACES, value=PACES["20 a second"]),
            LEARN: Checkbox(indent=False),
        }
        for name, control in self.controls.items():
            control.description, control.style.description_width = name, "7em"
            control.layout = Layout(width="auto")
            if name not in ("length", "characters"):
                control.observe(lambda _: self._preview(), "value")
        self.write = Button(description="Write", icon="pencil", button_style="primary")
        self.stop = Button(description="Stop", icon="stop", disabled=True)
        self.another = Button(description="Another seed", icon="random")
        self.write.on_click(lambda _: self._write())
        self.stop.on_click(lambda _: self._stop())
        self.another.on_click(lambda _: self._another())
        self.message = HTML()
        self.page = HTML(layout=Layout(flex="3 1 28em", min_width="0"))
        self.bars = HTML()
        form = Box(
            list(self.controls.values()),
            layout=Layout(
                display="grid",
                grid_template_columns="repeat(auto-fill, minmax(20em, 1fr))",
                grid_gap="2px 1em",
            ),
        )
        self.next = [Button(layout=Layout(width="auto")) for _ in range(CHOICES)]
        for place, button in enumerate(self.next):
            button.on_click(lambda _, place=place: self._choose(place))
        self.choices = Box(
            [HTML("Write next:"), *self.next],
            layout=Layout(flex_flow="row wrap", align_items="center", grid_gap="2px 6px"),
        )
        self.choices.add_class("rnn-choices")
        right = VBox([self.bars, self.choices], layout=Layout(flex="2 1 16em", min_width="0"))
        live = Box(
            [self.page, right],
            layout=Layout(flex_flow="row wrap", grid_gap="1.5em", min_height="20em"),
        )
        buttons = HBox([self.write, self.stop, self.another], layout=Layout(margin="6px 0"))
        self.panel = VBox(
            [form, buttons, self.message, live],
            layout=Layout(max_width="70em", padding="0 1em 0 0"),
        )
        self._preview()

    def _ipython_display_(self) -> None:  # IPython looks for this name
        display(self.panel)

    @property
    def running(self) -> bool:
        """Whether a text is being written."""
        return self._work is not None and self._work.running

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end of the text, for at most `seconds`; other cells wait too."""
        if self._work is not None:
            self._work.wait(seconds)

    def _preview(self) -> bool:
        """Show the probabilities of the first character; return False if that is impossible."""
        if self.running:
            return False
        values = {name: control.value for name, control in self.controls.items()}
        prime = normalise(values["prime"], self._model.lowercase, self._model.unicode_form)
        short = values[LEARN] and len(prime) < 2
        try:
            pieces = letters(
                self._learned(prime) if values[LEARN] and not short else self._model,
                prime=values["prime"],
                temperature=values["temperature"],
                top_p=values["top-p"],
                seed=values["seed"],
            )
            self._last = next(pieces)
        except InputError as error:
            self.message.value = f'<b role="alert">{escape(str(error))}</b>'
            self.bars.value, self.choices.layout.display = "", "none"
            return False
        self._letters, self._chosen, self.prime, self.text = pieces, False, prime, ""
        self._say(NOTHING if short else "")
        self._show(self._last)
        self._offer(self._last)
        return True

    def _learn(self, prime: str) -> Model:
        """Return a copy of the model that has learned from a prime text, read from a zero state.

        It writes from where it is when it has read the text once more, as any model does.
        """
        text, model = encode(prime, self._model.vocabulary), self._model
        self._say(LEARNING)
        way = Way(*(model.way or USUAL))
        start = np.zeros_like(model.states)
        return replace(model, network=adapted(model.network, text, start, way, self._sizes))

    @cached_property
    def _sizes(self) -> NDArray[Any]:
        return sizes(self._model.network, self._training, self._model.states)

    def _say(self, line: str) -> None:
        self.message.value = f'<span role="status">{escape(line)}</span>' if line else ""

    def _choose(self, place: int) -> None:
        """Write the character on a button, and show what may come after it."""
        if self.running or self._letters is None:
            return
        self._last = self._letters.send(self._offered[place])
        self._chosen = True
        self.text += self._last.character
        self._show(self._last)
        self._offer(self._last)

    def _write(self) -> None:
        """Write a text: after the characters that were chosen, if there are any."""
        if self.running or not (self._chosen or self._preview()):
            return
        for widget in (*self.controls.values(), self.write, self.another):
            widget.disabled = True
        self._chosen, self.stop.disabled = False, False
        self.choices.layout.display = "none"
        self._drawn = time.monotonic()
        self._work = Background(
            self._some(self.controls["length"].value), each=self._each, end=self._end
        )
        self._work.start()

    def _some(self, length: int) -> Generator[Letter, None, None]:
        """Yield so many letters of the text, which may go on after them."""
        for _ in range(length):
            if self._letters is not None:
                yield next(self._letters)

    def _stop(self) -> None:
        if self._work is not None:
            self._work.stop()

    def _another(self) -> None:
        self.controls["seed"].value = (self.controls["seed"].value + 1) % 2**32  # previews, too
        self._write()

    # The following methods are called in the thread that writes.

    def _each(self, letter: Letter) -> None:
        self.text += letter.character
        self._last = letter
        if time.monotonic() - self._drawn > REDRAW:
            self._show(letter)
            self._drawn = time.monotonic()
        if pace := self.controls["characters"].value:
            time.sleep(1 / pace)

    def _end(self, wrong: Exception | None) -> None:
        if wrong is not None:
            self.message.value = f'<b role="alert">{escape(f"{type(wrong).__name__}: {wrong}")}</b>'
        elif self._last is not None:
            self._show(self._last)
            self._offer(self._last)
        for widget in (*self.controls.values(), self.write, self.another):
            widget.disabled = False
        self.stop.disabled = True

    def _show(self, letter: Letter) -> None:
        written = f"<b>{text_html(self.prime)}</b>{text_html(self.text)}"
        # Laid out from the bottom up, so that it stays scrolled to the end while it grows.
        self.page.value = (
            f'{CSS}<div class="rnn" tabindex="0" role="region" aria-label="The text" style="'
            'display:flex;flex-direction:column-reverse;max-height:24em;overflow:auto">'
            f'<pre style="margin:0;line-height:1.35">{written}</pre></div>'
        )
        end = (self.prime + self.text)[-12:]
        after = f"“{visible(end)}”" if end else "the last character read"
        self.bars.value = (
            f'<div style="margin-bottom:.4em">Next, after {escape(after)}:</div>'
            f"{probability_bars(letter.P, self._model.vocabulary)}"
        )

    def _offer(self, letter: Letter) -> None:
        """Put the likeliest characters on the buttons."""
        order = np.argsort(-letter.P, kind="stable")[:CHOICES]
        likely = [k for k in order if letter.P[k] > 0]
        self._offered = "".join(self._model.vocabulary[k] for k in likely)
        for place, button in enumerate(self.next):
            button.layout.display = None if place < len(likely) else "none"
            if place < len(likely):
                name = named(self._offered[place])
                button.description = name
                button.tooltip = f"Write {name}: {letter.P[likely[place]]:.1%}"
        self.choices.layout.display = None
