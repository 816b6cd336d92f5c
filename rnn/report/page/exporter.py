"""The report as one HTML page, which opens offline and makes no request to any network."""

import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring

from defusedxml.ElementTree import fromstring
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String
from traitlets.config import Config

from rnn.exhibits.characters import text_html, visible
from rnn.exhibits.forms import SHOWN, number_columns
from rnn.exhibits.prose import SCROLLS, to_html, tree_html
from rnn.exhibits.words import letters
from rnn.network import Model
from rnn.report.nodes import PREFERRED, how_set
from rnn.report.outputs.printed import FOLD
from rnn.report.page import mathfont
from rnn.report.page.excerpt import Excerpt
from rnn.report.page.history import history
from rnn.report.page.live import Live, for_script, live
from rnn.report.page.scripts import SCRIPT, source

TEMPLATE = Path(__file__).parent / "template"
POLICY = (
    "default-src 'none'; script-src {source}; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)
EQUATION = f'<span class="scroll" {SCROLLS}="Equation"'  # as rnn/exhibits/prose.py begins one
BLUE = "#0072b2"  # of exhibits/style.py; too dark for a dark page
NAMED = {"black": "var(--ink)", "white": "var(--paper)"}
# Few colours: more would distract.
TOKENS = {
    Keyword: "k",
    Operator.Word: "k",
    String: "s",
    Comment: "c",
    Number: "m",
    Name.Function: "f",
    Name.Class: "f",
    Name.Decorator: "f",
}


class ReportExporter(HTMLExporter):
    """nbconvert's HTML exporter, with a template, Markdown and figures of our own."""

    template_name = "template"
    live: Live | None = None  # the data for the page's script; see live.py
    script: str = SCRIPT
    history: Markup | None = None  # the course of the loss, to be saved; see history.py
    recipe: Markup | None = None  # from which the report can be made again
    extra_template_basedirs = [str(TEMPLATE.parent)]  # noqa: RUF012  # a trait, set here for the class

    @property
    def default_config(self) -> Config:
        """Choose the best form of each output, but never its HTML or scripts."""
        return Config({"NbConvertBase": {"display_data_priority": list(PREFERRED)}})

    def default_filters(self) -> Any:
        """Yield the filters of the template; those that make HTML return it as `Markup`."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "prose", prose
        yield "prose_block", prose_block
        yield "notes", notes
        yield "prose_in_link", prose_in_link
        yield "text_html", lambda text: Markup(text_html(text))  # noqa: S704
        yield "visible", visible
        yield "highlight", highlight
        yield "svg", svg
        yield "style", style
        yield "tree", tree
        yield "number_columns", number_columns
        yield "letters", letters

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True  # nbconvert turns it off
        return environment

    def from_notebook_node(  # type: ignore[override]  # as nbconvert's own do
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert an assembled document; see document.py."""
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        policy = POLICY.format(source=source(self.script))
        resources |= {"policy": policy, "shown": SHOWN, "live": self.live, "fold": FOLD}
        resources |= {"history": self.history, "recipe": self.recipe}
        resources["script"] = Markup(self.script)  # noqa: S704
        # HTMLExporter would also parse and rewrite the page, which only its own template needs.
        html, resources = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        html = html.replace("</head>", f"{mathfont.style(html)}</head>", 1)
        return with_anchors(html), resources


def with_anchors(html: str) -> str:
    """Return a page with an anchor for each equation on a line of its own, in their order."""
    first, *others = html.split(EQUATION)
    return first + "".join(
        f'{EQUATION} id="equation-{number}"{other}' for number, other in enumerate(others, 1)
    )


@pass_context
def prose(context: Context, markdown: str) -> Markup:
    """Return Markdown as HTML that stands within a line."""
    about = context["nb"].metadata.rnn
    return Markup(to_html(markdown, about.anchors, named=about.get("named")))  # noqa: S704


@pass_context
def prose_block(context: Context, markdown: str) -> Markup:
    """Return Markdown as paragraphs in HTML."""
    about = context["nb"].metadata.rnn
    return Markup(to_html(markdown, about.anchors, block=True, named=about.get("named")))  # noqa: S704


@pass_context
def notes(context: Context, cell: NotebookNode) -> Markup:
    """Return a section of the author's notes as HTML."""
    document = context["nb"]
    images = {
        target: f"data:{kind};base64,{content}"
        for target, forms in cell.attachments.items()
        for kind, content in forms.items()
    }
    how = how_set(cell, document, images)
    return Markup(to_html(cell.source, document.metadata.rnn.anchors, **how))  # noqa: S704


def prose_in_link(markdown: str) -> Markup:
    """Return Markdown as HTML without links, since a link can't contain another."""
    return Markup(to_html(markdown, ()))  # noqa: S704


def highlight(code: str, language: str = "python") -> Markup:
    """Return code as HTML with its tokens marked up."""
    html = ""
    for kind, text in get_lexer_by_name(language, stripnl=False, ensurenl=False).get_tokens(code):
        while kind not in TOKENS and kind.parent:
            kind = kind.parent
        shown = text_html(text)
        html += f'<span class="{TOKENS[kind]}">{shown}</span>' if kind in TOKENS else shown
    return Markup(html)  # noqa: S704


def svg(source: str, label: str, alt: str) -> Markup:
    """Return a drawing, which rnn/report/outputs/svg.py has cleaned, as a part of the page.

    Its ids get the label as a prefix, so that they are unique in the page. Its greys and its blue
    become the page's colours, light or dark.
    """
    root = fromstring(source)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # in HTML the names have no space of their own
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, f"{label}-{value}")
            elif name == "href" and value.startswith("#"):
                element.set(name, f"#{label}-{value[1:]}")
            elif name not in ("href", "d", "points"):
                element.set(name, _of_the_page(value, label))
    root.attrib |= {"role": "img", "aria-label": visible(alt)}
    return Markup(tostring(root, encoding="unicode"))  # noqa: S704


