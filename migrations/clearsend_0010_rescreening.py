from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0010"
VERSION = "1.38.0"
DESCRIPTION = "Cases of sessions that came back show a fresh dry run"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0010_rescreening.sql"))
    return manager
