"""Consent to the electronic signature, and the certificate that follows from it.

The local certification authority is a root of its own (ECDSA P-256), made at the first consent and kept sealed in the database. A worker's
key never leaves the server: it signs what its owner confirms with a code.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries
from medcab.accounts.models import Person, SignatureConsent, SigningCertificate
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict

CONSENT_VERSION = "2026-11"
CONSENT_TEXT = (
    "Я даю согласие использовать усиленную неквалифицированную электронную подпись в личном кабинете медицинского работника. "
    "Документы, подписанные ею после ввода кода, признаются равнозначными подписанным собственноручно внутри кабинета и организаций, "
    "с которыми у меня есть соглашение. Ключ подписи хранится на сервере в зашифрованном виде; подписать им документ можно только после "
    "подтверждения входа вторым фактором. Согласие можно отозвать."
)
WITHOUT_CONSENT = "Без согласия нельзя подписывать заключения, рецепты и направления. Расписание, профиль и проверка статуса работают."
_ROOT_LIFE, _LIFE = timedelta(days=3650), timedelta(days=457)
_AUTHORITY = "medcab: удостоверяющий центр кабинета"


@dataclass(frozen=True)
class Certificate:
    """What the profile shows."""

    serial: str
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


async def consent_of(session: AsyncSession, actor: Actor) -> SignatureConsent | None:
    """The person's newest answer; None while they have not been asked."""
    newest = select(SignatureConsent).where(SignatureConsent.person_id == actor.person_id)
    return (await session.exec(newest.order_by(col(SignatureConsent.at).desc()).limit(1))).first()


async def certificate_of(session: AsyncSession, actor: Actor) -> Certificate | None:
    """The certificate in force, if any."""
    found = await _in_force(session, actor)
    return _shown(found) if found else None


async def answer(session: AsyncSession, actor: Actor, *, agree: bool) -> Certificate | None:
    """Record the answer. Agreeing issues a certificate unless one is in force; declining revokes it."""
    require(actor, Permission.ACCOUNT)
    await queries.take_turns(session, f"signature:{actor.person_id}")
    before = await consent_of(session, actor)
    held = await _in_force(session, actor)
    if before and before.agreed is agree and before.version == CONSENT_VERSION and bool(held) is agree:
        raise Conflict("Ваш ответ уже записан.")
    session.add(SignatureConsent(person_id=actor.person_id, version=CONSENT_VERSION, agreed=agree, at=clock.now()))
    audit.record(session, actor, Action.CONSENT_GIVE if agree else Action.CONSENT_DECLINE, version=CONSENT_VERSION)
    if not agree:
        if held:
            held.revoked_at = clock.now()
        return None
    return _shown(held or await _issue(session, actor))


async def _in_force(session: AsyncSession, actor: Actor) -> SigningCertificate | None:
    now = clock.now()
    valid = select(SigningCertificate).where(
        SigningCertificate.person_id == actor.person_id, col(SigningCertificate.revoked_at).is_(None),
        SigningCertificate.not_before <= now, SigningCertificate.not_after > now,
    )  # fmt: skip
    return (await session.exec(valid.order_by(col(SigningCertificate.not_after).desc()).limit(1))).first()


async def _issue(session: AsyncSession, actor: Actor) -> SigningCertificate:
    authority = await _authority(session)
    person = await queries.person(session, actor.person_id)
    key = ec.generate_private_key(ec.SECP256R1())
    now = clock.now()
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    builder = (
        _builder(_name_of(person), authority.certificate.subject, key.public_key(), now, now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signing=True), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    row = _kept(builder.sign(authority.key, hashes.SHA256()), key)
    row.person_id = actor.person_id
    session.add(row)
    audit.record(session, actor, Action.CERTIFICATE_ISSUE, row.id, serial=row.serial)
    notices.told_by_mail(
        session,
        person,
        "выпущен сертификат подписи",
        "Для вас выпущен сертификат электронной подписи.",
        **{"Серийный номер": row.serial},
    )
    return row


async def _authority(session: AsyncSession) -> _Authority:
    """The local root; the first to need it makes it, while the others wait."""
    await queries.take_turns(session, "certification-authority")
    own = select(SigningCertificate).where(
        col(SigningCertificate.person_id).is_(None), SigningCertificate.not_after > clock.now()
    )
    row = (await session.exec(own.order_by(col(SigningCertificate.not_after).desc()).limit(1))).first()
    if row is None:
        row = _make_root()
        session.add(row)
        await session.flush()
    key = serialization.load_der_private_key(row.key, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic one")
    return _Authority(x509.load_pem_x509_certificate(row.pem.encode()), key)


def _make_root() -> SigningCertificate:
    key = ec.generate_private_key(ec.SECP256R1())
    now = clock.now()
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, _AUTHORITY), x509.NameAttribute(NameOID.COUNTRY_NAME, "RU")]
    )
    builder = (
        _builder(name, name, key.public_key(), now, now + _ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signing=False), critical=True)
    )
    return _kept(builder.sign(key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
        .serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )  # fmt: skip


def _key_usage(*, signing: bool) -> x509.KeyUsage:
    """A worker signs documents; the root signs certificates."""
    return x509.KeyUsage(
        digital_signature=signing, content_commitment=signing, key_cert_sign=not signing, crl_sign=not signing,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _name_of(person: Person) -> x509.Name:
    """Bound to the person by their id; a certificate is public, so it holds no SNILS and no INN."""
    full = " ".join(part for part in (person.family_name, person.given_name, person.patronymic) if part)
    return x509.Name([
        x509.NameAttribute(NameOID.COMMON_NAME, full[:64]),
        x509.NameAttribute(NameOID.SURNAME, person.family_name[:64]),
        x509.NameAttribute(NameOID.GIVEN_NAME, f"{person.given_name} {person.patronymic}".strip()[:64]),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, person.id.hex),
        x509.NameAttribute(NameOID.COUNTRY_NAME, "RU"),
    ])  # fmt: skip


def _kept(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> SigningCertificate:
    secret = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningCertificate(
        serial=f"{certificate.serial_number:x}".upper(), pem=certificate.public_bytes(serialization.Encoding.PEM).decode(), key=secret,
        not_before=certificate.not_valid_before_utc, not_after=certificate.not_valid_after_utc,
    )  # fmt: skip


def _shown(row: SigningCertificate) -> Certificate:
    parsed = x509.load_pem_x509_certificate(row.pem.encode())
    names = [str(name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value) for name in (parsed.subject, parsed.issuer)]
    return Certificate(row.serial, names[0], names[1], row.not_before, row.not_after)