def _of_the_page(value: str, label: str) -> str:
    """Return an attribute of a drawing with the names and the colours of the page."""
    value = re.sub(r"""url\((["']?)#""", rf"url(\1#{label}-", value)
    value = re.sub(r"#([0-9a-f]{1,2})\1\1\b", _grey, value, flags=re.IGNORECASE)
    named = re.sub(r"(?<![\w-])(black|white)(?![\w-])", lambda c: NAMED[c[0]], value)
    return named.replace(BLUE, "var(--blue)")


def _grey(colour: re.Match[str]) -> str:
    """Return the page's colour that replaces a grey."""
    level = int((colour[1] * 2)[:2], 16)
    steps = {80: "ink", 160: "muted", 244: "rule", 256: "paper"}
    return f"var(--{next(name for below, name in steps.items() if level < below)})"


def style(run: str) -> str:
    """Return the classes of printed text; see rnn/report/outputs/printed.py."""
    return " ".join(f"said-{name}" for name in run.split())


def tree(blocks: dict[str, Any]) -> Markup:
    """Return what a cell put out as HTML, made safe and set as our own."""
    html = tree_html(blocks)
    return Markup(re.sub(r"<th([^>]*)></th>", r"<td\1></td>", html))  # noqa: S704


def page(
    document: NotebookNode,
    model: Model | None = None,
    course: str = "",
    excerpt: Excerpt | None = None,
    *,
    recipe: Any = None,
    script: str = SCRIPT,
) -> str:
    """Return an assembled document as a page.

    With a model its reader can sample from that and train it, with an excerpt of the book on that,
    and with `history.csv` save that. A recipe is carried along as data. The script is one of those
    in `rnn.report.page.scripts`.
    """
    exporter = ReportExporter()  # type: ignore[no-untyped-call]
    exporter.script = script
    exporter.history = history(course) if course else None
    exporter.live = live(document, model, excerpt) if model else None
    exporter.recipe = for_script(recipe) if recipe else None
    return str(exporter.from_notebook_node(document)[0])
