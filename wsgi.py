"""The web application, for any WSGI server: `gunicorn wsgi:app`."""

import os

from core.app import create_app
from core.settings import load
from core.world import build_world, serving

app = create_app(serving(build_world(load(os.environ))))
