"""Many guides fast: those of the demonstration, copied inside PostgreSQL, each marked as generated.

Every copy has an address, a title and a paragraph of its own, and all that hangs on the text: claims with
their sources, citations, topics, treatments, and what searching keeps of it.
"""

from django.db import connection, models, transaction

from articles.models import Claim, Guide, GuideRevision, SearchEntry, SearchWord
from articles.search import engines, words
from portal import edition
from portal.drawing_ahead import Ahead

SLUG = "generated-"
MARK = "Generated text"
# Each copy has a paragraph of its own, of so many of the words that occur in the demonstration.
OWN_WORDS = 60


@transaction.atomic
def copy_guides(number: int) -> None:
    """Make so many guides out of those there are."""
    originals = list(Guide.objects.live().order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        _hasten(cursor)
        cursor.execute(
            "CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT n, %s || n AS slug,"
            " (%s::bigint[])[1 + n %% %s] AS original FROM generate_series(1, %s) AS n",
            [SLUG, originals, len(originals), number],
        )
        _copy_guides(cursor)
        _draw_words(cursor)
        _copy_texts(cursor)
        _copy_claims(cursor)
        for name in ("topics", "treatments"):
            _copy_links(cursor, Guide._meta.get_field(name).remote_field.through, "guide_id", "was.guide_id")
        _copy_entries(cursor)
    edition.renew()


def draw_ahead(first: int, end: int) -> None:
    """What the worker does with the pages of the sitemap, for the guides of these numbers."""
    ahead = Ahead(lambda: [f"/guides/{SLUG}{number}/" for number in range(first, end)])
    while ahead.draw_next():
        pass


def tidy_up() -> None:
    """Statistics for the planner, as any database has them after a while. Outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _hasten(cursor) -> None:
    """For this transaction only. Copies keep every key of their originals: there is nothing to look up."""
    cursor.execute("SET LOCAL default_toast_compression = 'lz4'; SET LOCAL maintenance_work_mem = '1GB'")
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone()[0]:
        cursor.execute("SET LOCAL session_replication_role = replica")


def _copy_guides(cursor) -> None:
    own = {"slug": "c.slug", "live_revision_id": "NULL", "translation_of_id": "NULL"}
    _insert(cursor, Guide, own, "copied c JOIN articles_guide was ON was.id = c.original ORDER BY c.n")
    # From here on each copy is known by both its numbers.
    cursor.execute(
        "CREATE TEMPORARY TABLE pairs ON COMMIT DROP AS SELECT c.n, c.original, g.id, o.live_revision_id"
        " FROM copied c JOIN articles_guide g USING (slug) JOIN articles_guide o ON o.id = c.original"
    )


def _draw_words(cursor) -> None:
    """Which words each copy has of its own: as they are written, and their stems."""
    cursor.execute(
        f"CREATE TEMPORARY TABLE own ON COMMIT DROP AS SELECT p.n, string_agg(w.word, ' ') AS words,"
        " array_agg(DISTINCT w.stem) AS stems FROM pairs p"
        f" CROSS JOIN generate_series(1, {OWN_WORDS}) AS k JOIN (SELECT word, stem,"
        f" row_number() OVER (ORDER BY word) AS place FROM {SearchWord._meta.db_table}) w"
        f" ON w.place = 1 + (hashint8extended(p.n, k) & 1048575)"
        f" % (SELECT count(*) FROM {SearchWord._meta.db_table}) GROUP BY p.n"
    )


def _copy_texts(cursor) -> None:
    paragraph = f"'<p>{MARK} ' || p.n || ': ' || own.words || '.</p>'"
    own = {
        "subject_id": "p.id",
        "title": f"left(was.title, 100) || ' ({MARK.lower()} ' || p.n || ')'",
        "body": f"was.body || {paragraph}",
        "rendered": f"was.rendered || {paragraph}",
        "based_on_id": "NULL",
        "reviewed_at": "was.reviewed_at - p.n * interval '1 second'",
    }
    source = "pairs p JOIN own USING (n) JOIN articles_guiderevision was ON was.id = p.live_revision_id"
    _insert(cursor, GuideRevision, own, source)
    cursor.execute(
        "UPDATE articles_guide g SET live_revision_id = r.id FROM articles_guiderevision r"
        " JOIN pairs p ON p.id = r.subject_id WHERE g.id = r.subject_id"
    )
    cited = GuideRevision._meta.get_field("cited").remote_field.through._meta.db_table
    cursor.execute(
        f"INSERT INTO {cited} (guiderevision_id, source_id) SELECT g.live_revision_id, was.source_id"
        f" FROM pairs p JOIN articles_guide g ON g.id = p.id"
        f" JOIN {cited} was ON was.guiderevision_id = p.live_revision_id"
    )


def _copy_claims(cursor) -> None:
    joined = "pairs p JOIN articles_guide g ON g.id = p.id"
    joined += " JOIN articles_claim was ON was.guide_revision_id = p.live_revision_id"
    _insert(cursor, Claim, {"guide_revision_id": "g.live_revision_id"}, joined)
    backing = Claim._meta.get_field("sources").remote_field.through._meta.db_table
    cursor.execute(
        f"INSERT INTO {backing} (claim_id, source_id) SELECT made.id, b.source_id FROM {joined}"
        " JOIN articles_claim made ON made.guide_revision_id = g.live_revision_id"
        f" AND made.position = was.position JOIN {backing} b ON b.claim_id = was.id"
    )


def _copy_links(cursor, through: type[models.Model], column: str, was: str) -> None:
    table = through._meta.db_table
    others = [field.column for field in through._meta.concrete_fields if field.column not in ("id", column)]
    cursor.execute(
        f"INSERT INTO {table} ({column}, {', '.join(others)}) SELECT p.id, {', '.join(others)}"
        f" FROM pairs p JOIN {table} was ON {was} = p.original"
    )


def _copy_entries(cursor) -> None:
    """What searching keeps of each copy, as articles.search would make it."""
    titled = words.stems(MARK)
    stems = " ".join(titled)
    own = {
        "number": "p.id",
        "path": f"'/guides/{SLUG}' || p.n || '/'",
        "title": f"left(was.title, 100) || ' ({MARK.lower()} ' || p.n || ')'",
        "title_stems": f"was.title_stems || '{stems} ' || p.n || ' '",
        "text": f"was.text || E'\\n{MARK} ' || p.n || ': ' || own.words",
    }
    source = "pairs p JOIN own USING (n) JOIN articles_searchentry was"
    source += " ON was.kind = 'guide' AND was.number = p.original"
    _insert(cursor, SearchEntry, own, source)
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'articles_search_words_gin'")
    (index,) = cursor.fetchone()
    # Made at once it takes minutes; row by row, hours.
    cursor.execute("DROP INDEX articles_search_words_gin")
    cursor.execute(
        f"INSERT INTO {engines.TABLE} (entry_id, words) SELECT made.id, was.words || array_to_tsvector("
        "own.stems || %s::text[] || p.n::text || ('^' || p.n)) FROM pairs p JOIN own USING (n)"
        " JOIN articles_searchentry made ON made.kind = 'guide' AND made.number = p.id"
        " JOIN articles_searchentry entry ON entry.kind = 'guide' AND entry.number = p.original"
        f" JOIN {engines.TABLE} was ON was.entry_id = entry.id",
        [[*titled, *(f"^{stem}" for stem in titled)]],
    )
    cursor.execute(index)
    cursor.execute(
        "UPDATE articles_searchword w SET entries = w.entries + more.texts"
        " FROM (SELECT word, count(DISTINCT n) AS texts FROM own"
        " CROSS JOIN unnest(string_to_array(own.words, ' ')) AS word GROUP BY word) more"
        " WHERE w.word = more.word"
    )


def _insert(cursor, model: type[models.Model], own: dict[str, str], source: str) -> None:
    """Rows of `model` like those of `source`, called "was" there, but for the columns named in `own`."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = [own.get(column, f'was."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(values)} FROM {source}")
