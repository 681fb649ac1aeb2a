"""Who may import whom. A module that is in no layer yet is added here, with a thought about which."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("portal", "articles", "quotes")
PURE, RECORDS, VERBS, EDGES, HTTP = range(5)

# By a module's own name, the same in every app.
LAYERS = {
    PURE: """
        blocks body citations consents differences discern figures findings formats glossary icon_arrays
        links mail_words markup meanings of_claims of_easy of_text offer_check proxies quality
        readability reasons release rich_text roles spelling statements steps
        structured_data tables time_zones tracing trial_fit
        typesetting wording words working_days
    """,
    RECORDS: """
        append_only claims evidence models revisions search_entries upkeep
    """,
    VERBS: """
        approvals audit claim_lines comparing comparisons contact desk drawn_pages edition engines export
        facts finding flags freshness guide_pdf listening log mail nearby notices own_links pages passages
        pipeline progress publishing references reviews search shapes shelf shown_claims sources stating
        subjects summary texts throttle versions
    """,
    EDGES: """
        admin admin_answers admin_bases admin_evidence admin_letters admin_pages admin_records admin_site
        admin_staff admin_trail admin_upkeep all_sitemaps answers approve_form checks checks_panel
        claim_forms context dashboard demo drafts drawing_ahead due_list drawn_evidence drawn_text editing
        editing_page feeds fields forms health_forms lead_forms lead_page
        origins overtaking paging panels prose questions reader_forms reading
        refusals responses sessions sitemaps staff_site step_forms steps_to_readers subject_list
        subject_page upkeep_panels version_pages writing_fields
    """,
    HTTP: """
        apps file_views health middleware private_page readable reader_views uploads urls views wsgi
    """,
}
LAYER = {name: layer for layer, names in LAYERS.items() for name in names.split()}
FREE = {"settings"}

# What a layer may not take from Django, whatever lies below it.
DJANGO = {
    PURE: {"conf", "contrib", "core", "db", "forms", "http", "shortcuts", "template", "urls", "views"},
    RECORDS: {"contrib.admin", "forms", "http", "shortcuts", "template", "views"},
    VERBS: {"contrib.admin", "forms", "http", "shortcuts", "views"},
    EDGES: set(),
    HTTP: set(),
}
# The only modules of `portal` that know there are guides and quotes.
KNOW_THE_APPS = {
    "portal.all_sitemaps",
    "portal.urls",
    "portal.views",
    "portal.dashboard",
    "portal.upkeep_panels",
    "portal.management.commands.load_demo",
    "portal.management.commands.run_worker",
}


def modules():
    for app in APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            name = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts).removesuffix(
                ".__init__"
            )
            if ".migrations." not in name and path.stem not in FREE and has_code(path):
                yield name, path


def has_code(path: Path):
    """The face of a room may say in words only what is in it."""
    return path.stem != "__init__" or any(not isinstance(node, ast.Expr) for node in tree_of(path).body)


def tree_of(path: Path):
    return ast.parse(path.read_text())


MODULES = dict(modules())


def layer(name):
    if ".commands." in name or ".templatetags." in name:
        return EDGES
    return LAYER.get(name.rpartition(".")[2])


def imported(name, path: Path):
    """Every module that this one names in an import, anywhere in it, as an absolute dotted name."""
    package = (name if path.stem == "__init__" else name.rpartition(".")[0]).split(".")
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            # `from . import audit` names a module, `from .audit import record` a thing in one.
            yield from (f"{base}.{a.name}" if f"{base}.{a.name}" in MODULES else base for a in node.names)


def ours(name, path):
    return {other for other in imported(name, path) if other in MODULES}


def test_every_module_is_in_a_layer():
    assert [name for name in MODULES if layer(name) is None] == []


@pytest.mark.parametrize("name", MODULES)
def test_nothing_is_imported_from_above(name):
    above = [other for other in ours(name, MODULES[name]) if layer(other) > layer(name)]
    assert above == []


@pytest.mark.parametrize("name", MODULES)
def test_of_django_only_what_belongs_to_the_layer(name):
    forbidden = {f"django.{part}" for part in DJANGO[layer(name)]}
    taken = {
        other
        for other in imported(name, MODULES[name])
        if any(f"{other}.".startswith(f"{part}.") for part in forbidden)
    }
    assert taken == set()


@pytest.mark.parametrize("name", MODULES)
def test_the_apps_know_only_those_they_stand_on(name):
    app = name.partition(".")[0]
    others = {other for other in ours(name, MODULES[name]) if not other.startswith(f"{app}.")}
    allowed = {
        "portal": {other for other in others if name in KNOW_THE_APPS},
        "articles": {other for other in others if other.startswith("portal.")},
        "quotes": {other for other in others if other.startswith("portal.") or other == "articles.models"},
    }[app]
    assert others - allowed == set()


@pytest.mark.parametrize("name", [name for name in MODULES if layer(name) in (RECORDS, HTTP)])
def test_records_and_views_of_another_app_are_not_imported(name):
    """Records name each other by string; the map of addresses alone names every app's views."""
    app = name.partition(".")[0]
    own_kind = ".models" if layer(name) == RECORDS else ".views"
    strangers = {
        other
        for other in ours(name, MODULES[name])
        if other.endswith(own_kind) and not other.startswith(f"{app}.")
    }
    assert strangers == set()
