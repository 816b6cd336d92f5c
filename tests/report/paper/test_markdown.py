"""Markdown as Typst: prose and nothing more."""

import re

from rnn.exhibits.prose import plain
from rnn.report.paper.markdown import to_typst
from tests.exhibits.test_prose import HOSTILE


def test_a_plain_value_is_shown_as_it_is() -> None:
    # What is left after undoing the escapes must be the value itself.
    assert unquoted(to_typst(plain(HOSTILE))) == HOSTILE


def unquoted(typst: str) -> str:
    """Return what the string literals in Typst say; nothing outside of them may be markup."""
    literal = re.compile(r'#chars\("((?:[^"\\]|\\u\{[0-9a-f]+\})*)"\);')
    assert not re.search(r"[#$*_`<>@\[\]\\{}/=]", literal.sub("", typst))
    said = literal.sub(r"\1", typst)
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), said)


def test_markdown_is_prose_and_nothing_more() -> None:
    markdown = (
        "A <script>a</script> ![i](http://e/x.png) [j](javascript:a) [k](#no) [l](#yes) `a`{=html}"
        "\n\n<img src=x onerror=a>\n\n# Head\n\n```{=html}\n<b>\n```\n"
        "\n\n```{=typst}\n#x\n```\n`#y`{=typst} #z"
    )
    typst = to_typst(markdown, {"yes"})
    assert '#chars("#z");' in typst
    assert '#chars("<script>");' in typst
    assert "#x" not in typst.replace('#raw(block: true, "#x")', "")
    assert "image" not in typst
    assert "javascript" not in typst
    assert typst.count("#link(") == 1


def test_code_names_what_the_fonts_lack() -> None:
    assert "`U+6F22 U+200B é`" in to_typst("A `漢 \u200b é`")
