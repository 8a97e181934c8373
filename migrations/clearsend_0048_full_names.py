from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0048"
VERSION = "1.48.0"
DESCRIPTION = "First and last names that are attributes are searched as names are"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0048_full_names.sql"))
    return manager
