from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0032"
VERSION = "1.38.0"
DESCRIPTION = (
    "Purchases, the inbox of Stripe's events, refunds, disputes, and what finance must see"
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0032_purchases.sql"))
    return manager
