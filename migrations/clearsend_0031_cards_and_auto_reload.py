from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0031"
VERSION = "1.38.0"
DESCRIPTION = "Saved cards, and credits bought by themselves below a threshold"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0031_cards_and_auto_reload.sql"))
    return manager
