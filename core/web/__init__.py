"""Addresses for machines: health, problems. Views are thin: parse, one call, answer."""
