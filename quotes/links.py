"""Secret links and references. Pure.

Our tables keep of a secret only its digest. The secret itself stands in two places, for a time: for two hours
in the session of the browser that sent the request, which names the link again on a reload; and in the unsent
letter, until the worker has sent it, or until it has been among the failed ones for 30 days (portal.mail).

The secret that a form gets when it is begun makes sending it twice one request (`QuoteRequest.submission`)
and becomes the request's first private link (`PrivateLink.digest`).
"""

import hashlib
import secrets

# No vowels, so that no word appears by chance, and nothing that is misread on the telephone.
REFERENCE_SIGNS = "CDFHJKMNPQRTVWX34679"


def make() -> str:
    """A new secret of 192 random bits, fit for an address."""
    return secrets.token_urlsafe(24)


def digest(secret: str) -> str:
    """What is stored of a secret: its SHA-256 in 64 hexadecimal digits. Any text is taken."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def reference() -> str:
    """A new name for a request, to be read aloud, like SL-4MXQ-TJD9. It opens nothing."""
    signs = "".join(secrets.choice(REFERENCE_SIGNS) for _ in range(8))
    return f"SL-{signs[:4]}-{signs[4:]}"
