"""What the author types into a report is shown as text, or is refused before any work.

If they were run, `#panic()` would stop Typst, and `read` would insert a line with "root:".
"""

import time
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import html5lib
import pytest
from pypdf import PdfReader

from rnn.errors import InputError
from rnn.report.document import assemble
from rnn.report.errors import StageError
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from rnn.report.paper.exporter import TypstExporter, pdf
from rnn.report.render import check_notes
from tests.executed import RUN, model, notebooks

NOTES = {
    "html": "a <script>alert(1)</script> <img src=x onerror=alert(1)> &lt;b&gt;\n\n"
    "<div onclick=x>\n\n</main></section><iframe src=//e>\n\n</div>\n\n<!-- --><?php x ?>\n\n"
    "<style>*{}</style>\n\n<![CDATA[x]]>",
    "raw blocks": "```{=html}\n<script>alert(1)</script>\n```\n\n```{=typst}\n#panic()\n```\n\n"
    "`<script>alert(1)</script>`{=html} `#panic()`{=typst}",
    "attributes": '[x]{onclick="alert(1)" style="background:url(http://e/x)"} # h {onclick=x}\n\n'
    "::: {onclick=alert(1)}\nx\n:::\n\n# h {onclick=alert(1)}\n\n"
    '```python {onclick="alert(1)"}\nx\n```\n\n~~~{.python #x onload="y"}\nz\n~~~',
    "fences": '```"><script>alert(1)</script>\nx\n```\n\n```typst\n#panic()\n```\n\n'
    '``` ") #panic() (\nx\n```\n\n~~~\n```\n#panic()\n```\n~~~\n\n`` ` #panic() ` ``',
    "links": "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) "
    '[d](file:///etc/passwd) [e](vbscript:x) [f](//e.org) [g](https://e.org/"onclick="x) '
    '[h](<https://e.org/ ") #panic() (">) <javascript:alert(1)> [i](&#106;avascript:alert(1)) '
    '[j](https://e.org "\\" onclick=alert(1)") [k](#part-1) [l](#nowhere) [m]\n\n'
    "[m]: javascript:alert(1)",
    "images": "![a](/etc/passwd) ![b](http://e.org/x.png) ![c](data:image/svg+xml,<svg>) "
    '![d](https://e.org "t") ![e][f]\n\n[f]: file:///etc/passwd',
    "includes": "!include /etc/passwd\n\n```{.include}\n/etc/passwd\n```\n\n\\input{/etc/passwd}\n"
    '\n<<[/etc/passwd]\n\n.. include:: /etc/passwd\n\n#include "/etc/passwd"\n\n'
    '{{< include /etc/passwd >}} {% include "/etc/passwd" %} {{ 7*7 }} @/etc/passwd',
    "metadata": '---\ntitle: x\nheader-includes: "<script>alert(1)</script>"\n'
    "bibliography: /etc/passwd\n---\n\ntext\n\n---\n",
    "typst": '#panic() #read("/etc/passwd") @ref <label> = h\n\n== h2\n\n/ term: x\n\n+ a\n\n'
    '#import "@preview/x:0.1.0"\n\n*a* _b_ ~ \\u{41} -- /* c */ // d ]#panic() \\ \n= e\n/ f: g',
    "equations": r'$\text{"); #panic() (}$ $\text{#panic()}$ $\mbox{a" #panic()}$ '
    r"$\#panic()$ $\operatorname{panic}()$ $];\#panic()$ $a \$ b$ "
    r"$\newcommand{\z}{<script>}\z$ $a // b$ $/* x$"
    "\n\n$$\\begin{aligned} a &= b \\\\ \\text{#panic()} \\end{aligned}$$",
    "equations of letters": "$漢 \u202e 😀$ $\\text{漢字 ж é}$ $θ$ $א$ $a \u2028 b$",
    "tables": "| a | b |\n|---|---|\n| #panic() | <script>alert(1)</script> |\n"
    "| `a\\|b` | $\\text{#panic()}$ |\n",
    "footnotes": 'a[^1] b[^x"><script>] c[^2]\n\n[^1]: one `#panic()`\n\n'
    "[^2]: [^1] $\\text{#panic()}$\n",
    "lists": "- a\n  - b\n    1. #panic()\n\n10) x\n\n- [ ] t\n\n> q\n> > #panic()\n\n---\n\n***\n"
    "\n-\n-\n\n1.\n\n>\n",
    "headings": "Setext\n===\n\n#panic()\n---\n\n###### six\n\n####### seven",
    "letters": "שלום \u202e abc 👩‍👩‍👧 漢字 \u0301\ufeff \ufffe \U0010ffff &#0; &#x202e; "
    + "x" * 5000,
    "brackets": "[" * 2000 + "x" + "]" * 2000,
}
UNSET = [
    r"#panic()", r"];#panic()", r'read("/etc/passwd")', r'"x"', r"\unknown{x}",
    r"\end{x}", r"\href{javascript:alert(1)}{x}",
    r"\input{/etc/passwd}", r"\def\x{#panic()}\x", r"\tag{#panic()} a",
    r"\begin{aligned} a &= b \\ #panic() \end{aligned}",
]  # fmt: skip
TITLES = [
    '<script>alert(1)</script></title><img src=x onerror="alert(1)">',
    '#read("/etc/passwd") #panic() ") #panic() ("',
    "{{ 7*7 }} {% include '/etc/passwd' %} {# x #} %s {0} $(touch x) `touch x`",
    "$x$ *a* _b_ @c <d> ~ \\u{41} = h // i /* j ]#panic()",
    "}, title = {x}, \\input{/etc/passwd} % & # _ ^ ~ \\",
    "'\"\\ \n\r\t \u2028 \x00 \x1b[31m \x7f \u202e \u200b \ufffe \U0010ffff",
    "שלום 漢字 👩‍👩‍👧 e\u0301\u0323 𝔘",
    " ",
    "\u2028",
    "x" * 3000,
]


