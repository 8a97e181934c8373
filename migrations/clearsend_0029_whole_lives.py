from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0029"
VERSION = "1.38.0"
DESCRIPTION = "Notices of shortfalls and pauses, erased people, idempotency keys with an end"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0029_whole_lives.sql"))
    return manager
