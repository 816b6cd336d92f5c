"""A small set of executed notebooks, made without a kernel, for the tests of the report."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rnn import output
from rnn.exhibits.kinds import Evolution, Listing, Passage, Picture, Table
from rnn.exhibits.listings import source
from rnn.exhibits.prose import plain
from rnn.exhibits.show import say, show
from rnn.files.storage import save_model
from rnn.network import Model, find_cell, initialise

mpl.use("svg")

HOSTILE = (
    'A "quoted"\tline,  two blanks;  <script>alert(1)</script> </pre> &amp; {{ 7*7 }} $x$ '
    '#read("/etc/passwd") \\u{41} */ // [a](b) `c` *d* _e_ <!-- f --> @g ~ -- ---\n'
    "   three blanks first; é ß Ω Я ∂ “ ” … \u00a0 \u200b \u202e \x01 \ufffd "
    "\U0001f600 漢字 العربية\n\nthe end "
)
NAMES = ("01_data", "02_gradcheck", "03_training", "04_sampling")
SAMPLES = [
    {"step": 0, "smooth_loss": 109.55, "text": HOSTILE},
    {"step": 10000, "smooth_loss": 54.32, "text": "\nthe said\nand the king's was in\tthe " * 5},
    {"step": 20000, "smooth_loss": 49.87, "text": "'I will not,' said the miller, 12 times. " * 5},
]
HISTORY = "step,epoch,loss,smooth_loss\n0,1,109.55,109.55\n100,1,98.5,107.25\n"
RUN: dict[str, Any] = {
    "book": {
        "path": "data/tales.txt",
        "sha256": "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        "encoding": "utf-8",
        "characters": 1115394,
        "vocabulary": sorted("abcdefghijklmnopqrstuvwxyz ,.;\n"),
        "training_characters": 1003854,
        "validation_characters": 55770,
        "test_characters": 55770,
    },
    "parameters": {
        "hidden_size": 100,
        "seq_length": 25,
        "learning_rate": 0.1,
        "epochs": 7,
        "lowercase": True,
        "validation_fraction": 0.1,
        "sample_every": 10000,
        "sample_length": 200,
        "passage_length": 1000,
        "temperature": 1.0,
        "top_p": 1.0,
        "prime": "it's a $x$ {{ y }}",
        "seed": 400,
    },
    "gradient_check": {
        "central_difference": dict(
            zip("UWVbc", (2.1e-9, 3.4e-9, 1.2e-10, 5e-9, 8e-11), strict=True)
        ),
        "complex_step": dict(zip("UWVbc", (2e-16, 3e-16, 1e-16, 2e-16, 0), strict=True)),
        "entries": 20954,
        "checked": 20954,
        "larger": dict.fromkeys("UWVbc", 2e-16),
    },
    "training": {
        "steps": 281078,
        "epochs": 7,
        "seconds": 41.123,
        "final_smooth_loss": 43.5,
        "best_smooth_loss": 43.1,
        "best_step": 270000,
        "validation_nats_per_char": 1.984,
        "test_nats_per_char": 1.991,
        "adapting_nats_per_char": {"network": 1.7, "counting": 1.6, "mixed": 1.5},
        "diverged": "",
    },
    "versions": {"python": "3.11.7", "numpy": "2.2.0", "rnn": "0.1.0"},
}


@contextmanager
def publishing() -> Iterator[list[dict[str, Any]]]:
    """Collect what is displayed within the context."""
    shell = InteractiveShell.instance()
    before, publisher = shell.display_pub, CapturingDisplayPublisher()
    shell.display_pub = publisher
    try:
        yield publisher.outputs
    finally:
        shell.display_pub = before


def code(source: str, *calls: Callable[[], None], tags: tuple[str, ...] = ()) -> Any:
    """Return a code cell with the outputs of some calls."""
    with publishing() as outputs:
        for call in calls:
            call()
    displayed = [new_output("display_data", data=output["data"]) for output in outputs]
    return new_code_cell(source, outputs=displayed, metadata={"tags": list(tags)})


def curve() -> Any:
    """Return a figure with a falling loss."""
    figure, axes = plt.subplots(figsize=(8, 3.6))
    axes.plot([109.5 - 60 * (1 - 2.718 ** (-x / 10)) for x in range(60)], label="smoothed <loss>")
    axes.grid()
    axes.set(xlabel="step", ylabel="nats per sequence")
    axes.legend()
    return figure


def gradients() -> None:
    rows = [
        [k, f"{RUN['gradient_check']['central_difference'][k]:.1e}", f"{v:.1e}"]
        for k, v in RUN["gradient_check"]["complex_step"].items()
    ]
    columns = ["parameter", "central differences", "complex step"]
    caption = "Relative error $\\|a - n\\| / (\\|a\\| + \\|n\\|)$ of the gradient per parameter."
    show(Table(columns, rows, caption, "tab-gradients"), part=1)


def notebooks() -> dict[str, Any]:
    """Return the four notebooks by name, as they are after a run."""
    parameters = code('book = ""\nhidden_size = 50  # m\nprime = ""', tags=("parameters",))
    injected = code('book = "/home/me/x.txt"\nhidden_size = 100', tags=("injected-parameters",))
    counts = [["space", "170,000", "15.2 %"], ["<e>", "94,000", "8.4 %"], ["\t", "1", "0.0 %"]]
    noisy = code("train()", lambda: say(f"It is {plain(HOSTILE)}."))
    noisy.outputs.append(new_output("stream", name="stderr", text="12 %|##  | 41.2 s"))
    noisy.outputs.append(new_output("stream", name="stdout", text="done <b> in 3 steps\n"))
    noisy.outputs.append(
        new_output("execute_result", data={"text/html": "<b onload=x>", "text/plain": "<b>"})
    )
    books = [
        [
            new_markdown_cell("# The book\n\nWhat there is to learn from, *letter by letter*."),
            parameters,
            injected,
            new_markdown_cell("## Characters\n\nLet $K$ be the vocabulary's size:\n\n- one\n- two"),
            code(
                "counts = rnn.count(book)",
                lambda: show(Table(["", "count", "share"], counts, "Counts.", "tab-counts")),
            ),
        ],
        [
            new_markdown_cell(
                "# The gradients\n\nSee [the training](03_training.ipynb), [Part 1](#part-1), "
                "[nothing](#nowhere) and [a page](https://example.org/a?b=c&d).\n\n"
                "$$\n\\begin{aligned}\na_t &= W h_{t-1} + U x_t + b \\\\\n"
                "h_t &= \\tanh(a_t) \\\\\np_t &= \\mathrm{softmax}(V h_t + c)\n\\end{aligned}\n$$"
                "\n\n## Backward\n\nThe gradient of $L = -\\sum_t \\log p_t[y_t]$ is "
                "$\\partial h_t = V^\\top g_t + W^\\top \\partial a_{t+1}$.\n\n"
                "```python\n# not a heading\n```"
            ),
            code(
                "show(softmax())",
                lambda: show(
                    Listing(
                        source(output.softmax, output.loss), "The source of `loss`.", "src-loss"
                    )
                ),
            ),
            code("gradients()", gradients),
        ],
        [
            new_markdown_cell("# Training\n\nAnd *so* it learns. <script>alert(2)</script>"),
            noisy,
            code(
                "show(loss_curve(" + ", ".join(f"argument_{i}=None" for i in range(12)) + "))",
                lambda: show(
                    Picture(
                        curve(),
                        caption="The loss, with 10 % of the book held out; [how](#chapter-3).",
                        alt="A curve that falls from 110 to 50",
                        label="fig-loss",
                    ),
                    part=2,
                ),
            ),
            code(
                "show(evolution(samples))",
                lambda: show(
                    Evolution(SAMPLES, "The text as it learns.", "text-evolution"), part=3
                ),
            ),
        ],
        [
            new_markdown_cell("# The passage\n\n## Sampling\n\n### Temperature\n\nOf the text."),
            code(
                "write()",
                lambda: show(Passage(HOSTILE * 3, "The passage.", "text-passage"), part=4),
                lambda: show(Passage("the\tend", "*More* text.", "text-more")),
            ),
        ],
    ]
    return {name: new_notebook(cells=cells) for name, cells in zip(NAMES, books, strict=True)}


def model(cell: str = "rnn") -> Model:
    """Return a model that can have written the passage."""
    vocabulary = "".join(sorted(set(HOSTILE + RUN["parameters"]["prime"])))
    K, m = len(vocabulary), 7
    return Model(
        network=initialise(cell, K, m, seed=2, init_scale=0.5),
        vocabulary=vocabulary,
        states=np.linspace(-0.5, 0.5, 2 * m).reshape(2, m)[: find_cell(cell).STATES],
        first=3,
        lowercase=False,
        unicode_form="as_is",
    )


def write(folder: Path) -> None:
    """Write the notebooks and run.json, as the stages leave them."""
    (folder / "notebooks").mkdir(parents=True)
    for name, notebook in notebooks().items():
        nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")
    save_model(folder / "model.npz", model())
    (folder / "history.csv").write_text(HISTORY, encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(RUN), encoding="utf-8")
