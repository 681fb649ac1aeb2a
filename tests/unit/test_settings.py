"""Settings in a process of their own, started as a server would start them."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string

WHOLE = {
    "SECRET_KEY": "cT5f0kXw" * 8,
    "SITE_URL": "https://www.example.org",
    "ALLOWED_HOSTS": "www.example.org",
    "DATABASE_URL": "postgres://portal:password@db.example.org/portal",
    "CONTACT_EMAIL": "help@example.org",
    "STAFF_EMAILS": "desk@example.org",
    "EMAIL_HOST": "smtp.example.org",
}
CODE = """
import json, sys
from portal import settings
json.dump({name: getattr(settings, name) for name in sys.argv[1:]}, sys.stdout)
"""


def start(environment, *names):
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", CODE, *names],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read(environment, *names):
    ended = start(environment, *names)
    assert ended.stderr == ""
    return json.loads(ended.stdout)


def refusal(environment):
    """The last line a server writes when it does not start."""
    ended = start(environment)
    assert ended.returncode == 1
    return ended.stderr.strip().splitlines()[-1].removeprefix("django.core.exceptions.ImproperlyConfigured: ")


EXAMPLES = {
    "SECRET_KEY": "$(openssl rand -base64 48)",
    "SITE_URL": "https://www.example.org",
    "ALLOWED_HOSTS": "www.example.org",
    "DATABASE_URL": "postgres://portal:password@db.example.org/portal",
    "CONTACT_EMAIL": "help@example.org",
    "STAFF_EMAILS": "desk@example.org",
    "EMAIL_HOST": "smtp.example.org",
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_missing_is_named_with_an_example(name):
    assert refusal({key: value for key, value in WHOLE.items() if key != name}) == (
        f"{name} is not set. Set it, for example {name}={EXAMPLES[name]}"
        " (or DEVELOPMENT=true to try the site on this machine)"
    )


def test_blank_is_missing():
    assert refusal(WHOLE | {"EMAIL_HOST": " "}).startswith("EMAIL_HOST is not set.")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is shorter than 50 characters."),
        ("SITE_URL", "www.example.org", "SITE_URL is not https:// and a name, without a path."),
        (
            "SITE_URL",
            "https://www.example.org/portal",
            "SITE_URL is not https:// and a name, without a path.",
        ),
        ("DATABASE_URL", "db.example.org", "DATABASE_URL is not the address of a database."),
        ("PORT", "abc", "PORT is not a whole number. Set it, for example PORT=8000"),
        ("EMAIL_PORT", "smtp", "EMAIL_PORT is not a whole number. Set it, for example EMAIL_PORT=587"),
        ("CONN_MAX_AGE", "1h", "CONN_MAX_AGE is not a whole number."),
        ("HSTS_SECONDS", "year", "HSTS_SECONDS is not a whole number."),
        ("DEVELOPMENT", "perhaps", "DEVELOPMENT is neither true nor false."),
        ("EMAIL_USE_TLS", "2", "EMAIL_USE_TLS is neither true nor false."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is not the name of a level."),
    ],
)
def test_what_cannot_be_read_is_named(name, value, message):
    assert refusal(WHOLE | {name: value}).startswith(message)


def test_a_refusal_does_not_repeat_a_password():
    assert "hunter2" not in start(WHOLE | {"DATABASE_URL": "postgres://u:hunter2@db:port/x"}).stderr


def test_the_two_kinds_of_encryption_exclude_each_other():
    both = WHOLE | {"EMAIL_USE_SSL": "true", "EMAIL_USE_TLS": "true"}
    assert refusal(both).startswith("EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other.")


def test_production_is_strict_without_being_asked():
    assert read(
        WHOLE,
        "DEVELOPMENT",
        "DEBUG",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "EMAIL_USE_TLS",
        "EMAIL_PORT",
        "EMAIL_BACKEND",
    ) == {
        "DEVELOPMENT": False,
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "EMAIL_USE_TLS": True,
        "EMAIL_PORT": 587,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    }


HSTS = ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")


def test_other_sites_of_the_domain_are_bound_only_when_asked():
    assert read(WHOLE, *HSTS) == dict.fromkeys(HSTS, False)
    asked = WHOLE | {"HSTS_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}
    assert read(asked, *HSTS) == dict.fromkeys(HSTS, True)


def test_debug_needs_development():
    assert read(WHOLE | {"DEBUG": "true"}, "DEBUG") == {"DEBUG": False}


def test_lists_are_stripped():
    hosts = read(WHOLE | {"ALLOWED_HOSTS": " a.example , b.example,"}, "ALLOWED_HOSTS")
    assert hosts == {"ALLOWED_HOSTS": ["a.example", "b.example"]}


def test_development_needs_nothing_and_keeps_a_secret_of_its_own(tmp_path):
    here = {"DEVELOPMENT": "true", "VAR_DIR": str(tmp_path)}
    first, second = (read(here, "SECRET_KEY", "EMAIL_BACKEND", "SITE_URL") for _ in range(2))
    assert first == second
    assert len(first["SECRET_KEY"]) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert first["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert first["SITE_URL"] == "http://127.0.0.1:8000"


def test_the_port_is_in_the_address(tmp_path):
    here = {"DEVELOPMENT": "true", "VAR_DIR": str(tmp_path), "PORT": "8080"}
    assert read(here, "SITE_URL") == {"SITE_URL": "http://127.0.0.1:8080"}


def managed(environment, *command):
    """`manage.py <command>`, in these settings alone."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def checked(environment):
    return managed(environment, "check", "--deploy", "--fail-level", "WARNING")


