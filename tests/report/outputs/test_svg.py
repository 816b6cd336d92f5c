import re
from base64 import b64encode
from io import BytesIO, StringIO

import html5lib
import pytest
from matplotlib.figure import Figure
from PIL import Image

from rnn.exhibits.pandoc import UnsetError
from rnn.report.outputs.svg import clean, size

OUTSIDE = "https://example.org/x"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def png() -> str:
    file = BytesIO()
    Image.new("RGB", (2, 2), "red").save(file, "png", pnginfo=None)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def wrapped(inner: str, attributes: str = "") -> str:
    return f'{HEAD} {attributes}>{inner}<path d="M0 0"/></svg>'


@pytest.mark.parametrize(
    "inner",
    [
        f'<foreignObject><meta http-equiv="refresh" content="0;url={OUTSIDE}"/></foreignObject>',
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>forbidden</p></foreignObject>",
        "<script>forbidden()</script>",
        f'<script href="{OUTSIDE}"/>',
        f"<style>@import url({OUTSIDE});</style>",
        f"<style>* {{ fill: url({OUTSIDE}) }}</style>",
        f'<image href="{OUTSIDE}"/>',
        f'<image xlink:href="{OUTSIDE}"/>',
        '<image href="file:///forbidden"/>',
        f'<image href="data:image/svg+xml,%3Csvg/%3E{OUTSIDE}"/>',
        '<image href="data:image/png;base64,AAAA"/>',
        f'<use href="{OUTSIDE}#a"/>',
        f'<use xlink:href="{OUTSIDE}#a"/>',
        f'<linearGradient href="{OUTSIDE}#a"/>',
        f'<textPath href="{OUTSIDE}#a"/>',
        f'<a href="{OUTSIDE}"><path d="M1 1"/></a>',
        '<a xlink:href="javascript:forbidden()"><text>kept</text></a>',
        f'<path fill="url({OUTSIDE})"/>',
        f'<path fill="url( &quot;{OUTSIDE}&quot; )"/>',
        f'<path fill="u\\72l({OUTSIDE})"/>',
        f'<path style="fill: url({OUTSIDE})"/>',
        f'<path style="fill: u\\72 l({OUTSIDE}); stroke: red"/>',
        f'<path style="background: image-set(&quot;{OUTSIDE}&quot; 1x)"/>',
        f'<path style="mask: image-set(&quot;{OUTSIDE}&quot; 1x)"/>',
        f'<path style="--x: url({OUTSIDE}); fill: var(--x)"/>',
        f'<path filter="url({OUTSIDE}#f)" clip-path="url({OUTSIDE}#c)"/>',
        f'<path cursor="url({OUTSIDE})"/>',
        '<path onclick="forbidden()" onload="forbidden()"/>',
        '<path onmouseover="forbidden()" style="behavior: url(#forbidden)"/>',
        '<animate attributeName="href" to="javascript:forbidden()"/>',
        '<set attributeName="onload" to="forbidden()"/>',
        f'<iframe src="{OUTSIDE}"/>',
        f'<video><source src="{OUTSIDE}"/></video>',
        f'<metadata><x xmlns="urn:x">{OUTSIDE}</x></metadata>',
        f"<!-- {OUTSIDE} -->",
        f"<?xml-stylesheet href='{OUTSIDE}'?>",
        f'<x:script xmlns:x="http://www.w3.org/2000/svg">{OUTSIDE}</x:script>',
        f'<x:meta xmlns:x="http://www.w3.org/1999/xhtml" content="{OUTSIDE}"/>',
        f'<feImage href="{OUTSIDE}"/>',
        f'<path class="{OUTSIDE}" xml:base="{OUTSIDE}"/>',
    ],
)
def test_what_does_more_than_draw_falls(inner: str) -> None:
    made = clean(wrapped(inner))
    assert "example.org" not in made
    assert "forbidden" not in made
    assert 'd="M0 0"' in made, "the rest stays"
    tree = html5lib.parse(made, namespaceHTMLElements=False)
    inside = list(tree.find("body")[0].iter())
    assert all(re.fullmatch(r"\{http://www\.w3\.org/2000/svg\}\w+", str(e.tag)) for e in inside)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "<p/>",
        "no markup",
        "<svg",
        '<html xmlns="http://www.w3.org/1999/xhtml"><svg/></html>',
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>',
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        f'{HEAD}><g id="a">{"<g/>" * 1000}</g></svg>'.replace(
            "</svg>", "<use href='#a'/>" * 1000 + "</svg>"
        ),
    ],
)
def test_what_is_no_picture_is_refused(source: str) -> None:
    with pytest.raises(UnsetError):
        clean(source)


