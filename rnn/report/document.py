"""One document from the four executed notebooks: the parts asked for, the chapters, the recipe.

The document is a notebook again, so that any nbconvert exporter can set it. Its headings are cells
of their own, numbered and with an anchor; each thing shown has its number; and it holds nothing
that differs between two runs that should be the same.
"""

import ast
import posixpath
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rnn.exhibits.listings import for_readers
from rnn.exhibits.prose import plain
from rnn.exhibits.show import SHOWN

PARTS = {
    1: "The gradients, analytic against numerical",
    2: "The loss and the smoothed loss",
    3: "The evolution of the text",
    4: "A passage from the best model",
}
NOUNS = {
    "figure": "Figure",
    "table": "Table",
    "text": "Text",
    "evolution": "Text",
    "source": "Listing",
}
HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*")
FENCE = re.compile(r" {0,3}(```+|~~~+)")
NOTEBOOK = re.compile(r"\]\((?:\./)?0([1-4])_\w+\.(?:ipynb|py)(?:#[^)\s]*)?\)")
WRITING = ("prime", "temperature", "top_p", "passage_length", "seed")
PREFERRED = (SHOWN, "text/markdown", "image/png", "text/plain")
Node = Any  # nbformat's nodes have no types
WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Title:
    """The title block; a line that is empty is left out."""

    title: str
    author: str = ""
    course: str = ""
    date: str = ""


def assemble(
    notebooks: Sequence[Node],
    run: Mapping[str, Any],
    title: Title,
    notes: Mapping[int, str] | None = None,
) -> Node:
    """Put a report together.

    Parameters
    ----------
    notebooks
        The executed notebooks, in order.
    run
        What `run.json` holds.
    title
        The title block.
    notes
        The author's commentary on each part, as Markdown.

    Returns
    -------
    Node
        Its metadata `rnn` has the title block, the contents (the headings), all anchors, and how
        the passage was written; the metadata `rnn` of a cell its role ("prose", "heading", "code",
        "shown" or "notes").
    """
    chapters = [list(_joined(_chapter(n, book, run))) for n, book in enumerate(notebooks, start=1)]
    parts = _take_parts(chapters)
    front = list(_front(parts, run, notes or {}))
    defaults = {
        name: ast.literal_eval(value)
        for notebook in notebooks
        for cell in notebook.cells
        if "parameters" in cell.metadata.get("tags", [])
        for name, value in _literals(cell.source)
    }
    again = list(_again(len(notebooks) + 1, run, title, defaults))
    groups = [front, *chapters, again]
    for chapter, group in enumerate(groups):
        for number, cell in enumerate(group, start=1):
            cell["id"] = f"{chapter}-{number}"
    cells = [cell for group in groups for cell in group]
    anchors = _number(cells)
    headings = [c for c in cells if c.metadata.rnn.role == "heading"]
    contents = [{**cell.metadata.rnn, "text": cell.source} for cell in headings]
    anchors += [heading["anchor"] for heading in contents]
    if twice := [anchor for anchor, count in Counter(anchors).items() if count > 1]:
        raise ValueError(f"labels must differ, but {', '.join(twice)} is there twice")
    about = {
        "title": asdict(title),
        "contents": contents,
        "anchors": anchors,
        "writing": {name: run["parameters"][name] for name in WRITING},
    }
    return new_notebook(cells=cells, metadata={"rnn": about})


def shown(cell: Node) -> Iterator[dict[str, Any]]:
    """Yield what the outputs of a cell show, as display.py described it."""
    for output in cell.get("outputs", []):
        if SHOWN in output.get("data", {}):
            yield output.data[SHOWN]


def _heading(level: int, number: str, anchor: str, text: str) -> Node:
    about = {"role": "heading", "level": level, "number": number, "anchor": anchor}
    return new_markdown_cell(text, metadata={"rnn": about})


def commentary(part: int, markdown: str) -> Node:
    """Return a cell with the author's notes on a part."""
    return new_markdown_cell(markdown, metadata={"rnn": {"role": "notes", "part": part}})


def _prose(markdown: str) -> Node:
    return new_markdown_cell(markdown, metadata={"rnn": {"role": "prose"}})


def _code(source: str) -> Node:
    return new_code_cell(source, metadata={"rnn": {"role": "code"}})


def _shown(outputs: list[Node]) -> Node:
    return new_code_cell("", outputs=outputs, metadata={"rnn": {"role": "shown"}})


def _chapter(n: int, notebook: Node, run: Mapping[str, Any]) -> Iterator[Node]:
    """Yield the cells of a notebook, headings cut out, with nothing in them of this one run."""
    sections = [n, 0, 0]
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            for hashes, text in cut(NOTEBOOK.sub(r"](#chapter-\1)", cell.source)):
                if not hashes:
                    yield _prose(text)
                    continue
                # The first is the chapter's; the levels below it go no deeper than two.
                depth = min(max(hashes, 2), 3) - 1 if sections[1:] != [0, 0] or hashes > 1 else 0
                if depth:
                    sections[depth:] = [sections[depth] + 1, 0][: 3 - depth]
                number = ".".join(str(section) for section in sections[: depth + 1])
                anchor = f"section-{number.replace('.', '-')}" if depth else f"chapter-{n}"
                yield _heading(depth + 2, number, anchor, text)
        elif cell.cell_type == "code" and "injected-parameters" not in tags:
            used = _used(run) if "parameters" in tags else {}
            source = for_readers(cell.source)
            source = as_used(source, used) if used else source
            outputs = [kept for output in cell.outputs for kept in _keep(output)]
            if source.strip() or outputs:
                yield new_code_cell(source, outputs=outputs, metadata={"rnn": {"role": "code"}})


