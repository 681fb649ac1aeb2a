"""HTML made in Python: what is not HTML yet is escaped, and nothing twice."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from portal.markup import breaking, each, filled, joined

HOSTILE = "<script>alert(1)</script> & \"quoted\" 'too' {0}"


def test_each_part_is_escaped_as_django_does_it():
    shape = '<a href="{}">{}</a>'
    assert filled(shape, HOSTILE, HOSTILE) == format_html(shape, HOSTILE, HOSTILE)


def test_html_numbers_and_words_to_be_translated_are_taken_as_they_are():
    assert filled("{} {} {}", SafeString("<b>yes</b>"), 7, gettext_lazy("No")) == "<b>yes</b> 7 No"


def test_what_comes_out_is_not_escaped_again():
    assert filled("<p>{}</p>", filled("<b>{}</b>", "<")) == "<p><b>&lt;</b></p>"


def test_rows_fill_the_shape_one_after_the_other():
    rows = [(1, HOSTILE), (2, "two")]
    assert each("<li>{}: {}</li>", rows) == format_html_join("", "<li>{}: {}</li>", rows)


def test_pieces_are_put_together_as_html():
    assert filled("<p>{}</p>", joined([SafeString("<b>"), SafeString("</b>")])) == "<p><b></b></p>"


def test_an_address_may_break_after_each_of_its_parts():
    assert breaking('https://a.example/x_y?z="1"&b=2') == (
        "https:/<wbr>/<wbr>a.example/<wbr>x_<wbr>y?<wbr>z=<wbr>&quot;1&quot;&amp;b=<wbr>2"
    )
