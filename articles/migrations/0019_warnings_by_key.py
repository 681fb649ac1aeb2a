import re

from django.db import migrations

# Until now a warning was known by its words, and they were English: there was no other catalogue.
QUOTED = re.compile("“(.*)”", re.DOTALL)
UNDER = re.compile("(Easy version, under|Under) “(.*)”", re.DOTALL)
BEGINNINGS = {"The beginning of the text": "text: ", "Easy version, the beginning": "easy: "}
STATES = {
    "was retracted.": "retracted",
    "was superseded by a newer one.": "superseded",
    "is a trial that was stopped early.": "terminated",
}


def key_of(code, place, message):
    """What a warning is about, as articles.checks.of_text says it; None where its words do not tell."""
    quoted = QUOTED.search(message)
    if code == "few_key_points":
        return "key points"
    if code == "few_questions":
        return "questions"
    if code == "grade_high":
        return found[0] if (found := re.findall(r"[0-9]+(?:[.][0-9]+)?", message)) else None
    if code == "number_to_check" and quoted:
        return f"{spot_of(place)}\n{quoted[1]}"
    if code == "source_not_current" and quoted:
        state = STATES.get(message[quoted.end() :].strip())
        return f"{spot_of(place)}\n{quoted[1]} {state}" if state else None
    return None


def spot_of(place):
    if under := UNDER.fullmatch(place):
        return f"{'text' if under[1] == 'Under' else 'easy'}: {under[2]}"
    return BEGINNINGS.get(place, place.replace("Claim ", "claim "))


def name_by_key(apps, schema_editor):
    """Give each warning that was left standing its key; one whose words do not tell it comes up again."""
    for kind in ("GuideRevision", "TreatmentRevision"):
        texts = apps.get_model("articles", kind).objects.exclude(overrides=[])
        for text in texts.only("overrides").iterator(chunk_size=200):
            for one in text.overrides:
                key = key_of(one["code"], one["place"], one["message"])
                one.update({} if key is None else {"key": key})
            texts.filter(pk=text.pk).update(overrides=text.overrides)


class Migration(migrations.Migration):
    dependencies = [("articles", "0018_reviews_watched")]

    operations = [migrations.RunPython(name_by_key, migrations.RunPython.noop)]
