"""What searching needs of everything that readers may find: one entry each, and the words that occur.

Both are made from the records by articles.search and can be made again (rebuild_search). The index of
the words themselves is a table that Django does not know (articles.search.engines): a tsvector with its
GIN index on PostgreSQL, an FTS5 table on SQLite.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .evidence import Source


class SearchEntry(models.Model):
    """One page or explanation that can be found, as the list of results shows it."""

    class Kind(models.TextChoices):
        GUIDE = "guide", _("guide")
        TREATMENT = "treatment", _("treatment")
        SOURCE = "source", _("source")
        WORD = "word", _("word explained")

    kind = models.CharField(max_length=10, choices=Kind)
    number = models.BigIntegerField()  # of the guide, treatment, source or word
    path = models.CharField(max_length=200)
    language = models.CharField(max_length=12)
    title = models.CharField(max_length=600)
    summary = models.TextField()
    text = models.TextField()
    # Of a source that is not current: what became of it (Source.State).
    state = models.CharField(max_length=20, choices=Source.State, blank=True)
    checked_on = models.DateField(null=True)
    # Between blanks, the stems of the title, of what stands above the text, and of headings and words
    # that come again and again: the ranks of a result (articles.search.engines).
    title_stems = models.TextField()
    summary_stems = models.TextField()
    often_stems = models.TextField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "number"], name="searchentry_one")]

    def __str__(self) -> str:
        return self.path


class SearchWord(models.Model):
    """A word that readers may have meant when they typed another, and in how many entries it stands."""

    word = models.CharField(max_length=40, primary_key=True)
    stem = models.CharField(max_length=40, db_index=True)
    entries = models.IntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word
