import pytest
from django.contrib.admin import site

from portal import roles
from portal.admin_bases import what_was_listed
from quotes.models import QuoteRequest
from tests import builders


@pytest.mark.django_db
def test_the_trail_keeps_of_an_address_what_every_database_can_hold(rf):
    plain, odd = rf.get("/"), rf.get("/", {"stage": "re\0ceived" + "x" * 100})
    plain.user = builders.staff(roles.COORDINATOR)
    changelist = site.get_model_admin(QuoteRequest).get_changelist_instance(plain)
    said = what_was_listed(odd, changelist)
    assert said == {"filters": {"stage": "received" + "x" * 72}, "searched": False, "count": 0}
