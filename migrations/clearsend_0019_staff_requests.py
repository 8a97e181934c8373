from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0019"
VERSION = "1.38.0"
DESCRIPTION = "Idempotency keys of staff who act at no tenant"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0019_staff_requests.sql"))
    return manager
