"""The house. Private: nobody outside imports it."""
