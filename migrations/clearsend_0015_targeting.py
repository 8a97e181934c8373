from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0015"
VERSION = "1.38.0"
DESCRIPTION = "Who gets it: target groups, caps, hours, and the legal table"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0015_targeting.sql"))
    return manager
