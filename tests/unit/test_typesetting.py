import io

import pytest
from hypothesis import given, settings
from pypdf import PdfReader

from articles.checks.of_text import LONGEST_LINK
from portal import typesetting
from portal.typesetting import Composer, document, printed
from tests.hostile import HOSTILE


def pdf_of(html, language="en-gb", title="Risks"):
    content = Composer("https://site.example").of_html(html)
    source = document(
        [typesetting.heading(title, 1), content],
        title=title,
        author="Second Look",
        language=language,
        foot="x",
    )
    return PdfReader(io.BytesIO(printed(source)))


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def test_the_document_is_tagged_and_says_its_title_and_language():
    root = pdf_of("<p>a</p>").trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - an object of the reader
    assert root["/Lang"] == "en"
    assert pdf_of("<p>a</p>").metadata.title == "Risks"


def test_words_can_be_read_back():
    assert text_of(pdf_of("<h2>What can go wrong</h2><p>Two of 23 people died.</p>")) == (
        "Risks What can go wrong Two of 23 people died. x 1 / 1"
    )


@pytest.mark.parametrize(
    "html",
    [
        "<p>a</p><table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>",
        "<ul><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ul>",
        "<ol><li>a</li></ol><blockquote><p>q</p></blockquote>",
        "<p><strong>a <em>b</em></strong><br>c</p>",
        '<p><a href="mailto:a@b.example">write</a> <a href="#risks">risks</a></p>',
        "",
    ],
)
def test_every_element_of_our_texts_can_be_set(html):
    assert len(pdf_of(html).pages) == 1


@pytest.mark.parametrize("outer", ["<blockquote>", "<ul><li>", "<table><tr><td>", "<blockquote><ol><li>"])
def test_however_deeply_a_text_is_nested_it_can_be_set(outer):
    assert "words" in text_of(pdf_of(outer * 24 + '<strong><em><a href="/guides/">words</a></em></strong>'))


@pytest.mark.parametrize("sign", ["a", "é", "😀"])
def test_a_link_that_passes_the_checks_can_be_set(sign):
    address = ("/guides/" + sign * LONGEST_LINK)[:LONGEST_LINK]
    assert len(pdf_of(f'<p><a href="{address}">words</a></p>').pages) == 1


def test_a_small_heading_that_comes_first_can_be_set():
    assert text_of(pdf_of("<h3>Small</h3><p>words</p>")) == "Risks Small words x 1 / 1"


def test_what_the_typesetter_refuses_is_told_as_such():
    with pytest.raises(typesetting.CannotBeSet, match="URL is too long"):
        pdf_of(f'<p><a href="https://e.example/{"a" * 9000}">words</a></p>')


@pytest.mark.parametrize(
    "words",
    [
        '#panic("x")',
        "$x$ *b* _e_ `r` @ref <label> // c /* d */",
        'a"; #b',
        "\\u{1F600} \\",
        "= Heading",
        "#[",
        "]",
    ],
)
def test_no_word_is_a_command(words):
    assert words.replace("  ", " ") in text_of(pdf_of(f"<p>{words.replace('<', '&lt;')}</p>"))


def test_links_to_our_own_pages_are_whole_and_places_in_the_page_are_words():
    pdf = pdf_of('<p><a href="/guides/risks/">risks</a> <a href="#words">words</a></p>')
    links = [note.get_object()["/A"]["/URI"] for note in pdf.pages[0]["/Annots"]]
    assert links == ["https://site.example/guides/risks/"]


def test_arabic_is_set_with_a_face_that_has_it_from_right_to_left():
    pdf = pdf_of("<p>مخاطر العلاج</p>", language="ar", title="مخاطر")
    faces = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for font in pdf.pages[0]["/Resources"]["/Font"].values()
    }
    assert any(face.startswith("NotoNaskhArabic") for face in faces)
    assert pdf.trailer["/Root"]["/Lang"] == "ar"


def test_a_sign_that_no_face_has_loses_only_the_mark():
    marked, other = pdf_of("<p>a</p>"), pdf_of("<p>漢 a</p>")
    assert b"pdfuaid" in marked.xmp_metadata.stream.get_data()
    assert b"pdfuaid" not in other.xmp_metadata.stream.get_data()
    assert text_of(other).endswith("a x 1 / 1")


@settings(max_examples=40, deadline=None)
@given(HOSTILE)
def test_any_text_can_be_set(html):
    assert pdf_of(html).pages
