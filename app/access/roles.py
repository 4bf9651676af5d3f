"""Roles are named after posts; each holds a set of actions. This page is the whole of it."""

from __future__ import annotations

from app.access.actions import Action
from app.core.choices import Choice
from app.core.text import N_


class Role(Choice):
    """A post in the bureau or in a firm."""

    ADMIN = "admin", N_("管理员")
    CASEWORKER = "caseworker", N_("经办人")
    REVIEWER = "reviewer", N_("审核人")
    LEADER = "leader", N_("分管领导")
    AUDITOR = "auditor", N_("审计")
    FIRM_FILLER = "firm_filler", N_("企业填报人")
    FIRM_SIGNATORY = "firm_signatory", N_("企业负责人")
    FIRM_APPLICANT = "firm_applicant", N_("企业用户")


# the powers that a mandate gives; who has none at the moment is an applicant
POWERS = (Role.FIRM_FILLER, Role.FIRM_SIGNATORY)
FIRM_ROLES = frozenset({*POWERS, Role.FIRM_APPLICANT})
STAFF_ROLES = frozenset(Role) - FIRM_ROLES

_EVERYBODY = frozenset(
    {
        Action.ACCOUNT_PASSWORD,
        Action.ACCOUNT_PROFILE,
        Action.ACCOUNT_SECURE,
        Action.SESSION_END,
        Action.ACCOUNT_SIGN_OUT,
    }
)
_ACTS = frozenset({Action.OWN_ACT, Action.OWN_ASK})
_READS = frozenset(
    {
        Action.VIEW_READ,
        Action.VIEW_RETIRE,
        Action.VIEW_SAVE,
        Action.VIEW_TAKE,
        Action.ASSESSMENT_READ,
        Action.CATALOGUE_READ,
        Action.DASHBOARD_READ,
        Action.DISTRICT_READ,
        Action.FIRM_READ,
        Action.FACT_READ,
        Action.CLAIM_READ,
        Action.EDITION_READ,
        Action.REVISION_READ,
        Action.ELIGIBILITY_READ,
        Action.NOMINATION_READ,
        Action.DOCUMENT_READ,
        Action.DOSSIER_READ,
        Action.PROGRAMME_READ,
        Action.RECOGNITION_READ,
        Action.MANDATE_READ,
        Action.REMINDER_READ,
        Action.TASK_READ,
        Action.TAXONOMY_READ,
    }
)
_DEFINES = frozenset(
    {
        Action.CATALOGUE_CHANGE,
        Action.CATALOGUE_CREATE,
        Action.CATALOGUE_RETIRE,
        Action.INTAKE_SET,
        Action.LEVER_SET,
        Action.TAXONOMY_EDIT,
        Action.TAXONOMY_REMAP,
    }
)
_WORKS = frozenset(
    {
        Action.ASSESSMENT_FILL,
        Action.ASSESSMENT_PRINT,
        Action.EXPORT_CANCEL,
        Action.EXPORT_READ,
        Action.EXPORT_TAKE,
        Action.CLAIM_STATE,
        Action.CLAIM_WITHDRAW,
        Action.DOCUMENT_ADD,
        Action.DOCUMENT_EDIT,
        Action.DISTRICT_SURVEY,
        Action.DOSSIER_REQUEST,
        Action.ELIGIBILITY_DRAW_UP,
        Action.ELIGIBILITY_EXPORT,
        Action.FACT_EXPORT,
        Action.ELIGIBILITY_JUDGE,
        Action.ELIGIBILITY_RENEW,
        Action.ELIGIBILITY_REPLAY,
        Action.ELIGIBILITY_RUN,
        Action.FIRM_CREATE,
        Action.FIRM_EDIT,
        Action.FIRM_EXPORT,
        Action.FIRM_REVEAL,
        Action.IMPORT_APPLY,
        Action.IMPORT_PROFILE,
        Action.IMPORT_EDIT,
        Action.IMPORT_READ,
        Action.IMPORT_RETURN,
        Action.IMPORT_STAGE,
        Action.IMPORT_SUBMIT,
        Action.IMPORT_UNDO,
        Action.JOB_READ,
        Action.JOB_CANCEL,
        Action.NOMINATION_DECIDE,
        Action.NOMINATION_DRAW_UP,
        Action.NOMINATION_EXPORT,
        Action.NOMINATION_RETURN,
        Action.NOMINATION_SUBMIT,
        Action.MANDATE_END,
        Action.MANDATE_GRANT,
        Action.MANDATE_INVITE,
        Action.MANDATE_REFUSE,
        Action.MANDATE_RESET,
        Action.MANDATE_REVOKE,
        Action.NOTE_WRITE,
        Action.PROGRAMME_EDIT,
        Action.RECOGNITION_REGISTER,
        Action.RECOGNITION_REVOKE,
        Action.TASK_CHANGE,
        Action.TASK_CREATE,
        Action.TASK_DONE,
        Action.TASK_WITHDRAW,
    }
)

