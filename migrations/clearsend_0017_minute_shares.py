from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0017"
VERSION = "1.38.0"
DESCRIPTION = "Minutes of a session are counted in shares"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0017_minute_shares.sql"))
    return manager