def test_copies_of_copies_do_not_multiply() -> None:
    doubled = "".join(
        f'<g id="a{i}"><use href="#a{i + 1}"/><use href="#a{i + 1}"/></g>' for i in range(30)
    )
    assert clean(wrapped(f'{doubled}<use href="#a0"/><use id="b" href="#b"/>')).count("href") < 3


def test_what_draws_stays() -> None:
    inner = (
        '<defs><linearGradient id="g"><stop offset="0" stop-color="#123456"/></linearGradient>'
        '<clipPath id="c"><rect width="1" height="2"/></clipPath><path id="p" d="M0 0L1 1"/></defs>'
        '<g clip-path="url(#c)" transform="translate(3 4) scale(2)">'
        '<rect fill="url(#g)" style="stroke: rgb(1, 2, 3); stroke-width: 2"/>'
        '<use xlink:href="#p" x="3"/><use href="#p"/></g>'
        "<text font-family=\"'DejaVu Sans'\" x='1'>a <tspan dy='3'>b</tspan> c</text>"
    )
    made = clean(wrapped(inner, 'width="10" height="20" viewBox="0 0 10 20"'))
    for mark in (
        'fill="url(#g)"',
        'clip-path="url(#c)"',
        'transform="translate(3 4) scale(2)"',
        'style="stroke: rgb(1, 2, 3); stroke-width: 2"',
        'offset="0"',
        'font-family="&quot;DejaVu Sans&quot;"',
        '>a <tspan dy="3">b</tspan> c</text>',
        'viewBox="0 0 10 20"',
    ):
        assert mark in made
    assert made.count('href="#p"') == 2
    assert clean(made) == made
    assert 'href="data:image/png;base64,' in clean(wrapped(f'<image href="{png()}"/>'))


def test_a_figure_of_matplotlib_keeps_all_that_it_draws() -> None:
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots(1, 2)
    axes[0].plot([1, 2, 3], "o-", label="$x^2$")
    axes[0].legend()
    axes[1].imshow([[1, 2], [3, 4]])
    file = StringIO()
    figure.savefig(file, format="svg")
    before, made = file.getvalue(), clean(file.getvalue())
    for tag in ("path", "use", "image", "clipPath", "g"):
        assert made.count(f"<{tag} ") + made.count(f"<{tag}>") == len(
            re.findall(f"<{tag}[ >]", before)
        )
    assert made.count("clip-path=") == before.count("clip-path=") > 0
    assert size(made) == (384, 288)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('width="72pt" height="1in"', (96, 96)),
        ('width="10" height="20px" viewBox="0 0 1 1"', (10, 20)),
        ('viewBox="0 0 30, 40.5"', (30, 40.5)),
        ('width="100%" viewBox="0 0 30 40"', (30, 40)),
        ("", (300, 150)),
        ('viewBox="a b c d"', (300, 150)),
    ],
)
def test_its_size(attributes: str, expected: tuple[float, float]) -> None:
    assert size(clean(wrapped("", attributes))) == expected


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ('viewBox="0 0 100 50"', (100, 50)),
        ('viewBox="0 0 100 50" width="100%"', (100, 50)),
        ('width="20"', (300, 150)),
        ('width="2in" height="1in"', (192, 96)),
    ],
)
def test_a_picture_has_a_size_that_does_not_depend_on_the_page(
    sides: str, expected: tuple[float, float]
) -> None:
    made = clean(f'{HEAD} {sides}><path d="M0 0"/></svg>')
    assert size(made) == expected
    for side in ("width", "height"):
        assert re.search(rf'<svg [^>]*{side}="[0-9.]+(in)?"', made)