def _used(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a run, and its book's path as it is seen from the notebooks."""
    return {**run["parameters"], "book": posixpath.join("..", run["book"]["path"])}


def _joined(cells: Iterator[Node]) -> Iterator[Node]:
    """Yield the cells of a chapter, with code that shows nothing joined to the code after it."""
    waiting: list[str] = []
    for cell in cells:
        if cell.cell_type == "code" and not cell.outputs:
            waiting.append(cell.source)
            continue
        if cell.cell_type == "code":
            cell.source = "\n\n".join([*waiting, cell.source])
        elif waiting:
            yield _code("\n\n".join(waiting))
        waiting = []
        yield cell
    if waiting:
        yield _code("\n\n".join(waiting))


def cut(markdown: str) -> Iterator[tuple[int, str]]:
    """Cut Markdown into headings, each with its level, and the prose between them, with 0."""
    prose: list[str] = []
    fence = ""
    for line in [*markdown.splitlines(), None]:
        heading = None if fence or line is None else HEADING.fullmatch(line)
        if (line is None or heading) and (text := "\n".join(prose).strip()):
            yield 0, text
        if heading:
            yield len(heading[1]), heading[2]
        if line is None or heading:
            prose = []
            continue
        if mark := FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif line.strip().startswith(fence):
                fence = ""
        prose.append(line)


def as_used(source: str, used: Mapping[str, Any]) -> str:
    """Return the source of a parameters cell with the values that were used.

    What papermill injects holds the paths of one run on one machine; the cell that it overrides
    has the comments.
    """
    lines = source.splitlines()
    for name, value in _literals(source):
        if name in used:
            line, new = lines[value.lineno - 1].encode(), repr(used[name]).encode()
            line = line[: value.col_offset] + new + line[value.end_col_offset :]
            lines[value.lineno - 1] = line.decode()
    return "\n".join(lines)


def _literals(source: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a parameters cell assigns to, each with its literal."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _keep(output: Node) -> Iterator[Node]:
    """Yield an output in the one form that is set, if there is one; stderr is for the terminal."""
    if output.output_type == "stream" and output.name == "stdout":
        yield new_output("stream", name="stdout", text=output.text)
    data = output.get("data", {})
    for kind in PREFERRED:
        if kind in data and WIDGET not in data:
            kept = {kind: data[kind]}
            if kind == SHOWN:
                kept |= {k: data[k] for k in ("image/svg+xml",) if k in data}
            yield new_output("display_data", data=kept)
            return


def _take_parts(chapters: list[list[Node]]) -> dict[int, tuple[int, list[Node]]]:
    """Take the outputs of the four parts out of the chapters, and leave links in their places.

    Returns
    -------
    dict
        For each part the number of its chapter, and its outputs.
    """
    parts: dict[int, tuple[int, list[Node]]] = {}
    for n, chapter in enumerate(chapters, start=1):
        for cell in chapter:
            for i, output in enumerate(cell.get("outputs", [])):
                about = output.get("data", {}).get(SHOWN)
                if about and about["part"]:
                    parts.setdefault(about["part"], (n, []))[1].append(output)
                    link = {"kind": "link", "label": about["label"], "part": about["part"]}
                    cell.outputs[i] = new_output("display_data", data={SHOWN: link})
    if missing := [part for part in PARTS if part not in parts]:
        raise ValueError(f"no output of the notebooks is marked as part {missing[0]}")
    return parts


def _front(
    parts: Mapping[int, tuple[int, list[Node]]], run: Mapping[str, Any], notes: Mapping[int, str]
) -> Iterator[Node]:
    """Yield the four parts, in order, each with what its author notes on it."""
    leads = _leads(run)
    for part, name in PARTS.items():
        chapter, outputs = parts[part]
        yield _heading(2, f"Part {part}", f"part-{part}", name)
        yield _prose(f"{leads[part]} [Chapter\u00a0{chapter}](#chapter-{chapter}).")
        yield _shown(outputs)
        if part in notes:
            yield commentary(part, notes[part])


def _leads(run: Mapping[str, Any]) -> dict[int, str]:
    """Return what leads into each part; every number is taken from the run."""
    check, book, training = run["gradient_check"], run["book"], run["training"]
    central, step = (max(check[k].values()) for k in ("central_difference", "complex_step"))
    held_out = (
        f"the last {book['validation_characters']:,} were held out to measure it on"
        if book["validation_characters"]
        else "none were held out"
    )
    return {
        1: f"The largest relative error of a parameter's gradient is {_power(central)} against "
        f"central differences, and {_power(step)} against the complex step. The derivation is in",
        2: f"Of the book's {book['characters']:,} characters the network was trained on "
        f"{book['training_characters']:,}; {held_out}. The training is in",
        3: "The network writes as it learns, from the noise of its first numbers on. The training "
        "is in",
        4: f"The best model is that of step {training['best_step']:,}. How it writes is in",
    }


def _power(value: float) -> str:
    """Return a small number as Markdown, in powers of ten."""
    if not value:
        return "0"
    digits, power = f"{value:.1e}".split("e")
    return rf"${digits} \times 10^{{{int(power)}}}$"


def _again(
    n: int, run: Mapping[str, Any], title: Title, defaults: Mapping[str, Any]
) -> Iterator[Node]:
    """Yield the last section: what it takes to make the same report again."""
    book, used = run["book"], run["parameters"]
    yield _heading(2, str(n), "again", "How to make this report again")
    yield _prose(
        f"The book is {plain(book['path'])}, {book['characters']:,} characters, "
        f"{len(book['vocabulary']):,} different ones. The report is made again from a file with "
        "the same SHA-256, by the same command. On the same machine, with the same versions and "
        "the same `threads`, that gives the same bits, whatever else the machine does meanwhile. "
        "On another machine, or with other versions, the first loss agrees to twelve digits; "
        "training then amplifies the rounding of the last ones, so the smoothed loss agrees "
        "within 5\u00a0%, and the texts differ."
    )
    command = ["make report", f"BOOK={shlex.quote(book['path'])}"]
    command += [
        f"{key.upper()}={shlex.quote(value)}" for key, value in asdict(title).items() if value
    ]
    asked = run.get("report", {})
    if asked.get("notes"):
        command.append(f"NOTES={shlex.quote(asked['notes'])}")
    if asked.get("code"):
        command.append("CODE=1")
    words = [
        f"{name}={shlex.quote(_word(value))}"
        for name, value in used.items()
        if name not in defaults or value != defaults[name]
    ]
    if words:
        command.append(f"PARAMS={shlex.quote(' '.join(words))}")
    yield _shown(
        [
            _output(
                "source",
                "again-command",
                "The command.",
                language="bash",
                code=" \\\n  ".join(command),
            ),
            _table("again-book", "The book.", ["", ""], [["SHA-256", book["sha256"]]]),
            _table(
                "again-parameters",
                "The parameters. The random numbers follow from the seed.",
                ["parameter", "value"],
                [[name, _word(value)] for name, value in used.items()],
            ),
            _table(
                "again-versions",
                "The versions.",
                ["program", "version"],
                [[name, str(version)] for name, version in run["versions"].items()],
            ),
        ]
    )
    yield _heading(3, f"{n}.1", "cite", "Cite this report")
    yield _prose(
        "An entry for BibTeX. The project that the report was made with has its own, in "
        "`CITATION.cff`."
    )
    yield _shown(
        [_output("source", "cite-entry", "The entry.", language="bibtex", code=cite(title))]
    )


def cite(title: Title) -> str:
    """Return an entry for BibTeX, from what the title block says."""
    year = re.search(r"\b(?:19|20)\d\d\b", title.date)
    name = title.author.lower().split()[-1:]  # none, if it is but blanks
    key = "".join(re.findall(r"[a-z]+", "".join(name)))
    fields = {
        "author": title.author,
        "title": f"{{{_bibtex(title.title)}}}",
        "year": year[0] if year else "",
        "note": ", ".join(filter(None, ("Report", title.course, title.date))),
    }
    lines = [
        f"  {name:6} = {{{value if name == 'title' else _bibtex(value)}}}"
        for name, value in fields.items()
        if value
    ]
    return f"@misc{{{key or 'report'}{year[0] if year else ''},\n" + ",\n".join(lines) + "\n}"


def _bibtex(text: str) -> str:
    """Return text in which BibTeX and LaTeX find nothing to carry out."""
    named = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(named.get(c, f"\\{c}" if c in "{}%&$#_" else c) for c in " ".join(text.split()))


def _word(value: object) -> str:
    """Return a parameter's value as PARAMS takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _output(kind: str, label: str, caption: str, **content: Any) -> Node:
    about = {"kind": kind, "label": label, "caption": caption, "part": None, **content}
    return new_output("display_data", data={SHOWN: about})


def _table(label: str, caption: str, columns: list[str], rows: list[list[str]]) -> Node:
    return _output("table", label, caption, columns=columns, rows=rows)


def _number(cells: list[Node]) -> list[str]:
    """Give all that is shown its number, and links their name; return the labels."""
    counts: Counter[str] = Counter()
    names = {}
    for cell in cells:
        for about in shown(cell):
            if noun := NOUNS.get(about["kind"]):
                counts[noun] += 1
                about["noun"], about["number"] = noun, counts[noun]
                if about["label"] in names:
                    raise ValueError(f"labels must differ, but {about['label']} is there twice")
                names[about["label"]] = f"{noun} {counts[noun]}"
    for cell in cells:
        for about in shown(cell):
            if about["kind"] == "link":
                about["name"] = names[about["label"]]
    return list(names)
