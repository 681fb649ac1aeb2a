from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_bidi


def site(request: HttpRequest) -> dict[str, object]:
    """What every page needs. Never the user, a session or a CSRF token: reading pages stay cookie-free."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        # Real letters and real staff come with production settings; before, nobody may believe in them.
        "demonstration_site": settings.DEVELOPMENT,
        "contact_email": settings.CONTACT_EMAIL,
        "professional_programme_url": settings.PROFESSIONAL_PROGRAMME_URL,
        "page_language": get_language(),
        "page_direction": "rtl" if get_language_bidi() else "ltr",
        "canonical_url": settings.SITE_URL + request.path,
    }
