from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0033"
VERSION = "1.38.0"
DESCRIPTION = "What credits cost in money, who sells and who buys, and the documents about it"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0033_billing.sql"))
    return manager
