from articles.staff.differences import MOST_PAIRS, Piece, Row, paragraphs, rows


def test_a_text_is_compared_by_its_paragraphs_items_and_rows():
    html = (
        '<h2>Risks</h2><p>Two <strong>died</strong> [@trial-1]. <a href="https://a.example/">More</a></p>'
        "<ul><li>One</li><li><p>Two</p></li></ul>"
        "<table><tr><th><p>Who</p></th><th><p>What</p></th></tr></table><blockquote><p>Said</p></blockquote>"
    )
    assert paragraphs(html) == [
        "## Risks",
        "Two died [@trial-1]. More (https://a.example/)",
        "• One",
        "• Two",
        "Who | What",
        "> Said",
    ]


def test_what_is_the_same_has_no_rows():
    assert rows(["One.", "Two."], ["One.", "Two."]) == []


def test_changed_words_are_marked_on_both_sides():
    assert rows(["Two of 23 people died."], ["Three of 23 people died."]) == [
        Row(
            (Piece("Two ", True), Piece("of 23 people died.")),
            (Piece("Three ", True), Piece("of 23 people died.")),
        )
    ]


def test_a_word_at_the_end_is_the_same_word_as_in_the_middle():
    assert rows(["before you pay anyone"], ["before you pay"]) == [
        Row((Piece("before you pay "), Piece("anyone", True)), (Piece("before you pay"),))
    ]


def test_a_new_paragraph_stands_alone_and_a_removed_one_too():
    assert rows(["One."], ["One.", "Two."]) == [
        Row((Piece("One."),), (Piece("One."),)),
        Row((), (Piece("Two.", True),)),
    ]
    assert rows(["One.", "Two."], ["Two."])[0] == Row((Piece("One.", True),), ())


def test_paragraphs_that_share_nothing_are_marked_whole():
    assert rows(["Red and blue."], ["Nobody knows why."]) == [
        Row((Piece("Red and blue.", True),), (Piece("Nobody knows why.", True),))
    ]


def test_long_runs_without_a_change_are_counted():
    lines = [f"Paragraph {number}." for number in range(9)]
    found = rows(lines, [*lines[:8], "Other words here."])
    assert [row.left_out for row in found] == [7, 0, 0]


def test_paragraphs_too_long_to_compare_are_marked_whole():
    long = " ".join(f"word{number}" for number in range(int(MOST_PAIRS**0.5) + 2))
    assert rows([long], [f"{long} more"]) == [Row((Piece(long, True),), (Piece(f"{long} more", True),))]
