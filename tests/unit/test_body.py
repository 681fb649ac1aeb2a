import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings

from articles.body import MOST_HEADINGS, PAGE_IDS, Term, render
from portal.rich_text import ALLOWED
from tests.hostile import HOSTILE

WORDS = [
    Term("stroke", "Damage to the brain.", ["strokes"]),
    Term("ischaemic stroke", "A stroke from a clot."),
    Term("placebo", "A treatment without the active part."),
]


def mark(*links):
    """A citation as it is rendered, from (number, use) pairs."""
    inner = ", ".join(
        f'<a id="cite-{n}-{use}" href="#ref-{n}"><span class="visually-hidden">Source </span>{n}</a>'
        for n, use in links
    )
    return f'<sup class="citation">{inner}</sup>'


def word(text, slug):
    return (
        f'<a class="glossary-term" id="from-{slug}" href="#word-{slug}" aria-describedby="meaning-{slug}">'
        f"{text}</a>"
    )


def test_headings_get_readable_unique_addresses_and_a_contents_list():
    rendered = render(
        "<h2>The risks</h2><h3>The risks</h3><h2>References</h2><h2>!</h2><h2>Ref-1</h2>", sources=()
    )
    assert rendered.contents == [
        {"id": "the-risks", "text": "The risks", "level": 2},
        {"id": "the-risks-2", "text": "The risks", "level": 3},
        {"id": "references-2", "text": "References", "level": 2},
        {"id": "section", "text": "!", "level": 2},
        {"id": "section-ref-1", "text": "Ref-1", "level": 2},
    ]
    assert re.findall('id="(.*?)"', rendered.html) == [entry["id"] for entry in rendered.contents]


def test_a_number_that_another_heading_has_is_left_out():
    rendered = render("<h2>a 2</h2><h2>a</h2><h2>a</h2><h2>a</h2><h2>a 2</h2>", sources=())
    assert [entry["id"] for entry in rendered.contents] == ["a-2", "a", "a-3", "a-4", "a-2-2"]


def test_headings_beyond_what_anybody_reads_get_no_address():
    rendered = render("<h2>a</h2>" * (MOST_HEADINGS + 1), sources=())
    assert len(rendered.contents) == rendered.html.count(" id=") == MOST_HEADINGS
    assert len(rendered.sections) == MOST_HEADINGS + 1


def test_no_heading_takes_an_address_of_the_page_around_it():
    folder = Path(__file__).parents[2] / "templates"
    frame = ["base", "portal/_header", "portal/_nav", "portal/_footer", "portal/_breadcrumb"]
    page = [folder / f"{name}.html" for name in [*frame, "articles/guide", "articles/treatment"]]
    page += folder.glob("articles/_*.html")
    ids = {name for path in page for name in re.findall(r' id="([^"{]+)"', path.read_text())}
    assert ids <= PAGE_IDS


def test_headings_keep_letters_of_other_scripts():
    assert render("<h2>ما هي السكتة</h2>", sources=()).contents[0]["id"] == "ما-هي-السكتة"


def test_citations_are_numbered_in_reading_order_and_counted():
    rendered = render("<p>One [@b]. Two [@a]. Three [@b].</p>", sources={"a", "b"})
    assert rendered.html == f"<p>One{mark((1, 1))}. Two{mark((2, 1))}. Three{mark((1, 2))}.</p>"
    assert rendered.citation_keys == ["b", "a"]


@pytest.mark.parametrize("text", ["[@b] [@a]", "[@b][@a]", "[@b], [@a]", "[@b]; [@ a ] [@b]"])
def test_neighbouring_citations_become_one_mark(text):
    rendered = render(f"<p>First {text}.</p>", sources={"a", "b"})
    assert rendered.html == f"<p>First{mark((1, 1), (2, 1))}.</p>"


def test_an_unknown_citation_stays_visible_and_is_reported():
    rendered = render("<p>Fact [@nobody] [@a].</p>", sources={"a"})
    assert rendered.html == f"<p>Fact{mark((1, 1))} [@nobody].</p>"
    assert rendered.unknown_keys == ["nobody"]


def test_a_citation_inside_a_link_moves_behind_it():
    rendered = render('<p><a href="/x/">read [@a] this</a> now</p>', sources={"a"})
    assert rendered.html == f'<p><a href="/x/">read this</a>{mark((1, 1))} now</p>'


def test_citations_are_no_words():
    rendered = render("<h2>Risks [@a]</h2><p>Two words [@a].</p>", sources={"a"})
    assert rendered.plain_text == "Risks\nTwo words."
    assert rendered.word_count == 3
    assert rendered.contents == [{"id": "risks", "text": "Risks", "level": 2}]


