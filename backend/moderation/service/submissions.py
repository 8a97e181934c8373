"""Template versions and senders put before a moderator, as cases of their own kind."""

import hashlib
from uuid import UUID

import msgspec

from backend.audit.service import record
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import NotFound
from backend.kernel.principal import Principal
from backend.moderation.dry_run import DryRunSums, hits_of
from backend.moderation.rules import RULES, score
from backend.moderation.schemas.cases import NewCase
from backend.moderation.schemas.screening import DryRun, Hit, Rendering, Severity
from backend.moderation.service.cases import SUBMITTED, open_case
from backend.moderation.service.rule_sets import read_rules
from backend.moderation.states import CaseKind
from backend.sms import segments
from backend.templates.schemas import SenderView, TemplateVersionView
from backend.templates.service.approvals import (
    mark_sender_awaiting,
    mark_template_version_awaiting,
)
from backend.templates.service.senders import read_sender
from backend.templates.service.templates import read_template_version
