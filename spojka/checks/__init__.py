"""Contract suites that every adapter must pass; a plugin's tests inherit them."""
