"""The line: doors make mirrors true, `reconcile` decides and carries out. Parts come in as ports."""
