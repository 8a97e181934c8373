"""One application, one linear history of migrations in the top-level `migrations/`."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

APP_CONFIG = AppConfig(
    app_name="clearsend",
    migrations_folder_path=str(MIGRATIONS),
    table_classes=[],  # the SQL is the schema; tables.py mirrors it and a test compares them
)
