"""What a report shows of a student's functions: their source, and what is wrong with them."""

import ast
from collections.abc import Collection

from rnn.exercise.folder.check import FUNCTIONS, RIGHT
from rnn.exercise.own.student import Own
from rnn.exhibits.kinds import Listing, Sentence, Table
from rnn.exhibits.prose import as_code

CAPTIONS = {
    "softmax": ("predict", "The softmax"),
    "forward": ("forward", "The forward pass"),
    "loss": ("loss", "The loss"),
    "backward": ("backward", "The backward pass"),
    "clip": ("update", "Clipping, and the update rule"),
    "synthesise": ("draw", "Writing, at temperature 1"),
}
KNOWN = {*FUNCTIONS, "Parameters"}  # not listed where others use them


def listing(own: Own | None, *names: str) -> Listing | None:
    """List functions of a student's, with what they use of the same file; None without a student.

    Parameters
    ----------
    own
        The student's functions.
    names
        Those to list; the first decides on the caption and the label.
    """
    if own is None:
        return None
    label, what = CAPTIONS[names[0]]
    which = " and ".join(f"`{name}`" for name in names)
    return Listing(
        source(own.text, names),
        caption=f"{what}: {which} in {as_code(own.name)}.",
        label=f"code-{label}",
    )


def source(text: str, names: Collection[str]) -> str:
    """Return the source of some functions, and of what they use that is none of the seven."""
    defined: dict[str, ast.stmt] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = (part for target in targets for part in ast.walk(target))
            defined |= {part.id: node for part in parts if isinstance(part, ast.Name)}
    wanted, found = [*names], set[ast.stmt]()
    while wanted:
        one = defined.get(wanted.pop())
        if one is not None and one not in found:
            found.add(one)
            used = {part.id for part in ast.walk(one) if isinstance(part, ast.Name)}
            wanted += sorted(used - KNOWN)
    lines = text.splitlines()
    return "\n\n\n".join(
        "\n".join(lines[_first(node) - 1 : node.end_lineno])
        for node in sorted(found, key=lambda node: node.lineno)
    )


def _first(node: ast.stmt) -> int:
    """Return the first line of a definition, its decorators included."""
    starts: list[int] = [one.lineno for one in getattr(node, "decorator_list", [])]
    return min([node.lineno, *starts])


def verdicts(own: Own) -> Table:
    """Tabulate what the exercise's check says of each function."""
    found = own.verdicts()
    right = sum(one.status == RIGHT for one in found)
    other = (
        " `forward` is not that of the equations, with which the controls of a report's page, and"
        " those of JupyterLab, continue the text."
        if any(one.function == "forward" and one.status != RIGHT for one in found)
        else ""
    )
    return Table(
        ["function", "verdict", "what was seen"],
        [[one.function, one.status, _of_it(one.seen)] for one in found],
        caption=f"What the check of the exercise says of the functions in {as_code(own.name)}, on "
        f"small networks with large weights: {right} of {len(found)} are right.{other}",
        label="tab-functions",
        code=[0],
    )


def _of_it(seen: str) -> str:
    """Return what the check says to a student as it is said to others."""
    return seen.strip().replace("of your forward", "of its forward")


def unlike(own: Own | None, what: str, *names: str) -> Sentence | None:
    """Say that something is left out, since some of a student's functions are not right.

    Parameters
    ----------
    own
        The student's functions; without them, or if those are right, the result is None.
    what
        What is left out, as the subject of a sentence in the singular.
    names
        The functions that it takes for right.
    """
    wrong = [one for one in own.verdicts() if one.function in names] if own else []
    wrong = [one for one in wrong if one.status != RIGHT]
    if own is None or not wrong:
        return None
    listed = " and ".join(f"`{one.function}`" for one in wrong)
    return Sentence(
        f"{what} is left out here: it would follow the equations, and {listed} in"
        f" {as_code(own.name)} {'does' if len(wrong) == 1 else 'do'} not."
    )
