from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0024"
VERSION = "1.38.0"
DESCRIPTION = "The desk's numbers by the hour, and decisions to be found again"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0024_desk_numbers.sql"))
    return manager
