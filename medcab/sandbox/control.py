"""The sandbox's own doors for seeds and tests, as JSON under `/control`."""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab.sandbox.bank import Bank, Fault
from medcab.sandbox.requests import TooLong, read_object
from medcab.sandbox.store import Store
from medcab.sandbox.supervision import Addressee, Kind, Supervision
from medcab.sandbox.switches import Switch, Switchboard
from medcab.verification.rules import Code

_LONGEST_LOAD = 256_000_000
_LONGEST = 64_000

Endpoint = Callable[[Request], Awaitable[Response]]


class Control:
    """Loads the register, turns the switches, reads what was sent."""

    def __init__(self, store: Store, switchboard: Switchboard, supervision: Supervision, bank: Bank) -> None:
        self._store = store
        self._bank = bank
        self._switchboard = switchboard
        self._supervision = supervision

    def routes(self) -> list[Route]:
        return [
            Route("/control/register/people", _guarded(self._load), methods=["PUT"]),
            Route("/control/register/refusal", _guarded(self._refuse), methods=["PUT"]),
            Route("/control/switches", _guarded(self._switch), methods=["PUT"]),
            Route("/control/switches", self._switches),
            Route("/control/supervision", _guarded(self._supervise), methods=["PUT"]),
            Route("/control/supervision", self._notices),
            Route("/control/bank", _guarded(self._banking), methods=["PUT"]),
            Route("/control/sms", self._sms),
            Route("/control/mail", self._mail),
            Route("/control", self._empty, methods=["DELETE"]),
            Route("/health", self._health),
        ]

    async def _load(self, request: Request) -> Response:
        """`{"people": [{"person": {…}, "card": […], …, "refusal": code|null}], "licences": [{"number": …}]}`."""
        given = await read_object(request, _LONGEST_LOAD)
        people, licences = given.get("people", []), given.get("licences", [])
        for each in people:
            if isinstance(each, dict) and each.get("refusal"):
                Code(each["refusal"])
        self._store.put_people(people, licences)
        return JSONResponse({"people": len(people), "licences": len(licences)})

    async def _refuse(self, request: Request) -> Response:
        """`{"snils": "…", "code": "PERSON_NOT_FOUND"|null}`."""
        given = await read_object(request, _LONGEST)
        code = Code(given["code"]).value if given.get("code") else None
        known = self._store.refuse(given["snils"], code)
        return JSONResponse({"code": code}, 200 if known else 404)

    async def _switch(self, request: Request) -> Response:
        """`{"frmr.person": {"mode": "outage", "delay_ms": 0, "retry_after": 30, "times": null}, …}`."""
        given = await read_object(request, _LONGEST)
        parsed = {operation: Switch.parse(operation, each) for operation, each in given.items()}
        for operation, switch in parsed.items():
            self._switchboard.put(operation, switch)
        return await self._switches(request)

    async def _switches(self, request: Request) -> Response:
        return JSONResponse({operation: asdict(each) for operation, each in self._switchboard.current().items()})

    async def _supervise(self, request: Request) -> Response:
        """`{"kind", "subject", "basis", "true": bool, "number": "" or one to repeat, "url": "", "key": hex}`: the last two say where the cabinet is."""
        given = await read_object(request, _LONGEST)
        if given.get("url"):
            self._supervision.cabinet = Addressee(given["url"], bytes.fromhex(given["key"]))
        number = self._supervision.issue(
            Kind(given["kind"]),
            given["subject"],
            given["basis"],
            is_true=given.get("true", True),
            number=given.get("number", ""),
        )
        return JSONResponse({"number": number})

    async def _banking(self, request: Request) -> Response:
        """`{"fault": "nonce"|…|"", "renew_key": bool, "url": where the cabinet is}`."""
        given = await read_object(request, _LONGEST)
        self._bank.fault = Fault(given.get("fault", ""))
        if given.get("renew_key"):
            self._bank.renew_key()
        if given.get("url"):
            self._supervision.cabinet = replace(self._supervision.cabinet, url=given["url"])
        return JSONResponse({"fault": self._bank.fault})

    async def _notices(self, request: Request) -> Response:
        return JSONResponse(self._store.notices())

    async def _sms(self, request: Request) -> Response:
        return JSONResponse(self._messages("sms", request))

    async def _mail(self, request: Request) -> Response:
        return JSONResponse(self._messages("mail", request))

    def _messages(self, table: str, request: Request) -> list[dict[str, Any]]:
        return self._store.messages(table, request.query_params.get("to", ""))

    async def _empty(self, request: Request) -> Response:
        self._store.empty()
        self._switchboard.forget()
        self._bank.fault = Fault.NONE
        return JSONResponse({})

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "people": self._store.count("person")})


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except TooLong:
            return JSONResponse({"message": "too long"}, 413)
        except (ValueError, KeyError, TypeError, AttributeError, sqlite3.Error) as problem:
            return JSONResponse({"message": f"not understood: {problem}"}, 400)

    return answer
