"""The BibTeX entry by which a report is cited."""

import re
import unicodedata

from rnn.report.nodes import Title

NAMED = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}", "}": r"\textbraceright{}",  # BibTeX counts braces, escaped or not
}  # fmt: skip
LATIN = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th"})


def cite(title: Title, what: str = "report") -> str:
    """Return a BibTeX entry made from the title block of a report or a study."""
    year = re.search(r"\b(?:19|20)\d\d\b", title.date)
    fields = {
        "author": " and ".join(map(_name, title.authors)),
        "title": f"{{{_escaped(title.title)}}}",
        "year": year[0] if year else "",
        "note": _escaped(", ".join(filter(None, (what.capitalize(), title.course, title.date)))),
    }
    lines = [f"  {name:6} = {{{value}}}" for name, value in fields.items() if value]
    key = "".join(map(_family, title.authors[:1])) or what
    return f"@misc{{{key}{year[0] if year else ''},\n" + ",\n".join(lines) + "\n}"


def _name(name: str) -> str:
    """Return an author's name, in braces if BibTeX would take it for several names, or for none."""
    listed = name.lower() == "others" or re.search(r"(?:^|\s)and(?:\s|$)", name, re.IGNORECASE)
    split = any(not part.strip() for part in name.split(",")) or name.count(",") > 2
    return f"{{{_escaped(name)}}}" if listed or split else _escaped(name)


def _family(name: str) -> str:
    """Return the letters of a family name, as a key may have them."""
    before, comma, _ = name.partition(",")
    family = before if comma else name.split()[-1]
    bare = unicodedata.normalize("NFKD", family).casefold().translate(LATIN)
    return "".join(re.findall(r"[a-z]+", bare))


def _escaped(text: str) -> str:
    """Return text escaped for BibTeX and LaTeX, which read the letters of all scripts."""
    return "".join(NAMED.get(c, f"\\{c}" if c in "%&$#_" else c) for c in " ".join(text.split()))
