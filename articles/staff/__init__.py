"""Where staff write, review and look after texts, in Django's admin."""