@cache
def usual() -> dict[str, int]:
    document = assemble(notebooks(), RUN, Title("t", "a"))
    return elements(html5lib.parse(page(document, model())))


def elements(tree: Any) -> dict[str, int]:
    """Return the number of each kind of element that could do something."""
    names = [str(element.tag).rpartition("}")[2] for element in tree.iter()]
    kinds = ("script", "img", "iframe", "object", "embed", "style", "link", "meta", "base", "form")
    return {kind: names.count(kind) for kind in kinds}


def harmless(html: str, authors: int = 1) -> Any:
    """Return a page as a browser parses it, after checking that nothing in it can act."""
    tree, like = html5lib.parse(html), usual()
    assert elements(tree) == like | {"meta": like["meta"] - 1 + authors}  # each author is one
    for element in tree.iter():
        assert not [name for name in map(str, element.attrib) if name.startswith("on")]
        assert element.get("href", "#").startswith(("#", "https://", "http://", "mailto:"))
        assert element.get("src", "data:").startswith("data:")
    return tree


def read_back(made: bytes) -> str:
    return "".join("".join(p.extract_text().split()) for p in PdfReader(BytesIO(made)).pages)


@pytest.mark.parametrize("first", range(0, len(NOTES), 4))
def test_notes_are_prose_and_nothing_more(first: int) -> None:
    """Four kinds at a time, as there are four parts."""
    kinds = [*NOTES, *NOTES][first : first + 4]
    notes = {part: NOTES[kind] for part, kind in enumerate(kinds, 1)}
    check_notes(notes)
    document = assemble(notebooks(), RUN, Title("t", "a"), notes)
    tree = harmless(page(document, model()))
    sections = [e for e in tree.iter() if "notes" in e.get("class", "").split()]
    assert len(sections) == 4, "none was ended from within"
    assert not [e for section in sections for e in section.iter() if e.get("style")]
    shown = read_back(pdf(document))
    assert "root:" not in shown
    assert "Howtomakethisreportagain" in shown, "what comes after is there"
    literal = {"raw blocks", "fences", "typst", "tables", "headings", "lists"}
    assert shown.count("#panic()") >= len(literal.intersection(kinds))


@pytest.mark.parametrize("notes", [">" * 300 + " x", "*" * 3000 + "x" + "*" * 3000])
def test_notes_that_can_not_be_set_are_refused_before_any_work(notes: str) -> None:
    with pytest.raises(InputError, match=r"^NOTES: part 2 can't be typeset: [^\n]* depth[^\n]*$"):
        check_notes({1: "fine", 2: notes})


@pytest.mark.parametrize("tex", UNSET)
def test_a_formula_that_is_no_formula_is_refused_by_name(tex: str) -> None:
    with pytest.raises(InputError, match=r"^NOTES: part 1 can't be typeset: [^\n]*$") as refused:
        check_notes({1: f"It is ${tex}$."})
    assert f"the formula ${tex}$" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20000, "![" * 20000, "*a **b " * 8000, "> " * 4000 + "x", "`" * 1000 + " a " * 1000,
        "[a](" * 8000, "<a " * 9000, "x[^0]\n\n" + "\n".join(
            f"[^{n}]: " + f"[^{n + 1}]" * 8 for n in range(30)
        ), "$" + "{" * 3000 + "}" * 3000 + "$", "| a " * 3000 + "\n" + "|-" * 3000,
        "$" + "x_{" * 20 + "x" + "}" * 20 + "$", "$" * 20000, "$ " * 20000, "$x$ " * 3000,
        "[x0]\n\n" + "\n".join(f"[x{n}]: http://e.org/{n}" for n in range(10000)),
        "\n\n".join(f"x[^{n}]\n\n[^{n}]: {n}" for n in range(2000)),
    ],
    ids=range(16),
)  # fmt: skip
def test_whatever_is_in_notes_they_are_set_or_refused_within_seconds(text: str) -> None:
    start = time.monotonic()
    with suppress(InputError):
        check_notes({1: text})
    assert time.monotonic() - start < 60


@pytest.mark.parametrize("title", TITLES)
def test_a_title_block_is_text(title: str) -> None:
    block = Title(title, title, title, title)
    document = assemble(notebooks(), RUN, block)
    tree = harmless(page(document, model()), len(block.authors))
    heads = [e for e in tree.iter() if str(e.tag).endswith("}h1")]
    assert len(heads) == 1
    made = PdfReader(BytesIO(pdf(document)))
    assert "root:" not in made.pages[0].extract_text()
    assert len(made.pages) >= 4


def test_typst_reads_nothing_outside_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Even if some code should be run after all."""
    secret = tmp_path / "secret.txt"
    secret.write_text("root:")
    convert = TypstExporter.from_notebook_node
    reading = ""

    def carried_out(self: TypstExporter, *arguments: Any) -> Any:
        source, resources = convert(self, *arguments)
        return f"{source}\n{reading}", resources

    monkeypatch.setattr(TypstExporter, "from_notebook_node", carried_out)
    document = assemble(notebooks(), RUN, Title("t"))
    reading = '#assert(read("report.typ").len() > 0)'
    assert pdf(document), "what is in it can be read"
    up = "../" * 20
    for path in (secret, f"{up}{secret}", "/etc/passwd", f"{up}etc/passwd", "@preview/a:0.1.0"):
        reading = f'#import "{path}"' if str(path)[0] == "@" else f'#read("{path}")'
        with pytest.raises(StageError, match=r"^Typst failed: [^\n]*$"):
            pdf(document)
