"""Split Markdown at its headings."""

import re
from collections.abc import Iterator

HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*")
FENCE = re.compile(r" {0,3}(```+|~~~+)")


def cut(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield each heading with its level (1 to 6), and the prose between headings with level 0."""
    between: list[str] = []
    fence = ""
    for line in [*markdown.splitlines(), None]:
        heading = None if fence or line is None else HEADING.fullmatch(line)
        if (line is None or heading) and (text := "\n".join(between).strip()):
            yield 0, text
        if heading:
            yield len(heading[1]), heading[2]
        if line is None or heading:
            between = []
            continue
        if mark := FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif line.strip().startswith(fence):
                fence = ""
        between.append(line)
