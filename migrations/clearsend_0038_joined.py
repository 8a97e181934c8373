from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0038"
VERSION = "1.38.0"
DESCRIPTION = "Documents published to the finance desk, and those to be paid found by their amount"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0038_joined.sql"))
    return manager
