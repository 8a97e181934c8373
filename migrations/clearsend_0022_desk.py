from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0022"
VERSION = "1.38.0"
DESCRIPTION = "The desk: lanes, votes, notes, appeals, rules as data"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0022_desk.sql"))
    return manager