def test_the_page_of_a_failure_finds_its_style_where_static_files_are_collected(tmp_path):
    """It names files by plain path, which a storage of hashed names may throw away."""
    ended = managed(WHOLE | {"VAR_DIR": str(tmp_path)}, "collectstatic", "--no-input", "--verbosity", "0")
    assert (ended.returncode, ended.stderr) == (0, "")
    linked = re.findall(r'<link rel="[^"]*" href="/static/([^"]+)"', render_to_string("500.html"))
    assert linked == ["portal/favicon.svg", "portal/portal.css"]
    assert [name for name in linked if not (tmp_path / "static" / name).is_file()] == []


def test_django_s_own_checks_find_nothing_in_production_settings():
    decided = {"TRUSTED_PROXIES": "10.0.0.0/8", "HSTS_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}
    ended = checked(WHOLE | decided | {"DATABASE_URL": "sqlite://:memory:"})
    assert (ended.returncode, ended.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_a_site_on_this_machine_is_not_fit_to_deploy(tmp_path):
    ended = checked({"DEVELOPMENT": "true", "VAR_DIR": str(tmp_path)})
    assert ended.returncode == 1
    assert "(portal.E001) DEVELOPMENT is on" in ended.stderr


@pytest.mark.parametrize(
    "name", ["Second Look, Stroke", "Second Look: stroke", "A; B", "A@B", "Look [UK]", "Zürich"]
)
def test_whatever_the_site_is_called_its_letters_have_a_sender(name):
    (sender,) = read(WHOLE | {"SITE_NAME": name}, "DEFAULT_FROM_EMAIL").values()
    assert sanitize_address(sender, "utf-8").endswith("<help@example.org>")


def test_an_empty_sender_is_none():
    assert read(WHOLE | {"FROM_EMAIL": " "}, "DEFAULT_FROM_EMAIL") == {
        "DEFAULT_FROM_EMAIL": "Second Look <help@example.org>"
    }


@pytest.mark.parametrize("sender", ["help", "Second Look, Stroke <help@example.org>", "a b@example.org"])
def test_a_sender_that_is_no_address_is_refused(sender):
    assert refusal(WHOLE | {"FROM_EMAIL": sender}).startswith("FROM_EMAIL is not an address")


def test_the_level_of_the_log_is_that_of_every_line():
    logging = read(WHOLE | {"LOG_LEVEL": "error"}, "LOGGING")["LOGGING"]
    levels = {logging["root"]["level"], *(logger["level"] for logger in logging["loggers"].values())}
    assert levels == {"ERROR"}


def test_only_who_asks_for_it_gets_the_open_site():
    code = "import pytest; from portal import settings"
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "SECRET_KEY is not set" in ended.stderr
