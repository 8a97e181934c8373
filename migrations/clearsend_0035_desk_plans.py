from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0035"
VERSION = "1.38.0"
DESCRIPTION = "An index for what a tenant is known for, and what an erasure may forget"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0035_desk_plans.sql"))
    return manager
