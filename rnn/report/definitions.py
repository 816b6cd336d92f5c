"""Footnotes and the targets of links: wherever they stand in a file, they belong to all of it."""

import re

FOOTNOTE = re.compile(r" {0,3}\[\^([^\]\s^]+)\]:")
TARGET = re.compile(r" {0,3}\[((?!\^)(?:[^\[\]\\]|\\.)+)\]:[ \t]*\S+")
DEFINED = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]")
FENCE = re.compile(r" {0,3}(```+|~~~+)")


def gather(markdown: str) -> tuple[str, dict[str, str]]:
    """Return Markdown without its definitions, and these by what they define.

    A footnote goes by its name with `^` before it, a link by its name in lower case. Of two of the
    same name the first counts.
    """
    rest: list[str] = []
    found: dict[str, str] = {}
    lines = markdown.split("\n")
    fence, at = "", 0
    while at < len(lines):
        line = lines[at]
        if mark := FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif line.strip().startswith(fence):
                fence = ""
        first = not rest or not rest[-1].strip() or at == 0
        note = None if fence else FOOTNOTE.match(line)
        link = None if fence or note or not first else TARGET.match(line)
        if not (note or link):
            rest.append(line)
            at += 1
            continue
        end = at + 1
        if note:
            end = _end(lines, end)
        name = f"^{note[1]}" if note else _name(link[1]) if link else ""
        found.setdefault(name, "\n".join(lines[at:end]).rstrip())
        at = end
        rest.append("")
    return "\n".join(rest), found


def _end(lines: list[str], at: int) -> int:
    """Return where a footnote ends that goes on at a line."""
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            after = next((n for n in range(at, len(lines)) if lines[n].strip()), len(lines))
            if after == len(lines) or not lines[after].startswith(("    ", "\t")):
                return at
            at = after
            continue
        if FOOTNOTE.match(line) or TARGET.match(line) or re.match(r"#{1,6}[ \t]", line):
            return at
        at += 1
    return at


def _name(link: str) -> str:
    return " ".join(link.split()).casefold()


def cited(text: str, found: dict[str, str]) -> list[str]:
    """Return the names of the definitions that a text uses, directly, in order."""
    names = [one if one.startswith("^") else _name(one) for one in DEFINED.findall(text)]
    return [name for name in dict.fromkeys(names) if name in found]


def used(text: str, found: dict[str, str]) -> list[str]:
    """Return the definitions that a text uses, and those that these use in turn.

    Raises
    ------
    ValueError
        Names a footnote that cites itself, by way of others or not.
    """
    done: dict[str, bool] = {}  # whether all that it cites is known

    def visit(name: str) -> None:
        if done.get(name) is False and name.startswith("^"):
            raise ValueError(f"the footnote [{name}] cites itself")
        if name in done:
            return
        done[name] = False
        body = found[name].partition(":")[2]
        for other in cited(body, found) if name.startswith("^") else ():
            visit(other)
        done[name] = True

    for name in cited(text, found):
        visit(name)
    return [found[name] for name in found if name in done]
