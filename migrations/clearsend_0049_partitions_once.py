from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0049"
VERSION = "1.49.0"
DESCRIPTION = "Two that make or drop the partitions of one day at once do it once"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0049_partitions_once.sql"))
    return manager