def test_plain_text_keeps_blocks_apart():
    rendered = render(
        "<p>a<br>b</p><ul><li>c</li><li>d</li></ul><table><tr><td>e</td><td>f</td></tr></table>", sources=()
    )
    assert rendered.plain_text == "a\nb\nc\nd\ne\nf"


def test_the_first_use_of_a_word_is_explained_and_only_that():
    rendered = render("<p>Strokes and a stroke; no placebo.</p>", sources=(), terms=WORDS)
    assert rendered.html == (
        f"<p>{word('Strokes', 'stroke')} and a stroke; no {word('placebo', 'placebo')}.</p>"
    )
    assert rendered.glossary == [
        {"id": "placebo", "term": "placebo", "explanation": "A treatment without the active part."},
        {"id": "stroke", "term": "stroke", "explanation": "Damage to the brain."},
    ]


def test_the_longest_term_wins_and_the_short_one_waits():
    rendered = render("<p>An ischaemic  stroke is a stroke.</p>", sources=(), terms=WORDS)
    assert rendered.html == (
        f"<p>An {word('ischaemic  stroke', 'ischaemic-stroke')} is a {word('stroke', 'stroke')}.</p>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<h2>A stroke</h2>",
        '<p><a href="/x/">stroke</a></p>',
        "<p>post-stroke care, breaststroke, stroke-like</p>",
        "<p>[@stroke]</p>",
    ],
)
def test_words_are_not_explained_in_headings_links_citations_or_parts_of_words(text):
    assert render(text, sources={"stroke"}, terms=WORDS).glossary == []


def test_a_table_gets_headers_labels_for_narrow_screens_and_a_named_box_to_scroll_in():
    rendered = render(
        "<h2>Prices</h2>"
        "<table><tr><td>Who</td><td>How much</td></tr><tr><td>Hotel</td><td>5</td></tr></table>",
        sources=(),
    )
    assert rendered.html == (
        '<h2 id="prices">Prices</h2>'
        '<div class="table-scroll" role="region" aria-label="Table 1: Prices">'
        '<table class="stacked"><thead><tr><th scope="col">Who</th><th scope="col">How much</th></tr></thead>'
        '<tbody><tr><th scope="row">Hotel</th><td data-label="How much">5</td></tr></tbody></table></div>'
    )


READ_TAGS = ALLOWED | {"div", "sup", "span"}
READ_ATTRIBUTES = {"href", "id", "class", "scope", "role", "data-label"}
READ_ATTRIBUTES |= {"aria-label", "aria-describedby"}


class Inspector(HTMLParser):
    """Collects what must never be in a rendered text."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.links, self.ids = set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]
        self.ids += [value for name, value in attrs if name == "id"]


@settings(max_examples=400, deadline=None)
@given(HOSTILE)
def test_whatever_is_written_what_is_read_is_clean(text):
    rendered = render(text, sources={"a", "b"}, terms=WORDS)
    seen = Inspector()
    seen.feed(rendered.html)
    assert seen.tags <= READ_TAGS
    assert seen.attributes <= READ_ATTRIBUTES
    assert all(re.match(r"https://|mailto:|/(?![/\\])|#(ref|word)-", link) for link in seen.links)
    assert sorted(seen.ids) == sorted(set(seen.ids))
    assert "\x00" not in rendered.html + rendered.plain_text


@pytest.mark.parametrize(
    ("text", "words"),
    [(" " * 100_000, 0), ("[@a]" * 20_000, 0), ("[@" * 50_000, 0), ("stroke " * 20_000, 20_000)],
)
def test_a_text_of_the_greatest_length_is_counted_to_its_end(text, words):
    assert render(f"<p>{text}</p>", sources={"a"}, terms=WORDS).word_count == words


@pytest.mark.parametrize(
    ("block", "listed"),
    [
        ("<h2>a</h2>", 300),
        ("<p>a</p>", 0),
        ("<table><tr><td>a</table>", 0),
        ("<h3>a</h3><p>b</p>", 300),
    ],
)
def test_a_text_of_nothing_but_blocks_lists_its_first_headings(block, listed):
    assert len(render(block * (150_000 // len(block)), sources=()).contents) == listed


def test_a_heading_that_asks_has_the_beginning_of_its_answer():
    html = "<h2>Is it safe?</h2><p>Nobody knows [@a].</p><p>More.</p><h2>Costs</h2><p>Much.</p><h2>Why?</h2>"
    assert render(html, sources={"a"}).contents == [
        {"id": "is-it-safe", "text": "Is it safe?", "level": 2, "answer": "Nobody knows."},
        {"id": "costs", "text": "Costs", "level": 2},
        {"id": "why", "text": "Why?", "level": 2},
    ]
