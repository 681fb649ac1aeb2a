"""Why a letter could not be sent, in plain words. Pure: reads what portal.mail keeps of an error."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Words = str | Promise

OURS = _("Our own mail server could not be reached. Tell who keeps the site.")
LATER = _("The other mail server asked us to come back later: it is busy, or the mailbox is full.")
UNWRITTEN = _("The letter could not be written, through a fault of the portal. Tell who keeps the site.")

# Before what went wrong with a letter whose content has been cleared away.
FORGOTTEN = "forgotten: "
TOO_OLD = _("The letter is too old to send again: what it said was cleared away.")

# By the class of the error, the first word of what is kept.
WHY: Mapping[str, Words] = {
    "SMTPRecipientsRefused": _(
        "The other mail server does not take letters for this address. It may be mistyped or closed."
    ),
    "SMTPDataError": _("The other mail server did not take the letter, perhaps as unwanted mail."),
    "SMTPSenderRefused": _("Our sender address was refused. Tell who keeps the site."),
    "SMTPAuthenticationError": _("Our own mail server did not take our password. Tell who keeps the site."),
    "worker": _("The worker stopped while it was sending this letter. It may have gone out all the same."),
} | dict.fromkeys(
    (
        *("SMTPServerDisconnected", "SMTPConnectError", "SMTPHeloError", "SMTPNotSupportedError"),
        *("ConnectionRefusedError", "ConnectionResetError", "TimeoutError", "gaierror", "OSError"),
        *("SSLError", "SSLCertVerificationError", "SSLEOFError", "BrokenPipeError"),
    ),
    OURS,
)
UNWRITTEN_WHEN = (
    *("TemplateDoesNotExist", "TemplateSyntaxError", "NoReverseMatch", "KeyError", "IndexError"),
    *("AttributeError", "TypeError", "ValueError", "UnicodeError", "ZeroDivisionError"),
)


def why(last_error: str) -> Words:
    """'SMTPRecipientsRefused 550' in words; '' where nothing went wrong or nothing is known."""
    if last_error.startswith(FORGOTTEN):
        reason = why(last_error.removeprefix(FORGOTTEN))
        return format_lazy("{} {}", reason, TOO_OLD) if reason else TOO_OLD
    kind, _space, codes = last_error.partition(" ")
    if kind in ("SMTPRecipientsRefused", "SMTPDataError") and codes.startswith("4"):
        return LATER
    return UNWRITTEN if kind in UNWRITTEN_WHEN else WHY.get(kind, "")
