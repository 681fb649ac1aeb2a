import re
from html import unescape
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given, settings

from portal.prose import ProseField
from portal.rich_text import ALLOWED, DEEPEST, INLINE, Losses, clean, losses
from tests.hostile import HOSTILE

HUGE = "9" * 23


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<p>One <b>two</b> <i>three</i></p>", "<p>One <strong>two</strong> <em>three</em></p>"),
        ("loose words", "<p>loose words</p>"),
        ("<h1>Title</h1><h4>Small</h4>", "<h2>Title</h2><h3>Small</h3>"),
        ("<p onclick='x()' style='color:red' class='y' id='z'>a</p>", "<p>a</p>"),
        ("<script>alert(1)</script><p>a</p><style>p{}</style>", "<p>a</p>"),
        ("<p>a</p><p></p><p> <br></p><h2></h2>", "<p>a</p>"),
        ("<p>a\x00b\x08c</p>", "<p>abc</p>"),
        (
            f"<table><tr><th scope='col' colspan='{HUGE}'>a</th><td colspan='9' rowspan='{HUGE}'>b</td></tr>"
            f"<colgroup span='{HUGE}'></colgroup></table>",
            '<table><tbody><tr><th scope="col">a</th><td>b</td></tr></tbody></table>',
        ),
        ("<ul>a<li>b</li></ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<section><li>alone</li></section>", "<p>alone</p>"),
        ("<strong><p>a</p></strong>", "<p>a</p>"),
        ("<blockquote><h2>a</h2></blockquote>", "<blockquote><p>a</p></blockquote>"),
        ("<p>a<ul><li>b</li></ul>", "<p>a</p><ul><li>b</li></ul>"),
        (
            "<table><caption>c</caption><tr><td>1</td></tr></table>",
            "<p>c</p><table><tbody><tr><td>1</td></tr></tbody></table>",
        ),
        ("<p>1 < 2 &amp; 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
        ("<ul><li>[@a]</li></ul>", "<ul><li>[@a]</li></ul>"),
        ("<p>Text</p><p>&nbsp;</p>", "<p>Text</p>"),
        ("<p>a\ud800b&#0;&#x1f;c</p>", "<p>ab\ufffdc</p>"),
        ('<a href="/x">a <object><a href="/y">b</a></object></a>', '<p><a href="/x">a b</a></p>'),
        ("<ul><li>a<menu><li>b</li></menu></li></ul>", "<ul><li>a</li><li>b</li></ul>"),
        (
            "<table><thead><tr><th scope='col'>a</th></tr></thead><tfoot><tr><td>b</td></tr></tfoot></table>",
            '<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>',
        ),
        ("", ""),
    ],
)
def test_clean_keeps_the_elements_of_guides_and_puts_them_where_html_allows(written, kept):
    assert clean(written) == kept


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a?b=1", "mailto:help@example.org", "/guides/x/#risks", "/", "#other-ways"],
)
def test_clean_keeps_safe_links(address):
    assert clean(f'<p><a href="{address}">go</a></p>') == f'<p><a href="{address}">go</a></p>'


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "report.pdf",
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "//example.org",
        "/\\example.org",
        "/\t/example.org",
        "data:text/html,x",
        "guides/x",
        "https://",
        "",
        "#",
        "#_ftn1",
        "#a b",
    ],
)
def test_clean_takes_other_links_away_and_leaves_their_words(address):
    assert clean(f'<p><a href="{address}">go</a></p>') == "<p>go</p>"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("http://example.org/a", "https://example.org/a"),
        ("HTTP://Example.org", "https://Example.org"),
        ("www.example.org", "https://www.example.org"),
        ("example.org/paper.pdf", "https://example.org/paper.pdf"),
        ("example.co.uk?q=1", "https://example.co.uk?q=1"),
    ],
)
def test_clean_mends_addresses_that_lack_their_https(address, kept):
    assert clean(f'<p><a href="{address}">go</a></p>') == f'<p><a href="{kept}">go</a></p>'


def test_what_cleaning_changes_and_takes_away_is_known():
    found = losses(
        "<p><a href='www.example.org'>a</a> <a href='https://b.example'>b</a></p>"
        "<p><a href='#_ftn1'>note <b>1</b></a></p>"
        "<table><tr><td colspan='2'>x</td></tr></table><p><img src='x'><sub>2</sub><sub>3</sub></p>"
    )
    assert found == Losses(
        links_changed=[("www.example.org", "https://www.example.org")],
        links_removed=[("#_ftn1", "note 1")],
        merged_cells=True,
        elements=["img", "sub"],
    )


@pytest.mark.parametrize(
    "html", ["", "<p>a</p>", "<h1>Big</h1><p><b>x</b><br></p><table><tr><td>1</td></tr></table>"]
)
def test_where_nothing_is_lost_nothing_is_said(html):
    assert losses(html) == Losses()


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_a_cleaned_text_loses_nothing_more(text):
    assert losses(clean(text)) == Losses()


def test_what_the_editor_field_gives_is_what_is_stored():
    pasted = (
        "<h1>Big</h1><h4>Small</h4><p><a href='//evil.example/'>go</a></p>"
        "<table><thead><tr><th scope='col'>Who</th></tr></thead></table>"
    )
    assert ProseField().clean(pasted) == (
        '<h2>Big</h2><h3>Small</h3><p>go</p><table><thead><tr><th scope="col">Who</th></tr></thead></table>'
    )


@pytest.mark.parametrize(
    "bomb", ["<ul><li>" * 3000, "<blockquote>" * 5000 + "x", "<table><tr><td>" * 3000 + "x", "<em><b>" * 5000]
)
def test_nesting_is_bounded(bomb):
    depth = deepest = 0
    for slash in re.findall(r"<(/?)(?!br)\w", clean(bomb)):
        depth += -1 if slash else 1
        deepest = max(deepest, depth)
    assert deepest <= DEEPEST


# --- Whatever is written ------------------------------------------------------------------------

WORDS = {"#", "br", *INLINE}
BLOCKS = {"p", "ul", "ol", "blockquote", "table"}
# What may stand directly in each element; "#" is words.
HOLDS = {
    "": BLOCKS | {"h2", "h3"},
    **dict.fromkeys(("li", "td", "th", "blockquote"), BLOCKS | WORDS),
    **dict.fromkeys(("p", "h2", "h3", *INLINE), WORDS),
    "ul": {"li"},
    "ol": {"li"},
    "table": {"thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"td", "th"},
    "br": set(),
}


class Placed(HTMLParser):
    """Collects (outer, inner) for everything that stands in something, and the depth reached."""

    def __init__(self, html):
        super().__init__()
        self.open, self.places, self.deepest = [""], set(), 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.places.add((self.open[-1], tag))
        if tag != "br":
            self.open.append(tag)
            self.deepest = max(self.deepest, len(self.open) - 1)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, words):
        self.places.add((self.open[-1], "#"))


def as_a_browser_reads_it(html):
    return nh3.clean(html, tags=ALLOWED, attributes={"a": {"href"}, "th": {"scope"}}, link_rel=None)


@settings(max_examples=600, deadline=None)
@given(HOSTILE)
def test_every_element_stands_where_html_allows_it(text):
    places = Placed(clean(text)).places
    assert {(outer, inner) for outer, inner in places if inner not in HOLDS[outer]} == set()


@settings(max_examples=600, deadline=None)
@given(HOSTILE)
def test_a_browser_reads_what_was_meant(text):
    html = clean(text)
    assert unescape(as_a_browser_reads_it(html)) == unescape(html)


@settings(max_examples=400, deadline=None)
@given(HOSTILE)
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)
