from django.db import migrations, models
from django.utils import timezone

TAKEN = (
    *("admin", "check-an-offer", "emergency", "estimate", "evidence", "feeds", "glossary", "guides"),
    *("health", "quote", "search", "static", "treatments", "trials"),
)


def make_way(apps, schema_editor):
    """Pages at addresses that the site now needs itself move beside them; the trail says so."""
    pages, trail = apps.get_model("portal", "Page"), apps.get_model("portal", "AuditEvent")
    for page in pages.objects.filter(slug__in=TAKEN).order_by("pk"):
        old, page.slug = page.slug, free_address(pages, f"{page.slug}-page")
        page.save(update_fields=["slug"])
        trail.objects.create(
            at=timezone.now(),
            actor_name="machine",
            action="page.renamed",
            target_type="portal.page",
            target_id=str(page.pk),
            target_label=page.title,
            detail={"from": old, "to": page.slug},
        )


def free_address(pages, wished):
    address, number = wished, 2
    while pages.objects.filter(slug=address).exists():
        address, number = f"{wished}-{number}", number + 1
    return address


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_pages_hidden_and_kept")]

    operations = [
        migrations.RunPython(make_way, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="page", name="page_address_free"),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__in", tuple(sorted(TAKEN))), _negated=True),
                name="page_address_free",
                violation_error_message="This address belongs to another part of the site. Choose another.",
            ),
        ),
    ]
