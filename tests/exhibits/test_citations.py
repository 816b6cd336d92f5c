"""Citations in Markdown, and what citeproc makes of them."""

import re
from pathlib import Path
from typing import Any

import pytest

from rnn.exhibits import citations
from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import citations_in, safe_blocks, to_html, tree_html, words

BIBLIOGRAPHY = r"""
@article{one, author={Graves, Alex and Bengio, Yoshua}, title={First}, year=2013, journal={J}}
@article{two, author={Graves, Alex and Bengio, Yoshua}, title={Second}, year=2013, journal={J}}
@book{DBLP:a/b-c, author={van Beethoven, Ludwig}, title={Opera {NASA} & x}, year=1801,
  publisher={P}, doi={10.1000/182}}
@book{two, author={Nobody}, title={Again}, year=1999}
"""


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("[@one]", ["[@one]"]),
        ("So [see @one, p. 3; -@two], and @two [p. 4]: x.", ["[see @one, p. 3; -@two]",
                                                            "@two [p. 4]"]),
        ("As @one.\n\n- in *@DBLP:a/b-c*, [@\nx]", ["@one", "@DBLP:a/b-c"]),
        ("A [see\n@one] \"q [@two]\" | x[^1]\n\n[^1]: @one", ["[see @one]", "[@two]", "@one"]),
        ("## On @{a/b}\n\n| a |\n|---|\n| [@one] |", ["@{a/b}", "[@one]"]),
        ("`[@one]` $[@one]$ a@b.org <x@y.org> [@one](#x) ![@one](x.png) \\@one \\[@one] [^@one]",
         []),
        ("```\n[@one]\n```\n\n    [@one]\n\n[x@one] @ [@] @@one https://x.org/@one", []),
        ("[@one]\n\n[@one]: https://example.org/", []),
        (r"\\[@one] \\\[@two]", ["[@one]"]),
    ],
)  # fmt: skip
def test_what_is_a_citation(markdown: str, found: list[str]) -> None:
    assert citations_in(markdown) == found


def cite(*sources: str) -> citations.Cited:
    entries = citations.read_entries(BIBLIOGRAPHY)
    return citations.cite(citations.read(sources), entries)


def test_works_of_a_year_are_told_apart_and_listed_in_order() -> None:
    cited = cite("[@two]", "@one", "[see @DBLP:a/b-c, p. 3]")
    assert {source: words(inlines) for source, inlines in cited.citations.items()} == {
        "[@two]": "(Graves and Bengio 2013b)",
        "@one": "Graves and Bengio (2013a)",
        "[see @DBLP:a/b-c, p. 3]": "(see Beethoven 1801, 3)",
    }
    first, second, third = map(words, cited.entries)
    assert first.startswith("Beethoven, L. van. 1801. Opera NASA & x. P. https://doi.org/")
    assert second.startswith("Graves, A., and Y. Bengio. 2013a. “First.”")
    assert third.startswith("Graves, A., and Y. Bengio. 2013b. “Second.”"), "the first counts"


def test_what_is_not_cited_is_not_listed() -> None:
    assert len(cite("[@one]").entries) == 1
    assert cite() == citations.NOTHING
    assert cite("[a; b@c]") == citations.NOTHING


def test_further_works_join_the_list_and_none_is_in_it_twice() -> None:
    work: dict[str, Any] = {
        "type": "book",
        "title": "First",
        "author": [{"given": "A.", "family": "Graves"}],
    }
    year = {"issued": {"date-parts": [[2013]]}}
    works = [
        work | year,  # cited as one by its title and year
        work | {"issued": {"date-parts": [[1999]]}, "publisher": "The First"},
        work | {"issued": {"date-parts": [[1999]]}, "publisher": "The Second"},
        work | year | {"title": "A title", "URL": "https://example.org/x"},
    ]
    cited = citations.further(cite("[@one]"), citations.from_csl(works))
    assert [words(entry) for entry in cited.entries] == [
        "Graves, A. 1999. First. The First.",
        "Graves, A. 2013. A Title. https://example.org/x.",
        "Graves, A., and Y. Bengio. 2013. “First.” J.",
    ]
    ((_, (link,)),) = [
        (source, [node for node in nodes if node["t"] == "Link"])
        for source, nodes in cited.citations.items()
    ]
    assert link["c"][2][0] == "#reference-3"
    assert citations.further(citations.NOTHING, []) == citations.NOTHING
    assert len(citations.further(citations.NOTHING, citations.from_csl(works)).entries) == 3


