from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0008"
VERSION = "1.38.0"
DESCRIPTION = "Billing: price lists as versions, top-ups entered by finance"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0008_billing.sql"))
    return manager
