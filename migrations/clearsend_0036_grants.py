from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0036"
VERSION = "1.36.0"
DESCRIPTION = "Grants of one clerk are added up; above the limit they wait for a second person"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0036_grants.sql"))
    return manager
