"""Who the demo's role cards offer. They exist in demo mode only and log in nowhere else."""

from uuid import UUID

import msgspec

from backend.identity.service.login import DEMO_PASSWORD
from backend.identity.service.tenants import add_account, add_staff, add_tenant
from backend.kernel.principal import StaffRole


class DemoTenant(msgspec.Struct, frozen=True):
    name: str
    owner: str
    email: str
    status: str
    phone: str | None


NORDLYS = DemoTenant(
    "Nordlys Retail", "Ingrid Dahl", "ingrid@nordlys.example", "active", "41234567"
)
KARGO = DemoTenant("Kargo24", "Theo Lind", "theo@kargo24.example", "active", "41234568")
MILAN = DemoTenant("Café Milan", "Amira Haddad", "amira@cafemilan.example", "trial", None)
TENANTS = (NORDLYS, KARGO, MILAN)
STAFF: dict[str, tuple[str, StaffRole]] = {
    "mira@clearsend.example": ("Mira Kovač", StaffRole.MODERATOR),
    "jonas@clearsend.example": ("Jonas Lie", StaffRole.LEAD),
    "clara@clearsend.example": ("Clara Petit", StaffRole.FINANCE),
    "tom@clearsend.example": ("Tom Okafor", StaffRole.FINANCE),
    "ada@clearsend.example": ("Ada Novak", StaffRole.ADMIN),
}
MODERATOR, LEAD, CLERK, SECOND_CLERK, _ADMIN = STAFF


async def make_accounts() -> dict[str, UUID]:
    """Tenants by name. What a run that was killed had made already stays as it is."""
    tenants: dict[str, UUID] = {}
    for demo in TENANTS:
        account_id, is_new = await add_account(demo.email, demo.owner, DEMO_PASSWORD, is_demo=True)
        if is_new:
            tenants[demo.name] = await add_tenant(
                demo.name, account_id, status=demo.status, country="NO"
            )
    for email, (name, role) in STAFF.items():
        account_id, _ = await add_account(email, name, DEMO_PASSWORD, is_demo=True)
        await add_staff(account_id, role)
    return tenants