GRANTS: dict[Role, frozenset[Action]] = {
    Role.ADMIN: _EVERYBODY
    | _READS
    | _DEFINES
    | {
        Action.ACCOUNT_CREATE,
        Action.ACCOUNT_DISABLE,
        Action.ACCOUNT_EDIT,
        Action.ACCOUNT_READ,
        Action.ACCOUNT_RESET,
        Action.ACCOUNT_UNLOCK,
        Action.EDITION_CHECK,
        Action.REVISION_DRAFT,
        Action.REVISION_RETURN,
        Action.REVISION_SEAL,
        Action.REVISION_SUBMIT,
        Action.FIRM_ASSIGN,
        Action.IMPORT_READ,
        Action.JOB_CANCEL,
        Action.JOB_READ,
    },
    Role.CASEWORKER: _EVERYBODY | _READS | _WORKS,
    Role.REVIEWER: _EVERYBODY
    | _READS
    | _WORKS
    | _DEFINES
    | {
        Action.ASSESSMENT_ACCEPT,
        Action.ASSESSMENT_CARRY,
        Action.ASSESSMENT_ENTRUST,
        Action.ASSESSMENT_RETURN,
        Action.CLAIM_ACCEPT,
        Action.CLAIM_REJECT,
        Action.DOCUMENT_SETTLE,
        Action.DOCUMENT_WITHDRAW,
        Action.ELIGIBILITY_PUBLISH,
        Action.ELIGIBILITY_UNPUBLISH,
        Action.FACT_BY_RULE,
        Action.FACT_CHOOSE,
        Action.FIRM_ASSIGN,
        Action.FIRM_MERGE,
        Action.FIRM_UNMERGE,
        Action.NOMINATION_FREEZE,
        Action.DOSSIER_VOID,
        Action.EDITION_CHECK,
        Action.REVISION_DRAFT,
        Action.REVISION_RETURN,
        Action.REVISION_SEAL,
        Action.REVISION_SUBMIT,
    },
    Role.LEADER: _EVERYBODY
    | _READS
    | {
        Action.REVISION_RETURN,
        Action.REVISION_SEAL,
        Action.EXPORT_CANCEL,
        Action.EXPORT_READ,
        Action.EXPORT_TAKE,
        Action.ELIGIBILITY_EXPORT,
        Action.ELIGIBILITY_PUBLISH,
        Action.ELIGIBILITY_UNPUBLISH,
        Action.FACT_EXPORT,
        Action.FIRM_EXPORT,
        Action.FIRM_REVEAL,
        Action.NOMINATION_EXPORT,
    },
    Role.AUDITOR: _EVERYBODY
    | _READS
    | {Action.AUDIT_READ, Action.EXPORT_READ, Action.IMPORT_READ, Action.JOB_READ, Action.ACCOUNT_READ},
    Role.FIRM_FILLER: _EVERYBODY
    | _ACTS
    | {
        Action.OWN_EXCHANGE,
        Action.OWN_FILL,
        Action.OWN_HAND,
        Action.OWN_PRINT,
        Action.OWN_READ,
        Action.OWN_STATE,
        Action.OWN_PEOPLE,
        Action.OWN_WITHDRAW,
    },
    Role.FIRM_SIGNATORY: _EVERYBODY
    | _ACTS
    | {
        Action.OWN_ENTRUST,
        Action.OWN_EXCHANGE,
        Action.OWN_FILL,
        Action.OWN_PRINT,
        Action.OWN_READ,
        Action.OWN_WITHDRAW,
        Action.OWN_SIGN,
        Action.OWN_STATE,
        Action.OWN_PEOPLE,
        Action.OWN_INVITE,
        Action.OWN_END,
    },
    Role.FIRM_APPLICANT: _EVERYBODY | _ACTS,
}
