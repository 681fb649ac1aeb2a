from portal.prose import EXTENSIONS, ProseField


def test_a_browser_s_line_ends_are_no_change_of_the_text():
    field = ProseField(required=False)
    assert field.has_changed("<p>a\nb</p>", "<p>a\r\nb</p>") is False
    assert field.has_changed("", "") is False


def test_other_words_and_other_looks_are_changes():
    field = ProseField(required=False)
    assert field.has_changed("<p>a</p>", "<p>b</p>") is True
    assert field.has_changed("<p>a</p>", "<p><strong>a</strong></p>") is True


def test_no_formatting_is_hidden_in_a_menu_that_only_a_mouse_opens():
    assert [group for group in EXTENSIONS["Menu"]["groups"] if "type" in group] == []
