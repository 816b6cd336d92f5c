"""Typst, run by itself with a folder, in a process that can be ended.

It sets `main.typ` of the folder as `made.pdf`, reading nothing outside of it.
"""

import sys
from pathlib import Path

import typst


def main(folder: Path) -> str | None:
    """Set what is in a folder; return what went wrong."""
    try:
        typst.compile(
            str(folder / "main.typ"),
            output=str(folder / "made.pdf"),
            root=str(folder),
            font_paths=[str(folder / "fonts")],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=0,
            sys_inputs={"fonts": (folder / "fonts.json").read_text(encoding="utf-8")},
        )
    except typst.TypstError as error:
        return " ".join(str(error).split())
    return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
