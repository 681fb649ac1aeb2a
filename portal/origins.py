"""Whether a form was sent from a page of ours, for forms without a token: their readers have no cookie."""

from django.http import HttpRequest


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the browser says that a page of another site sent this. An old browser says nothing."""
    where = request.headers.get("Sec-Fetch-Site")
    if where:
        return where not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and origin != f"{request.scheme}://{request.get_host()}"
