"""The web application."""

from typing import Any

from flask import Flask, redirect
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from core import admin, api
from core.app_limits import limiter
from core.jobs import redis
from core.ports import World
from core.schema import MIGRATIONS
from core.store.base import Base
from core.web import automations, events, health, metrics, problems
from core.web.bells import Porter
from core.web.doors import Door, Doors

LARGEST = 1024 * 1024
POLICY = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self' data:",
    "object-src": "'none'",
}
SESSION_SECONDS = 14 * 24 * 3600


class Tables(DeclarativeBase):
    """Our tables as Flask-SQLAlchemy takes them: it copies its base class, which one with a type map won't survive."""

    metadata = Base.metadata


class Database(SQLAlchemy):
    """Flask's session on the engine of the world: one engine a process, with the settings that keep SQLite safe."""

    def __init__(self, engine: Engine) -> None:
        self._given = engine
        super().__init__(model_class=Tables, session_options={"expire_on_commit": False, "autoflush": False})

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        return self._given


def create_app(world: World) -> Flask:
    """The application in `world`, which is found again as `app.extensions["spojka"]`."""
    app = Flask("core.web", template_folder="templates", static_folder=None)
    app.extensions["spojka"] = world
    app.config.update(_config(world))
    database = Database(world.engine)
    database.init_app(app)
    Migrate(app, database, directory=str(MIGRATIONS))
    limiter.init_app(app)
    _harden(app, world)
    problems.init(app)
    app.register_blueprint(health.blueprint)
    metrics.init(app)
    app.add_url_rule("/", "root", root)
    admin.init(app, world)
    api.init(app)
    app.wsgi_app = Doors(_doors(world), app.wsgi_app)  # type: ignore[method-assign]  # Flask's way
    return app


def _doors(world: World) -> dict[str, dict[str, Door]]:
    return {
        "hooks": {"": Porter(world)},
        "automation": {
            "tags/add": automations.door(world, add=True),
            "tags/remove": automations.door(world, add=False),
        },
        "campaign-events": {"": events.door(world)},
    }


def root() -> Response:
    """People start at the pages."""
    return redirect("/admin/")


def _config(world: World) -> dict[str, Any]:
    return {
        "SECRET_KEY": world.settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": world.settings.database_url,
        "MAX_CONTENT_LENGTH": LARGEST,
        "SESSION_COOKIE_NAME": "spojka",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": _is_https(world),
        "PERMANENT_SESSION_LIFETIME": SESSION_SECONDS,
        "RATELIMIT_STORAGE_URI": _limits_at(redis.address(world.settings)),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_KEY_PREFIX": "spojka",
    }


def _limits_at(url: str) -> str:
    """The limiter's spelling of a Redis address."""
    return "redis+" + url if url.startswith("unix:") else url


def _is_https(world: World) -> bool:
    return world.settings.public_url.startswith("https://")


def _harden(app: Flask, world: World) -> None:
    """Headers and, behind a proxy with https, the caller's own address and scheme."""
    secure = _is_https(world)
    if secure:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]  # Flask's way
    Talisman(
        app,
        content_security_policy=POLICY,
        force_https=False,
        frame_options="DENY",
        referrer_policy="same-origin",
        session_cookie_secure=secure,
        strict_transport_security=secure,
    )
