"""Split Markdown at its headings."""

import re
from collections.abc import Iterator

HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*")
# A fence may open within a list or a quotation, which a heading at the margin then ends.
FENCE = re.compile(r"((?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*)(```+(?!.*`)|~~~+)")
BLANK = re.compile(r"\A(?:[ \t]*\n)+|\s+\Z")


def cut(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield each heading with its level (1 to 6), and the prose between headings with level 0."""
    between: list[str] = []
    fence = ""
    within = False  # a list or a quotation
    for line in [*markdown.splitlines(), None]:
        heading = None if (fence and not within) or line is None else HEADING.fullmatch(line)
        if (line is None or heading) and (text := BLANK.sub("", "\n".join(between))):
            yield 0, text
        if heading:
            yield len(heading[1]), heading[2]
        if line is None or heading:
            between, fence = [], ""
            continue
        if mark := FENCE.match(line):
            if not fence and not mark[1].startswith(("    ", "\t")):
                fence, within = mark[2], bool(mark[1].strip())
            elif fence and re.fullmatch(rf"[ \t>]*{fence}{fence[0]}*[ \t]*", line):
                fence = ""
        between.append(line)