def test_works_of_the_notes_with_one_title_stay_apart() -> None:
    same = "".join(f"@book{{{key}, title={{The same}}, year=2000}}" for key in "ab")
    cited = citations.cite(citations.read(["@a", "@b"]), citations.read_entries(same))
    assert len(citations.further(cited, []).entries) == 2


def test_citations_lead_to_the_list() -> None:
    cited = cite("[@one]", "[@two; @one]")
    html = to_html(
        "**See** [@one], [@two; @one] and [@other], `\\@one` \\@one \\[x] [@one](#a).",
        ["reference-1", "reference-2", "a"],
        citations=cited.citations,
    )
    assert '<a href="#reference-1">Graves and Bengio 2013a</a>' in html
    assert '<a href="#reference-2">Graves and Bengio 2013b</a>' in html
    assert "and [@other], <code>\\@one</code> @one [x]" in html
    assert '<a href="#a">@one</a>' in html, "a link can't hold another"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Graves, Alex", "A."),
        ("Graves, A. B.", "A. B."),
        ("Graves, A.B.", "A. B."),
        ("Graves, Jean-Pierre", "J.-P."),
        ("Graves, E\u0301mile Zoe", "É. Z."),
        ("Graves, 小明", "小明"),
    ],
)
def test_given_names_are_initials(typed: str, written: str) -> None:
    entries = citations.read_entries(f"@book{{a, author={{{typed}}}, title={{T}}, year=2000}}")
    (entry,) = citations.cite(citations.read(["@a"]), entries).entries
    assert words(entry).rstrip(".").startswith(f"Graves, {written}".rstrip("."))


def test_works_are_cited_by_name() -> None:
    works = [
        {"title": "One", "author": [{"given": "A.", "family": name} for name in names.split()]}
        for names in ("Lovelace", "Lovelace Babbage", "Lovelace Babbage Ünal-O'Neil")
    ]
    about = {"type": "book", "issued": {"date-parts": [[1843]]}}
    listed = [work | about | {"title": f"T {n}"} for n, work in enumerate(works)]
    named = citations.further(citations.NOTHING, citations.from_csl(listed)).named
    anchors = [f"reference-{n}" for n in (1, 2, 3)]
    html = to_html(
        "Lovelace\n(1843), *Lovelace and Babbage 1843*, (Lovelace et al. 1843), `Lovelace (1843)`, "
        "Lovelace, Babbage, and Ünal-O'Neil (1843), Lovelace (1843a), McLovelace (1843), "
        "Lovelace (1844) and [Lovelace (1843)](https://example.org).",
        anchors,
        named=named,
    )
    found = re.findall(r'<a\shref="#(reference-\d)">(.*?)</a>', html, re.DOTALL)
    assert [" ".join(name.split()) for _, name in found] == [
        "Lovelace (1843)",
        "Lovelace and Babbage 1843",
        "Lovelace et al. 1843",
        "Lovelace, Babbage, and Ünal-O’Neil (1843)",
    ]
    entries = [place for place, _ in found]
    assert len(set(entries)) == 3
    assert entries[2] == entries[3]
    assert "<a" not in to_html("Lovelace (1843)", [], named=named), "without the list"


def test_without_references_citations_are_text() -> None:
    assert to_html("[@one] \\[@two] @three") == "[@one] [@two] @three"


@pytest.mark.parametrize("source", ["@book{a, title={A}\n@book{b}", "@book{a, title={A", "@x{,}"])
def test_what_is_no_bibtex_is_refused(source: str) -> None:
    with pytest.raises(UnsetError, match="Error at"):
        citations.read_entries(source)


def test_a_hostile_bibliography_is_text(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    source = rf"""
@string{{x = "<script>alert(1)</script>"}}
@preamble{{"\input{{{secret}}}"}}
@book{{a, title={{\input{{{secret}}} \write18{{touch x}} \href{{javascript:alert(2)}}{{y}}}},
  author={{\include{{{secret}}}}}, publisher=x, url={{file://{secret}}}, note={{$\undefined$}}}}
@book{{b, title={{\newcommand{{\z}}{{\z\z}}\z <img src=x onerror=alert(3)> \includegraphics{{x}}}}}}
"""
    cited = citations.cite(citations.read(["[@a; @b]"]), citations.read_entries(source))
    html = to_html("[@a; @b]", citations=cited.citations)
    html += "".join(tree_html(safe_blocks(entry)) for entry in cited.entries)
    assert "the secret" not in html
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="file' not in html
    assert "&lt;script&gt;" in html.lower()
