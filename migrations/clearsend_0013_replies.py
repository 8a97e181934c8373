from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0013"
VERSION = "1.38.0"
DESCRIPTION = "Replies, words that mean something, system messages, suspended tenants, retries"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0013_delivery.sql"))
    manager.add_raw(sql_file(ID, "0013_campaigns.sql"))
    return manager
