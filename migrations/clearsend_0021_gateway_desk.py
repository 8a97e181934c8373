from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0021"
VERSION = "1.38.0"
DESCRIPTION = "The desk of gateways, and codes to tenants' numbers"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0021_gateway_desk.sql", "0021_verifications.sql"))
    return manager
