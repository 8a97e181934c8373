from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0046"
VERSION = "1.46.0"
DESCRIPTION = "A tenant nobody has counted is not planned for as a tenant of one"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0046_uncounted_tenants.sql"))
    return manager
