"""The words of each gateway: what it posts."""
