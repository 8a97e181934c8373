from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0047"
VERSION = "1.47.0"
DESCRIPTION = "No old sample of tenants is believed"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0047_no_samples_of_tenants.sql"))
    return manager
