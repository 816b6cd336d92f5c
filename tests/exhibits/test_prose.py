"""Markdown as HTML: prose and nothing more."""

from html import unescape

from rnn.exhibits.prose import plain, to_html

HOSTILE = '#read("/etc/passwd") <script>x</script> $x$ {{ 7 }} *a* [l](http://e) `c` --- &amp; \\('


def test_a_plain_value_is_shown_as_it_is() -> None:
    # What is left after undoing the escapes must be the value itself.
    written = to_html(plain(HOSTILE))
    assert not set("<>") & set(written)
    assert unescape(written) == HOSTILE


def test_markdown_is_prose_and_nothing_more() -> None:
    markdown = (
        "A <script>a</script> ![i](http://e/x.png) [j](javascript:a) [k](#no) [l](#yes) `a`{=html}"
        "\n\n<img src=x onerror=a>\n\n# Head\n\n```{=html}\n<b>\n```\n"
    )
    html = to_html(markdown, {"yes"})
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert "<h1" not in html
    assert "javascript:" not in html
    assert html.count("<a ") == 1
    assert '<a href="#yes">l</a>' in html


def test_code_keeps_every_character() -> None:
    """Even those that the PDF's fonts lack; a character without ink has its sign beside it."""
    sign = '<span class="odd" data-sign="U+200B">\u200b</span>'
    for markdown in ("`漢 <\u200b> \U0001f600`", "```\n漢 <\u200b> \U0001f600\n```"):
        assert f"<code>漢 &lt;{sign}&gt; \U0001f600</code>" in to_html(f"A text\n\n{markdown}")


def test_a_column_is_as_wide_as_it_needs_and_not_as_its_dashes() -> None:
    long = "a long cell " * 12
    table = f"| a | b |\n|---|---|\n| U, W, b | {long} |"
    assert "width" not in to_html(table)
