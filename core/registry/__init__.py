"""Which plugins there are, and the only way to call them."""

from core.registry.calling import Caller, PluginFault
from core.registry.loading import Broken, Registry, UnknownPlugin, load

__all__ = ["Broken", "Caller", "PluginFault", "Registry", "UnknownPlugin", "load"]
