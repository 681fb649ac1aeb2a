"""The portal's own settings, and what only tests need. Production knows nothing of it."""

import os

os.environ["DEVELOPMENT"] = "true"

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "tests"]  # its `flush`
# Static files are taken where they are written; nothing needs to be collected first.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# Many tests write records past the verbs; those of the cache turn it on (fixture `kept_pages`, or a server
# of their own that is told so).
KEEP_PAGES = os.environ.get("KEEP_PAGES") == "true"
