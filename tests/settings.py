"""The portal's own settings, and what only tests need. Production knows nothing of it."""

import os

os.environ["DEVELOPMENT"] = "true"

from portal.settings import *  # noqa: F403
from portal.settings import STORAGES

# Static files are taken where they are written; nothing needs to be collected first.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
