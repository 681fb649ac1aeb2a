import pytest

from portal import checks

FIT = {
    "DEVELOPMENT": False,
    "DEBUG": False,
    "SITE_URL": "https://www.example.org",
    "BEHIND_TLS": True,
    "TRUSTED_PROXIES": ["10.0.0.0/8"],
    "CONTACT_EMAIL": "help@example.org",
    "STAFF_EMAILS": ["desk@example.org"],
    "ALLOWED_HOSTS": ["www.example.org"],
}
ALL = (
    checks.development_is_off,
    checks.debug_is_off,
    checks.site_is_reached_by_https,
    checks.proxies_are_networks,
    checks.somebody_is_written_to,
    checks.hosts_are_named,
)


@pytest.fixture
def found(settings):
    """Ids of what all checks say about these settings."""

    def check(**changes):
        for name, value in (FIT | changes).items():
            setattr(settings, name, value)
        return [message.id for check in ALL for message in check(None)]

    return check


def test_settings_that_are_fit(found):
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({"DEVELOPMENT": True}, ["portal.E001"]),
        ({"DEBUG": True}, ["portal.E002"]),
        ({"SITE_URL": "http://www.example.org", "BEHIND_TLS": False}, ["portal.E003"]),
        ({"TRUSTED_PROXIES": ["proxy.example.org"]}, ["portal.E004"]),
        ({"TRUSTED_PROXIES": ["0.0.0.0/0"]}, ["portal.E005"]),
        ({"TRUSTED_PROXIES": ["10.0.0.0/8", "::/0"]}, ["portal.E005"]),
        ({"TRUSTED_PROXIES": []}, ["portal.I006"]),
        ({"STAFF_EMAILS": []}, ["portal.E007"]),
        ({"STAFF_EMAILS": ["desk@example.org", "desk"]}, ["portal.E008"]),
        ({"CONTACT_EMAIL": "help@portal.invalid"}, ["portal.E008"]),
        ({"ALLOWED_HOSTS": ["*"]}, ["portal.W009"]),
    ],
)
def test_what_is_not(found, changes, ids):
    assert found(**changes) == ids
