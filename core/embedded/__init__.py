"""The embedded list: an audience whose profiles live in Spojka's own database (`--audience local`)."""

from core.embedded.audience import LocalAudience, LocalPlugin
from core.embedded.manifest import MANIFEST
from core.embedded.tables import LocalList, LocalProfile

__all__ = ["MANIFEST", "LocalAudience", "LocalList", "LocalPlugin", "LocalProfile"]
