"""Records that are only ever added: nothing changes them, and nothing removes them one by one.

They may still go with the record they belong to (a foreign key that cascades): erasing a patient's
record erases its history.
"""

from django.db import models


class AppendOnly(Exception):
    """Somebody tried to change or remove what may only be added to."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **changes):
        raise AppendOnly(self.model.__name__)

    def delete(self):
        raise AppendOnly(self.model.__name__)

    def bulk_update(self, *args, **options):
        raise AppendOnly(self.model.__name__)


class AppendOnlyModel(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # what Django and others reach for behind `objects` is bound too

    def save(self, *args, **options) -> None:
        if self.pk is not None:
            raise AppendOnly(type(self).__name__)
        super().save(*args, **options)

    def delete(self, *args, **options):
        raise AppendOnly(type(self).__name__)
