from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0007"
VERSION = "1.38.0"
DESCRIPTION = "Gateways, messages, batches, attempts, receipts and their partitions"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0007_gateways.sql", "0007_delivery.sql"))
    return manager
