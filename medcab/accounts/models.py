"""People, organisations, what proves who they are, and their sessions."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.access import Role
from medcab.accounts.rules.right import Standing
from medcab.db import words
from medcab.security.crypto import EncryptedBytes, EncryptedDate, EncryptedText

LONGEST_POST = 160


class DecisionKind(StrEnum):
    """What a clinic may decide about somebody who works there."""

    SUSPENSION = "suspension"
    DISMISSAL = "dismissal"


class FlowKind(StrEnum):
    """Steps that take more than one request: before there is a session, or (CONTACT) within one."""

    REGISTRATION = "registration"
    SIGN_IN = "sign_in"
    RECOVERY = "recovery"
    CONTACT = "contact"


class Factor(StrEnum):
    """What proved the person beside the password."""

    SMS = "sms"
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"


class SignInOutcome(StrEnum):
    """How a line of «Журнал входов» ended."""

    SUCCESS = "success"
    WRONG_PASSWORD = "wrong_password"
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"
    SIGNED_OUT = "signed_out"
    ENDED = "ended"


class Organisation(SQLModel, table=True):
    """A clinic."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=300)
    short_name: str = Field(max_length=80)
    ogrn: str = Field(max_length=15, unique=True)
    address: str = Field(default="", max_length=300)


class Department(SQLModel, table=True):
    """A department of a clinic. One that was closed keeps its name for what happened in it."""

    __table_args__ = (
        sa.Index(
            "ux_department_name", "organisation_id", "name", unique=True,
            sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    name: str = Field(max_length=160)
    closed_at: datetime | None = None


class Person(SQLModel, table=True):
    """A worker. What identifies them is sealed; the `…_index` columns find them."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    family_name: str = Field(max_length=80)
    given_name: str = Field(max_length=80)
    patronymic: str = Field(default="", max_length=80)
    birth_date: date = Field(sa_column=sa.Column(EncryptedDate("person.birth_date"), nullable=False))
    snils: str = Field(sa_column=sa.Column(EncryptedText("person.snils"), nullable=False))
    snils_index: str = Field(max_length=32, unique=True)
    inn: str = Field(sa_column=sa.Column(EncryptedText("person.inn"), nullable=False))
    inn_index: str = Field(max_length=32, unique=True)
    phone: str = Field(sa_column=sa.Column(EncryptedText("person.phone"), nullable=False))
    phone_index: str = Field(max_length=32, unique=True)
    email: str = Field(sa_column=sa.Column(EncryptedText("person.email"), nullable=False))
    email_index: str = Field(max_length=32, unique=True)
    created_at: datetime
    standing: Standing = Field(default=Standing.UNVERIFIED, sa_column=sa.Column(words(Standing), nullable=False))
    standing_until: date | None = None
    """Last day on which ACTIVE holds; None: no credential sets an end."""
    standing_reason: str = Field(default="", max_length=300)
    """Why SUSPENDED, a sentence for the person."""
    blocked_at: datetime | None = None
    blocked_reason: str = Field(default="", max_length=300)


class PracticeRight(SQLModel, table=True):
    """A specialty that the register has confirmed for a person, and its last day (None: no end); written with the standing."""

    __tablename__ = "practice_right"  # pyright: ignore[reportAssignmentType]

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    specialty: str = Field(max_length=500, primary_key=True)
    since: date | None = None
    """The day of the check that found it beside others; None: as long as is known."""
    until: date | None = None


class FormerPractice(SQLModel, table=True):
    """A specialty that a check no longer found, and the days on which it was confirmed; for what is asked about the past."""

    __tablename__ = "former_practice"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.CheckConstraint("until >= since", name="ck_former_practice_order"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    specialty: str = Field(max_length=500)
    since: date | None = None
    until: date


class Membership(SQLModel, table=True):
    """One role of one person in one place of an organisation, for one time. Who comes back gets another row: what was before stays.

    Two of the same role and place never overlap: `ex_membership_overlap`, in the migrations.
    """

    __table_args__ = (sa.CheckConstraint("rate BETWEEN 5 AND 200", name="ck_membership_rate"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    department_id: UUID | None = Field(default=None, foreign_key="department.id", index=True)
    role: Role = Field(sa_column=sa.Column(words(Role), nullable=False))
    post: str = Field(default="", max_length=LONGEST_POST)
    """As it was taken on; what holds on a day is told by `EmploymentTerms` as well."""
    rate: int = 100
    """The part of a full post («ставка»), in hundredths; as it was taken on."""
    since: date
    until: date | None = None


class EmploymentTerms(SQLModel, table=True):
    """Another post or rate of a membership from a day on, until the next ones. Only added to: what was put right stays, with the moment of it."""

    __tablename__ = "employment_terms"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.Index(
            "ux_employment_terms", "membership_id", "since", unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"), postgresql_where=sa.text("replaced_at IS NULL"),
        ),
        sa.CheckConstraint("rate BETWEEN 5 AND 200", name="ck_employment_terms_rate"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    membership_id: UUID = Field(foreign_key="membership.id", index=True)
    since: date
    post: str = Field(default="", max_length=LONGEST_POST)
    rate: int
    made_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    made_at: datetime
    replaced_at: datetime | None = None
    """When others were written for the same day; None: these count."""


class StaffDecision(SQLModel, table=True):
    """What takes a person's rights in one clinic, from `since` to `until`. One that was taken back stays, with the moment of it."""

    __tablename__ = "staff_decision"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.Index(
            "ux_staff_decision", "person_id", "organisation_id", "kind", unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"), postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.CheckConstraint("until >= since", name="ck_staff_decision_order"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    kind: DecisionKind = Field(sa_column=sa.Column(words(DecisionKind), nullable=False))
    since: date
    """The first day without rights."""
    until: date | None = None
    """The last one; None: until it is taken back."""
    reason: str = Field(default="", sa_column=sa.Column(EncryptedText("staff.reason"), nullable=False))
    decided_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime
    lifted_at: datetime | None = None


class PasswordRecord(SQLModel, table=True):
    """Every password a person had, hashed; the newest is the one in force."""

    __tablename__ = "password_record"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    hash: str = Field(max_length=200)
    set_at: datetime
    must_change: bool = False


class TotpFactor(SQLModel, table=True):
    """An authenticator app. `last_step` only grows: a code works once. `told_step` was recognised, told of, and is never accepted."""

    __tablename__ = "totp_factor"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    secret: str = Field(sa_column=sa.Column(EncryptedText("totp.secret"), nullable=False))
    last_step: int = 0
    told_step: int = 0
    created_at: datetime
    confirmed_at: datetime | None = None


class RecoveryCode(SQLModel, table=True):
    """One of the ten; kept as a keyed hash."""

    __tablename__ = "recovery_code"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    code_hash: str = Field(max_length=64)
    created_at: datetime
    used_at: datetime | None = None


class Flow(SQLModel, table=True):
    """Where somebody stands in registration, sign-in, recovery or a change of contact. Bound to a cookie by `token_hash`."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    kind: FlowKind = Field(sa_column=sa.Column(words(FlowKind), nullable=False))
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    """None in registration, and in sign-in or recovery for a name nobody has (the steps look the same)."""
    data: str = Field(default="{}", sa_column=sa.Column(EncryptedText("flow.data"), nullable=False))
    created_at: datetime
    expires_at: datetime = Field(index=True)
    ended_at: datetime | None = None


class OneTimeCode(SQLModel, table=True):
    """A code sent by SMS or e-mail, bound to one challenge (a flow's or session's id and a purpose); the newest counts."""

    __tablename__ = "one_time_code"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    challenge: str = Field(max_length=80, index=True)
    channel: str = Field(max_length=8)
    contact_index: str = Field(max_length=32, index=True)
    ip: str = Field(default="", max_length=45, index=True)
    code_hash: str = Field(max_length=64)
    tries: int = 0
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    superseded_at: datetime | None = None


class Throttle(SQLModel, table=True):
    """Failures counted under one key (an account, an account on a device, an address)."""

    key: str = Field(max_length=120, primary_key=True)
    failures: int = 0
    total: int = 0
    first_at: datetime
    updated_at: datetime
    locked_until: datetime | None = None


class Device(SQLModel, table=True):
    """A browser that has signed this person in before; known by a cookie of its own."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(max_length=64, index=True)
    first_seen_at: datetime
    last_seen_at: datetime
    user_agent: str = Field(default="", max_length=200)


class LoginSession(SQLModel, table=True):
    """A signed-in browser. The cookie holds the token, the database its SHA-256."""

    __tablename__ = "login_session"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    device_id: UUID | None = Field(default=None, foreign_key="device.id")
    factor: Factor = Field(sa_column=sa.Column(words(Factor), nullable=False))
    ip: str = Field(default="", max_length=45)
    user_agent: str = Field(default="", max_length=200)
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    stepped_up_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = Field(default="", max_length=40)


class SignInRecord(SQLModel, table=True):
    """A line of «Журнал входов»."""

    __tablename__ = "sign_in_record"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    at: datetime = Field(index=True)
    ip: str = Field(default="", max_length=45)
    user_agent: str = Field(default="", max_length=200)
    factor: str = Field(default="", max_length=20)
    outcome: SignInOutcome = Field(sa_column=sa.Column(words(SignInOutcome), nullable=False))
    session_id: UUID | None = Field(default=None, foreign_key="login_session.id")
    new_device: bool = False
    disowned_at: datetime | None = None
    """The person said «это был не я»."""


class SignatureConsent(SQLModel, table=True):
    """The person's answer to the use of an electronic signature; the newest counts."""

    __tablename__ = "signature_consent"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    version: str = Field(max_length=20)
    agreed: bool
    at: datetime


class SigningCertificate(SQLModel, table=True):
    """A worker's certificate and key, or the local authority's own (`person_id` is None)."""

    __tablename__ = "signing_certificate"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    serial: str = Field(max_length=48, unique=True)
    pem: str
    key: bytes = Field(sa_column=sa.Column(EncryptedBytes("certificate.key"), nullable=False))
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None
