"""Patients of a clinic."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.security.crypto import EncryptedDate, EncryptedText

_NAME = sa.String(250).with_variant(sa.String(250, collation="C"), "postgresql")
"""Compared letter by letter, as SQLite does: a language's own order would skip spaces and hyphens."""


class Patient(SQLModel, table=True):
    """A patient; `search_name` is the lower-case full name with ё as е, to be found by its beginning."""

    __table_args__ = (sa.Index("ix_patient_search", "organisation_id", "search_name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    family_name: str = Field(max_length=80)
    given_name: str = Field(max_length=80)
    patronymic: str = Field(default="", max_length=80)
    search_name: str = Field(sa_column=sa.Column(_NAME, nullable=False))
    sex: str = Field(max_length=1)
    birth_date: date = Field(sa_column=sa.Column(EncryptedDate("patient.birth_date"), nullable=False))
    snils: str = Field(sa_column=sa.Column(EncryptedText("patient.snils"), nullable=False))
    snils_index: str = Field(max_length=32, index=True)
    policy: str = Field(sa_column=sa.Column(EncryptedText("patient.policy"), nullable=False))
    policy_index: str = Field(max_length=32, index=True)
    phone: str = Field(sa_column=sa.Column(EncryptedText("patient.phone"), nullable=False))
    created_at: datetime
