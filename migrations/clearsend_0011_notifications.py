from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0011"
VERSION = "1.38.0"
DESCRIPTION = "Notices, mails, confirmed addresses, forgotten passwords, invitations"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0011_invitations.sql"))
    manager.add_raw(sql_file(ID, "0011_notifications.sql"))
    return manager
