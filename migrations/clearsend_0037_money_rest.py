from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0037"
VERSION = "1.37.0"
DESCRIPTION = "What one clerk enters in a day, customers replaced, credits taxed when they are used"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0037_money.sql"))
    return manager
