"""Assemble one document from the executed notebooks: the four parts, the chapters, the recipe.

The document is itself a notebook, so that any nbconvert exporter can render it. Headings are cells
of their own, with a number and an anchor. Every exhibit is numbered. Nothing in the document
differs between two runs with the same settings.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbformat.v4 import new_output

from rnn.exhibits import citations
from rnn.exhibits.citations import NOTHING, Cited
from rnn.exhibits.forms import SHOWN
from rnn.exhibits.prose import as_code, plain
from rnn.exhibits.words import listed, number, written
from rnn.exhibits.wrong_gradient import alarm
from rnn.gradcheck import GradientCheck
from rnn.report import further, parameters
from rnn.report.appendix import appendix
from rnn.report.chapters import cells, document, joined
from rnn.report.errors import StageError
from rnn.report.forms import LESSON, REPORT, SHORT
from rnn.report.nodes import (
    Images,
    Node,
    Title,
    commentary,
    exhibit,
    heading,
    prose,
    references,
)
from rnn.report.recipe import recipe
from rnn.report.stages import STAGES

PARTS = {
    1: "The gradients, analytic against numerical",
    2: "The loss and the smoothed loss",
    3: "The evolution of the text",
    4: "A passage from the best model",
}
WHAT = {1: "derivation", 2: "training", 3: "training", 4: "sampling"}  # that its chapter has
LISTED = {stage.name for stage in STAGES}
# What the exhibits of the parts show, for the chapters that they are moved out of.
SAYS = {
    "tab-gradients": "gives the errors of all parameters",
    "tab-functions": "says which of the functions are right",
    "fig-loss": "shows both losses over the whole run",
    "text-evolution": "has these samples",
    "text-passage": "is the passage",
}
SOURCES = ("code-backward",)  # the sources of the network that the short form has
LINK = re.compile(r"\]\((?:\./)?([\w-]+)\.(?:ipynb|py)(?:#[^)\s]*)?\)")
STEPS = ("optimiser", "learning_rate", "clip", "clip_by")
# What the page trains with, and what it says that it can't do.
START = ("cell", "hidden_size", "initialisation", "init_scale", "dtype", "seed")
BEYOND = ("batch_size", "schedule", "warmup", "dropout", "random_offset")
TRAINING = (*START, "seq_length", *STEPS, *BEYOND)
WRITING = ("prime", "temperature", "top_p", "passage_length", "seed")


def assemble(
    notebooks: Mapping[str, Node],
    run: Mapping[str, Any],
    title: Title,
    notes: Mapping[int, str] | None = None,
    images: Mapping[int, Images] | None = None,
    *,
    form: str = REPORT,
    cited: Cited = NOTHING,
) -> Node:
    """Assemble a report.

    Parameters
    ----------
    notebooks
        The executed notebooks by name, in order.
    run
        The contents of `run.json`.
    title
        The title block.
    notes
        The author's commentary on each part, as Markdown.
    images
        The images in it, for each part.
    form
        One of `FORMS`: "lesson" keeps the cells with that tag, which the others leave out, and
        "short" has only the author's own chapters, and the code of all in an appendix.
    cited
        The notes' citations, and what they cite. The chapters' further reading joins it, unless
        that would be the whole list of a lesson, whose chapters then keep their own.

    Returns
    -------
    Node
        The document. Its metadata `rnn` holds the title block, the contents (the headings), all
        anchors, the settings of the passage, and the remarks to be said on the terminal; a cell's
        metadata `rnn` holds its role ("prose", "heading", "code", "appendix", "shown",
        "references" or "notes").

    Raises
    ------
    StageError
        When the notebooks lack the output for a part, or when a label occurs twice.
    """
    own = [name for name in notebooks if name not in LISTED]
    order = sorted(notebooks, key=LISTED.__contains__) if form == SHORT else list(notebooks)
    numbers = {name: number for number, name in enumerate(order, start=1)}
    kept = {name: notebook.cells for name, notebook in notebooks.items()}
    if form != LESSON or cited.entries:
        listed = own if form == SHORT else notebooks
        taken, works = further.take({name: notebooks[name] for name in listed})
        kept |= taken
        cited = citations.further(cited, works)
    remarks: dict[str, list[str]] = {name: [] for name in order}
    chapters = [
        list(_chapter(numbers, name, kept[name], run, remarks[name], lesson=form == LESSON))
        for name in order
    ]
    parts = _take_parts(chapters)
    whose = _whose(run, title)
    front = list(_front(parts, run, notes or {}, images or {}, whose, chapters=form != SHORT))
    defaults = {
        name: value
        for notebook in notebooks.values()
        for name, value in parameters.declared_in(notebook).items()
    }
    after: list[list[Node]] = []
    if form == SHORT:
        after = [list(appendix((cell for chapter in chapters for cell in chapter), SOURCES))]
        chapters = [list(_without_code(chapter)) for chapter in chapters[: len(own)]]
    if cited.entries:
        title_line = heading(2, str(len(chapters) + 1), "references", "References")
        chapters.append([title_line, references(cited.entries)])
    again = list(recipe(len(chapters) + 1, run, title, defaults, own))
    return document(
        [front, *chapters, again, *after],
        title,
        cited,
        writing={name: run["parameters"][name] for name in WRITING},
        training={name: run["parameters"][name] for name in TRAINING if name in run["parameters"]},
        # In the short form, not on what is not in it.
        remarks=[line for name in (own if form == SHORT else order) for line in remarks[name]],
    )


def _chapter(
    numbers: Mapping[str, int],
    name: str,
    given: Iterable[Node],
    run: Mapping[str, Any],
    remarks: list[str],
    *,
    lesson: bool,
) -> Iterator[Node]:
    """Yield a notebook's cells, with numbered headings.

    Of what is for a lesson alone, only what belongs to a part is kept if this is none.
    """
    n = numbers[name]
    sections = [n, 0, 0]

    def to_chapter(link: re.Match[str]) -> str:
        return f"](#chapter-{numbers[link[1]]})" if link[1] in numbers else link[0]

    def head(hashes: int, text: str) -> Node:
        # The first heading is the chapter's; at most two levels are used below it.
        depth = min(max(hashes, 2), 3) - 1 if sections[1:] != [0, 0] or hashes > 1 else 0
        if depth:
            sections[depth:] = [sections[depth] + 1, 0][: 3 - depth]
        number = ".".join(str(section) for section in sections[: depth + 1])
        anchor = f"section-{number.replace('.', '-')}" if depth else f"chapter-{n}"
        return heading(depth + 2, number, anchor, text)

    found = cells(
        name,
        given,
        _used(run),
        remarks,
        head,
        link=lambda source: LINK.sub(to_chapter, source),
        left_out=lambda cell: LESSON in cell.metadata.get("tags", []) and not lesson,
        part=_part,
    )
    yield from joined(found)


def _without_code(chapter: Iterable[Node]) -> Iterator[Node]:
    """Yield the cells of a chapter without their code, which the appendix has."""
    for cell in chapter:
        if cell.cell_type == "code":
            cell.source = ""
        if cell.source or cell.get("outputs"):
            yield cell


def _used(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a run, with paths relative to the notebooks."""
    asked = run.get("report", {})
    paths = {
        "book": run["book"]["path"],
        "student": asked.get("student"),
        "model_file": asked.get("model"),
    }
    named = {name: posixpath.join("..", path) for name, path in paths.items() if path}
    return {**run["parameters"], **named}


