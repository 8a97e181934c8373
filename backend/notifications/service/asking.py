"""Mails that somebody asked for or must get: to confirm, to reset, to invite, documents.

The row's id is the event's.
"""

from uuid import UUID

from backend.billing.pricing import money
from backend.billing.service.issuing import document
from backend.db.scope import platform_scope, tenant_scope
from backend.identity.schemas import Contact
from backend.identity.service.joining import invitation_to_mail
from backend.identity.service.proofs import account_to_reset, account_to_write_to
from backend.kernel.principal import system
from backend.notifications import queries
from backend.notifications.schemas import NewMail
from backend.notifications.service.noticing import people_for
from backend.notifications.states import NoticeKind, RequestedMail


async def mail_confirmation(event_id: UUID, account_id: UUID) -> None:
    account = await account_to_write_to(account_id)
    if account is not None and not account.is_email_confirmed:
        await _queue(event_id, RequestedMail.CONFIRM_EMAIL, account)


async def mail_reset(event_id: UUID, email: str) -> None:
    """Here, where nobody waits for the answer, it is looked whether there is such an account."""
    account = await account_to_reset(email)
    if account is not None:
        await _queue(event_id, RequestedMail.RESET_PASSWORD, account)


async def mail_changed_password(event_id: UUID, account_id: UUID) -> None:
    account = await account_to_write_to(account_id)
    if account is not None:
        await _queue(event_id, RequestedMail.PASSWORD_CHANGED, account)


async def mail_changed_factor(
    event_id: UUID, account_id: UUID, change: str, factor: str | None
) -> None:
    account = await account_to_write_to(account_id)
    if account is not None:
        await _queue(event_id, RequestedMail(change), account, factor=factor or "")


async def _queue(event_id: UUID, kind: RequestedMail, account: Contact, **facts: str) -> None:
    mail = NewMail(
        id=event_id,
        tenant_id=None,
        kind=kind.value,
        address=account.email,
        language=account.language,
        facts={
            "account_id": str(account.account_id),
            "address": account.email,
            "name": account.name,
            **facts,
        },
        is_demo=account.is_demo,
    )
    async with platform_scope(system("mail"), "queue a mail") as scope:
        await queries.insert_mail(scope, mail)


async def mail_invitation(event_id: UUID, tenant_id: UUID, invitation_id: UUID) -> None:
    invited = await invitation_to_mail(invitation_id)
    if invited is None:
        return
    mail = NewMail(
        id=event_id,
        tenant_id=tenant_id,
        kind=RequestedMail.INVITATION.value,
        address=invited.email,
        language=invited.language,
        facts={
            "invitation_id": str(invitation_id),
            "address": invited.email,
            "tenant": invited.tenant_name,
            "inviter": invited.inviter_name,
            "role": invited.role.value,
            "name": None,
        },
        is_demo=invited.is_demo,
    )
    async with tenant_scope(system("mail", tenant_id)) as scope:
        await queries.insert_mail(scope, mail)


async def mail_document(event_id: UUID, tenant_id: UUID, document_id: UUID) -> None:
    """To the address the buyer gave for documents, which may be nobody's account: a link, behind
    which one logs in. In the language of the first of those who pay.
    """
    payers = await people_for(tenant_id, NoticeKind.CREDITS_BOUGHT)
    async with tenant_scope(system("mail", tenant_id)) as scope:
        issued = await document(scope, tenant_id, document_id)
        due_on = issued.due_on.isoformat() if issued.due_on else None
        mail = NewMail(
            id=event_id,
            tenant_id=tenant_id,
            kind=RequestedMail.DOCUMENT_ISSUED.value,
            address=issued.buyer.email,
            language=payers[0].language if payers else "en",
            facts={
                "address": issued.buyer.email,
                "title": issued.kind.value,
                "number": issued.number,
                "company": issued.buyer.name,
                "amount": money(issued.gross_minor, issued.currency),
                "issued_on": issued.issued_on.isoformat(),
                "due_on": due_on,
                "name": None,
            },
            is_demo=any(payer.is_demo for payer in payers),
        )
        await queries.insert_mail(scope, mail)
