"""Proof of identity through the bank: the way there and the way back.

The bank sends the browser to the page `/identity/bank`, which asks here for the rest. The session's cookie is SameSite=Strict, so the bank's own
redirect comes without it: nothing could act on that request alone, and nothing does.
"""

from functools import lru_cache

from medcab import db
from medcab.api.bodies import Filled, Form, Nothing, Text
from medcab.api.http import Answer, Call, Doors
from medcab.errors import MedcabError, NotFound
from medcab.integrations.bank.client import Bank, Unbelievable
from medcab.proofs.bank import service
from medcab.settings import get_settings

PAGE, RETURN_PAGE = "/identity", "/identity/bank"
doors = Doors()


class BankAnswer(Form):
    """What the bank has put into the address: a code, or why there is none."""

    state: Filled
    code: Text = ""
    iss: Text = ""
    error: Text = ""


class NoBank(NotFound):
    message = "Подтверждение через банк здесь не подключено."


@doors.post("/account/identity/bank", Nothing, limit="20/minute")
async def ask_bank(call: Call, _body: Nothing) -> Answer:
    actor, bank = await call.signed_in(), _bank()
    async with db.transaction() as session:
        way = await service.begin(session, actor)
    return {"next": await bank.address(state=way.state, nonce=way.nonce, verifier=way.verifier)}


@doors.post("/account/identity/bank/answer", BankAnswer, limit="20/minute")
async def take_answer(call: Call, body: BankAnswer) -> Answer:
    """Once for each way. What is refused stays on the page of the proof; what cannot be believed as well."""
    actor, bank = await call.signed_in(), _bank()
    async with db.transaction() as session:
        way = await service.claim(session, actor, state=body.state)
    if isinstance(way, MedcabError):
        raise way
    try:
        if body.error or not body.code:
            raise service.Declined
        if body.iss != bank.issuer:  # RFC 9207: the answer of another bank must not be taken to this one
            raise Unbelievable
        told = await bank.client_of(code=body.code, nonce=way.nonce, verifier=way.verifier)
    except MedcabError as refusal:
        async with db.transaction() as session:
            await service.refuse(session, actor, way_id=way.id, refusal=refusal)
        raise
    async with db.transaction() as session:
        refusal = await service.settle(session, actor, way_id=way.id, told=told)
    if refusal:
        raise refusal
    return {"next": PAGE}


def _bank() -> Bank:
    """The configured bank; raises `NoBank`."""
    settings = get_settings()
    if not settings.bank:
        raise NoBank
    redirect = f"{settings.origin}{RETURN_PAGE}"
    return _known(
        settings.bank, settings.bank_client_id, settings.bank_key.get_secret_value(), redirect, settings.bank_acr
    )


@lru_cache(maxsize=1)
def _known(issuer: str, client_id: str, secret: str, redirect_uri: str, acr: str) -> Bank:
    """The same one as long as nothing about it changes: it remembers the bank's keys."""
    return Bank(issuer, client_id, secret, redirect_uri, acr)