def _part(output: Node) -> int:
    """Return the part that an output belongs to; 0 if it belongs to none."""
    return output.get("data", {}).get(SHOWN, {}).get("part") or 0


def _take_parts(chapters: list[list[Node]]) -> dict[int, tuple[int, list[Node]]]:
    """Move the outputs of the four parts out of the chapters, leaving links in their place.

    Returns
    -------
    dict
        For each part, the number of its chapter and its outputs.
    """
    parts: dict[int, tuple[int, list[Node]]] = {}
    for n, chapter in enumerate(chapters, start=1):
        for cell in chapter:
            for i, output in enumerate(cell.get("outputs", [])):
                if part := _part(output):
                    parts.setdefault(part, (n, []))[1].append(output)
                    label = output.data[SHOWN]["label"]
                    link = {"kind": "link", "label": label, "part": part}
                    link["says"] = SAYS.get(label, "is the result")
                    cell.outputs[i] = new_output("display_data", data={SHOWN: link})
    if missing := [part for part in PARTS if part not in parts]:
        raise StageError(f"no output of the notebooks is marked as part {missing[0]}")
    if all(output.data[SHOWN].kind != "text" for output in parts[4][1]):
        raise StageError("part 4 has no text")
    return parts


def _front(
    parts: Mapping[int, tuple[int, list[Node]]],
    run: Mapping[str, Any],
    notes: Mapping[int, str],
    images: Mapping[int, Images],
    whose: str,
    *,
    chapters: bool,
) -> Iterator[Node]:
    """Yield the four parts in order, each with the author's notes on it."""
    leads = _leads(run)
    leads[1] = f"{whose}{leads[1]}"
    student = posixpath.basename(run.get("report", {}).get("student", ""))
    wrong = alarm(GradientCheck(**run["gradient_check"]), student)
    for part, name in PARTS.items():
        chapter, answers = parts[part]
        yield heading(2, f"Part {part}", f"part-{part}", name)
        where = f" The {WHAT[part]} is in [Chapter\u00a0{chapter}](#chapter-{chapter})."
        lead = leads[part] + where if chapters else leads[part]
        yield prose(f"{lead}\n\n{wrong}" if part == 1 and wrong else lead)
        yield exhibit(answers)
        if part in notes:
            yield commentary(part, notes[part], images.get(part))


