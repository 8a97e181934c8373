from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0042"
VERSION = "1.42.0"
DESCRIPTION = "Subscribers are found by their key, also where few were counted"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0042_people_by_their_key.sql"))
    return manager
