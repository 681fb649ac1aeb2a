"""Searching beside the bare SQL under it, in turns on one connection. Run inside the site's settings."""

import json
import random
import time

from django.db import connection

from articles import search

QUERIES = 200
WARM = 20
# What readers ask about; common words among them, which stand in most of the texts.
WORDS = """
arm walking speech memory swallowing balance sleep mood fatigue nurse hospital rehabilitation exercise
therapist family carer journey cost insurance consent trial placebo control evidence registry cell marrow
blood brain artery clot bleeding pressure medicine tumour infection immune donor ethics law regulator price
follow-up question doctor second opinion hope recovery plateau spasticity pain vision hand shoulder
""".split()  # noqa: SIM905 # read as prose


def main() -> None:
    """Print the seconds that each took, as JSON: {"bare": […], "query": […]}."""
    drawn = random.Random(7)  # noqa: S311 # the same questions in every run
    typed = [" ".join(drawn.sample(WORDS, drawn.randint(1, 3))) for _number in range(QUERIES + WARM)]
    times = [(_timed(_bare, words), _timed(search.query, words)) for words in typed][WARM:]
    print(json.dumps({"bare": [bare for bare, _ in times], "query": [query for _, query in times]}))


def _timed(act, words: str) -> float:
    began = time.perf_counter()
    act(words)
    return time.perf_counter() - began


def _bare(words: str) -> None:
    statement = search.bare(words)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.parameters)
        cursor.fetchall()
