from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0041"
VERSION = "1.41.0"
DESCRIPTION = "Messages are found by their key, also where a partition is empty"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0041_younger_key.sql"))
    return manager
