"""The API for programs, under /api/v1: bearer tokens, JSON, problem+json."""

from core.api.views import blueprint, init

__all__ = ["blueprint", "init"]
