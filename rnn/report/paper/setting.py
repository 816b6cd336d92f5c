"""Typst, run by itself with a folder, in a process that can be ended.

It sets `main.typ` of the folder as `made.pdf`, reading nothing outside of it.

Typst can't shrink a picture so that it fits, nor let one float only where a page would end early.
So the document is laid out a few times, and each time its exhibits and chapters are arranged by
how much room is left on their page:

- An exhibit stands where it is told. A picture that just doesn't fit is set smaller. Any other that
  doesn't fit goes to the next page, if it leaves at most a third of this one empty; else it floats,
  and the text that follows comes before it, up to the next heading. So do the pictures after one
  that floats, or they would stand before it.
- A chapter begins on a new page, unless the one before has little on its last page.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import typst

EMPTY = 1 / 3  # of a page, at most, before an exhibit
LITTLE = 0.4  # of a page
LEGIBLE = 0.85  # of a picture's width
PASSES = 6  # what is arranged moves only what comes after it
Arranged = dict[str, str | float]


def arrange(marks: Iterable[Mapping[str, Any]]) -> Arranged:
    """Return how exhibits and chapters are set that don't just stand where they are told.

    Parameters
    ----------
    marks
        For each, its `name`, its `page` and how much `room` is left on that before it; for an
        exhibit, the height of the `whole` and of the `picture` in it. All heights are shares of a
        page's text.
    """
    arranged: Arranged = {}
    floated = 0
    for mark in marks:
        name, room = mark["name"], mark["room"]
        if "whole" not in mark:
            if 1 - LITTLE < room < 1:
                arranged[name] = "follows"
        elif mark["picture"] and mark["page"] == floated:
            arranged[name] = "floats"
        elif room < mark["whole"] < 1:
            smaller = 1 - (mark["whole"] - room) / (mark["picture"] or 1e-9)
            if smaller >= LEGIBLE:
                arranged[name] = int(smaller * 1000) / 1000
            elif room > EMPTY:
                arranged[name] = "floats"
                floated = mark["page"] if mark["picture"] else floated
    return arranged


def main(folder: Path) -> str | None:
    """Set what is in a folder; return what went wrong."""
    fonts = (folder / "fonts.json").read_text(encoding="utf-8")

    def compiler(arranged: Arranged) -> typst.Compiler:
        return typst.Compiler(
            str(folder / "main.typ"),
            root=str(folder),
            font_paths=[str(folder / "fonts")],
            ignore_system_fonts=True,
            sys_inputs={"fonts": fonts, "arranged": json.dumps(arranged)},
        )

    before: Arranged = {}
    try:
        with suppress(RuntimeError):  # of what `compile` says better
            for _ in range(PASSES):
                arranged = arrange(json.loads(compiler(before).query("<mark>", field="value")))
                if arranged == before:
                    break
                before = arranged
        made = str(folder / "made.pdf")
        compiler(before).compile(output=made, pdf_standards=["ua-1"], timestamp=0)
    except typst.TypstError as error:
        return " ".join(str(error).split())
    return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
