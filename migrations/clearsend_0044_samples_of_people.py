from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0044"
VERSION = "1.44.0"
DESCRIPTION = "Whose texts a dry run shows; second factors can be renamed"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0044_samples_of_people.sql"))
    return manager
