"""What stands between a text and its readers: `quality` is the list of all checks. Pure."""
