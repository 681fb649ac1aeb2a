"""The portal's own settings, and one more address: the bare view that the pages are measured against."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
