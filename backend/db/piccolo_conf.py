"""Piccolo's own commands find the engine and the one application here."""

from piccolo.conf.apps import AppRegistry

from backend.db.engine import DATABASE

DB = DATABASE
APP_REGISTRY = AppRegistry(apps=["backend.db.piccolo_app"])
