"""How fast the portal is, measured on this machine. A command (`make bench`), not a test."""