def _whose(run: Mapping[str, Any], title: Title) -> str:
    """Say whose functions are at work, if they are not the project's."""
    asked = run.get("report", {})
    if not asked.get("student"):
        return ""
    by = f" by {plain(title.front['author'])}" if title.authors else ""
    return (
        f"The functions of {as_code(posixpath.basename(asked['student']))}{by} (SHA-256"
        f" `{asked['student_sha256']}`) compute, train and write in this report. "
    )


def _leads(run: Mapping[str, Any]) -> dict[int, str]:
    """Return the sentences that introduce each part; every number is taken from the run."""
    check, book, training = run["gradient_check"], run["book"], run["training"]
    central, step = (max(check[k].values()) for k in ("central_difference", "complex_step"))
    purposes = [
        f"{book[f'{part}_characters']:,} {purpose}"
        for part, purpose in (
            ("validation", "were used to choose the best model"),
            ("test", "were used to judge it"),
        )
        if book.get(f"{part}_characters")
    ]
    held = listed(purposes) if purposes else "nothing was held out"
    tested = training.get("test_nats_per_char")
    adapting = training.get("adapting_nats_per_char", {}).get("network")
    judgement = (
        ""
        if tested is None
        else f"; on the test part it loses {tested:.3f} nats per character"
        if adapting is None
        else f"; on the test part it loses {tested:.3f} nats per character as trained, and"
        f" {adapting:.3f} if it goes on learning there"
    )
    chosen = training.get("validation_nats_per_char")
    lowest = (
        "smoothed loss"
        if chosen is None
        else f"loss on the validation part, {chosen:.3f} nats per character"
    )
    diverged = (
        f" **Training diverged:** {plain(written(why))}."
        if (why := training.get("diverged"))
        else ""
    )
    return {
        1: f"The largest relative error of a parameter's gradient is {number(central, '.1e')} "
        f"against central differences, and {number(step, '.1e')} against the complex step.",
        2: f"The network was trained on {book['training_characters']:,} of the book's "
        f"{book['characters']:,} characters; {held}.{diverged}",
        3: "The network wrote these texts as it was trained, the first before it had learned "
        "anything.",
        4: f"The best model is the one at step {training['best_step']:,}, which has the lowest"
        f" {lowest}{judgement}."
        + (
            " **Training diverged,** as [Part 2](#part-2) says, so that even this one may write"
            " nothing that can be read."
            if training.get("diverged")
            else ""
        )
        + _other_model(run.get("report", {})),
    }


def _other_model(asked: Mapping[str, Any]) -> str:
    """Say which model writes, if it is not the trained one."""
    if not asked.get("model"):
        return ""
    return (
        f" What follows is not by that model, but by the one saved in"
        f" {as_code(posixpath.basename(asked['model']))} (SHA-256 `{asked['model_sha256']}`),"
        " which the controls of the page run, too."
    )
