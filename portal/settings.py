"""Settings, read once from the environment, in a fixed order: needed first, then what is built on it.

Unless DEVELOPMENT is on, a missing SECRET_KEY, SITE_URL, ALLOWED_HOSTS, DATABASE_URL, CONTACT_EMAIL,
STAFF_EMAILS or EMAIL_HOST stops the start and names the variable with an example; so does a value that
cannot be read, in development too. The table is in the README.
"""

import logging
import re
import secrets
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env, EnvError
from whitenoise.compress import Compressor

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()


def listed(text: str) -> list[str]:
    """Comma-separated text as a list without blanks: ' a , b,' -> ['a', 'b']."""
    return [word.strip() for word in text.split(",") if word.strip()]


def words(name: str) -> list[str]:
    return listed(env.str(name, ""))


def refused(name: str, why: str, example: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {why}. Set it, for example {name}={example}")


def number(name: str, default: int) -> int:
    try:
        return env.int(name, default)
    except EnvError:
        raise refused(name, "is not a whole number", str(default)) from None


def switch(name: str, default: bool) -> bool:
    try:
        return env.bool(name, default)
    except EnvError:
        raise refused(name, "is neither true nor false", str(default).lower()) from None


def needed(name: str, example: str, development: str) -> str:
    """The variable's text; outside development it must be there."""
    value = env.str(name, "").strip()
    if value or DEVELOPMENT:
        return value or development
    raise refused(name, "is not set", f"{example} (or DEVELOPMENT=true to try the site on this machine)")


def development_key() -> str:
    """A secret of this machine's own, made once, so that no published key ever signs anything."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


# --- What kind of start this is -----------------------------------------------------------------
# Off unless asked for: a forgotten variable must give the strict site, never the open one.
DEVELOPMENT = switch("DEVELOPMENT", False)
DEBUG = DEVELOPMENT and switch("DEBUG", False)

# --- Needed in production -----------------------------------------------------------------------
KEY_EXAMPLE = "$(openssl rand -base64 48)"
SITE_EXAMPLE = "https://www.example.org"
DATABASE_EXAMPLE = "postgres://portal:password@db.example.org/portal"
PORT = number("PORT", 8000)  # of `make run`; a server of its own is told by its own options
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()
SECRET_KEY = needed("SECRET_KEY", KEY_EXAMPLE, development_key() if DEVELOPMENT else "")
if len(SECRET_KEY) < 50:
    raise refused("SECRET_KEY", "is shorter than 50 characters", KEY_EXAMPLE)
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")
SITE_URL = needed("SITE_URL", SITE_EXAMPLE, f"http://127.0.0.1:{PORT}").rstrip("/")
if not re.fullmatch(r"https?://[^/?#@\s]+", SITE_URL):
    raise refused("SITE_URL", "is not https:// and a name, without a path", SITE_EXAMPLE)
ALLOWED_HOSTS = listed(needed("ALLOWED_HOSTS", "www.example.org", "localhost,127.0.0.1,[::1]"))
DATABASE_URL = needed("DATABASE_URL", DATABASE_EXAMPLE, f"sqlite:///{VAR_DIR}/portal.sqlite3")
CONTACT_EMAIL = needed("CONTACT_EMAIL", "help@example.org", "help@portal.invalid")
STAFF_EMAILS = listed(needed("STAFF_EMAILS", "desk@example.org", CONTACT_EMAIL))
EMAIL_HOST = needed("EMAIL_HOST", "smtp.example.org", "")

# --- What the site is ---------------------------------------------------------------------------
SITE_NAME = env.str("SITE_NAME", "Second Look")
# The programme for professionals that the footer names; a link to another organisation.
PROFESSIONAL_PROGRAMME_URL = env.str(
    "PROFESSIONAL_PROGRAMME_URL", "https://www.medicaltourism.com/certification/cmtp"
)

INSTALLED_APPS = [
    "portal",
    "articles",
    "quotes",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_countries",
    "django_prose_editor",
    "js_asset",
    "csp",
    "portal.admin_site.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "portal.middleware.RequestId",
    "portal.middleware.PrivateAddress",
    "portal.middleware.ClientAddress",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "portal.middleware.SessionCookie",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.CommonByAnyName",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "portal.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.context.site",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# --- Database and cache -------------------------------------------------------------------------
try:
    DATABASE = dj_database_url.parse(
        DATABASE_URL, conn_max_age=number("CONN_MAX_AGE", 60), conn_health_checks=True
    )
except ValueError:
    raise refused("DATABASE_URL", "is not the address of a database", DATABASE_EXAMPLE) from None
DATABASES = {"default": DATABASE}
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASE["CONN_MAX_AGE"] = 0
    DATABASE["OPTIONS"] = {
        # The default, DEFERRED, answers "database is locked" as soon as two requests write.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    # A file, not memory: tests of simultaneous requests need the locks that readers will meet.
    DATABASE["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

REDIS_URL = env.str("REDIS_URL", "")
# Holds finished reading pages, nothing that must last: portal.shelf does without it when it is away.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 1000},  # some 20 KB each, in each process
    }
}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Drawing a page anew takes less time than waiting longer than this.
        "OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25},
    }
# While templates are being written each visit shows them as they are.
KEEP_PAGES = not DEBUG

# --- Passwords, sign-in, sessions ---------------------------------------------------------------
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_ENGINE = "portal.sessions"
SESSION_COOKIE_AGE = 8 * 60 * 60  # a working day for staff; a request form sets its own two hours
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None  # ends with the browser session
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Safety -------------------------------------------------------------------------------------
# Networks of our own proxies; what anybody else writes into X-Forwarded-For is not believed.
TRUSTED_PROXIES = words("TRUSTED_PROXIES")
BEHIND_TLS = urlsplit(SITE_URL).scheme == "https"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_HSTS_SECONDS = number("HSTS_SECONDS", 31_536_000) if BEHIND_TLS else 0
# Both bind other sites of the same domain, the second for years: their owner decides.
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS and switch("HSTS_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = BEHIND_TLS and switch("HSTS_PRELOAD", False)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its form marks as data: pictures
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# The longest text (portal.rich_text.LONGEST) in a browser's writing: %D8%AE for one Arabic letter. What
# a proxy lets through (deploy/portal-proxy.conf) is a little more.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["portal.uploads.NoFiles"]

# --- Words and times ----------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en-gb")
LANGUAGES = [("en-gb", _("English")), ("ar", _("Arabic"))]
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True
FORMAT_MODULE_PATH = "portal.formats"
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]

# --- Static files -------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# 500.html names its style by plain path: the list of hashed names may be what broke.
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
# The editor's source map alone takes as long to compress as all the rest together.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# --- Letters ------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if not EMAIL_HOST:  # only in development: letters become files
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_USE_SSL = switch("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = switch("EMAIL_USE_TLS", not EMAIL_USE_SSL)
if EMAIL_USE_SSL and EMAIL_USE_TLS:
    raise refused("EMAIL_USE_TLS", "and EMAIL_USE_SSL exclude each other", "false")
EMAIL_PORT = number("EMAIL_PORT", 465 if EMAIL_USE_SSL else 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_TIMEOUT = 20
# Quoted where it must be: "Second Look, Stroke" holds a comma.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("FROM_EMAIL", "").strip() or formataddr(
    (SITE_NAME, CONTACT_EMAIL)
)
if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(DEFAULT_FROM_EMAIL)[1]):
    raise refused("FROM_EMAIL", "is not an address", "Second Look <help@example.org>")

# --- Log ----------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in logging.getLevelNamesMapping():
    raise refused("LOG_LEVEL", "is not the name of a level", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "portal.log.Line",
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        "django.server": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
    },
}
