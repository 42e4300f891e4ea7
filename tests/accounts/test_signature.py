"""The local certification authority: one root, certificates that belong to their person."""

import asyncio

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Actor
from medcab.accounts.models import SignatureConsent, SigningCertificate
from medcab.accounts.signature import service as signature
from tests.accounts.conftest import Enter
from tests.cast import Cast


async def _agree(actor: Actor) -> signature.Certificate | None:
    async with db.transaction() as session:
        return await signature.answer(session, actor, agree=True)


async def _rows() -> tuple[list[SigningCertificate], list[SigningCertificate]]:
    async with db.reading() as session:
        rows = (await session.exec(select(SigningCertificate).order_by(col(SigningCertificate.not_before)))).all()
    return [row for row in rows if row.person_id is None], [row for row in rows if row.person_id]


async def test_a_certificate_is_the_persons_and_the_roots_work(cast: Cast, enter: Enter) -> None:
    actor, _ = await enter(cast.doctor)
    shown = await _agree(actor)
    [root], [own] = await _rows()
    authority, certificate = (x509.load_pem_x509_certificate(row.pem.encode()) for row in (root, own))
    certificate.verify_directly_issued_by(authority)
    authority.verify_directly_issued_by(authority)
    names = certificate.subject
    assert names.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value == actor.person_id.hex
    assert shown
    assert int(shown.serial, 16) == certificate.serial_number
    assert shown.subject == "Иванова Анна Петровна"
    assert shown.not_before <= clock.now() < shown.not_after
    key = serialization.load_der_private_key(own.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() == certificate.public_key()
    key.public_key().verify(key.sign(b"x", ec.ECDSA(hashes.SHA256())), b"x", ec.ECDSA(hashes.SHA256()))
    assert "00000000001" not in own.pem


async def test_the_first_ten_at_once_make_one_root(cast: Cast, enter: Enter) -> None:
    actors = [(await enter(who))[0] for who in list(cast.everyone().values())[:10]]
    await asyncio.gather(*(_agree(actor) for actor in actors))
    roots, own = await _rows()
    assert len(roots) == 1
    assert len({row.serial for row in own}) == 10


async def test_keys_lie_sealed_in_the_database(cast: Cast, enter: Enter) -> None:
    actor, _ = await enter(cast.doctor)
    await _agree(actor)
    _, [own] = await _rows()
    async with db.reading() as session:
        raw = (
            (await (await session.connection()).exec_driver_sql("SELECT key FROM signing_certificate")).scalars().all()
        )
    assert own.key not in [bytes(value) for value in raw]


async def test_who_declines_gets_none_and_may_change_their_mind(cast: Cast, enter: Enter) -> None:
    actor, _ = await enter(cast.doctor)
    async with db.transaction() as session:
        assert await signature.answer(session, actor, agree=False) is None
    async with db.reading() as session:
        assert await signature.certificate_of(session, actor) is None
    assert await _agree(actor)
    async with db.transaction() as session:
        await signature.answer(session, actor, agree=False)
    async with db.reading() as session:
        assert await signature.certificate_of(session, actor) is None
        answers = (await session.exec(select(SignatureConsent.agreed))).all()
    assert sorted(answers) == [False, False, True]
    _, [own] = await _rows()
    assert own.revoked_at
