from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0040"
VERSION = "1.40.0"
DESCRIPTION = "Totals of contacts are rewritten on their page"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0040_contact_totals.sql"))
    return manager
