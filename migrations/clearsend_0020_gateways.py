from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0020"
VERSION = "1.38.0"
DESCRIPTION = "Several gateways: choice, health, limits; turns of tenants by weight"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0020_gateways.sql"))
    manager.add_raw(sql_file(ID, "0020_fairness.sql"))
    return manager
