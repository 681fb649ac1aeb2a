from pathlib import Path
from tomllib import loads

from django.conf import settings

from articles.offer_check import NO, NOT_SURE, POINTS, YES, outcome


def answered(**changes):
    """An offer with nothing against it, but for these."""
    fine = {point.name: NO if point.warning == YES else YES for point in POINTS}
    return outcome(fine | changes)


def names(points):
    return [point.name for point in points]


def test_of_the_best_offer_the_approval_is_still_to_be_seen_as_we_know_of_none():
    found = answered()
    assert (found.warnings, found.unknown) == ([], [])
    assert names(found.to_see) == names(found.to_ask) == ["approval"]
    assert found.told == [point for point in POINTS if point.name != "approval"]


def test_a_warning_sign_is_told_and_asked_about():
    found = answered(pressure=YES, bill=NO)
    assert names(found.warnings) == ["pressure", "bill"]
    assert names(found.to_ask) == ["pressure", "approval", "bill"]


def test_what_nobody_knows_is_asked_but_is_no_warning():
    found = answered(cells=NOT_SURE)
    assert (found.warnings, names(found.unknown)) == ([], ["cells"])
    assert names(found.to_ask) == ["approval", "cells"]


def test_to_be_charged_for_the_cells_and_not_to_know_who_earns_are_warning_signs():
    assert names(answered(charge=YES, commission=NO, refund=NO).warnings) == [
        "charge",
        "commission",
        "refund",
    ]


def test_who_asks_nothing_about_the_stroke_and_goes_into_the_spine_gives_warning_signs():
    found = answered(kind=NO, health=NO, spine=YES)
    assert names(found.warnings) == names(found.to_ask)[:3] == ["kind", "health", "spine"]


def test_an_approval_that_was_not_named_is_a_warning_and_one_that_is_not_known_is_missing():
    assert names(answered(approval=NO).warnings) == ["approval"]
    assert names(answered(approval=NOT_SURE).unknown) == ["approval"]


def test_the_letter_asks_in_the_order_of_the_list():
    asked = names(answered(bill=NO, stories=YES, cells=NOT_SURE).to_ask)
    assert asked == ["stories", "approval", "cells", "bill"]


def test_every_point_is_in_exactly_one_group():
    found = answered(bill=NO, cells=NOT_SURE)
    groups = [*found.warnings, *found.to_see, *found.unknown, *found.told]
    assert sorted(names(groups)) == sorted(names(POINTS))


def test_every_point_rests_on_a_record_of_ours():
    files = Path(settings.BASE_DIR, "articles", "demo").glob("sources*.toml")
    recorded = {source["key"] for file in files for source in loads(file.read_text())["source"]}
    assert {key for point in POINTS for key in point.sources} - recorded == set()
