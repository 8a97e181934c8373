from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0012"
VERSION = "1.38.0"
DESCRIPTION = "Series of sessions, and what a forecast was last told"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0012_schedules.sql"))
    return manager
