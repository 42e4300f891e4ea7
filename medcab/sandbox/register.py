"""The federal register over REST: questions about people and licences, with the refusal codes of the real
one.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from medcab.sandbox.requests import TooLong, read_body
from medcab.sandbox.signatures import Gatekeeper, Refuse
from medcab.sandbox.store import Store
from medcab.sandbox.switches import Mode, Switch, Switchboard
from medcab.verification.rules import REFUSALS, Code

PARTS = ("card", "prof", "cert", "accreditation", "qualification")
OVERSIZE = 2_000_000
_HANG_SECONDS = 600
_MOST, _MOST_BYTES = 100, 20_000
_NOBODY = {
    "oid": "1.2.643.5.1.13.13.12.0",
    "snils": "00101998900",
    "lastName": "Посторонний",
    "firstName": "Пётр",
    "birthDate": "1970-01-01",
}


class Register:
    """The routes under `/frmr`."""

    def __init__(self, store: Store, switchboard: Switchboard, gatekeeper: Gatekeeper) -> None:
        self._store = store
        self._switchboard = switchboard
        self._gatekeeper = gatekeeper

    def routes(self) -> list[Route]:
        parts = [
            Route(f"/frmr/person/{{oid}}/{part}", self._endpoint(f"frmr.{part}", self._part(part)))
            for part in (*PARTS, "full")
        ]
        return [
            Route("/frmr/person", self._endpoint("frmr.person", self._person)),
            Route("/frmr/licence", self._endpoint("frmr.licence", self._licence)),
            Route("/frmr/people", self._endpoint("frmr.people", self._people), methods=["POST"]),
            Route("/frmr/licences", self._endpoint("frmr.licences", self._licences), methods=["POST"]),
            *parts,
        ]

    def _endpoint(self, operation: str, answer: Callable[[Request, Mode], dict[str, Any]]) -> Callable[..., Any]:
        async def endpoint(request: Request) -> Response:
            try:
                body = await read_body(request, _MOST_BYTES)
                self._gatekeeper.admit(request, body, operation)
                request.state.asked = _asked(body)
                switch = await self._switchboard.take(operation)
                response = await self._under(switch, request, operation, answer)
            except (Refuse, TooLong) as problem:
                refused = problem if isinstance(problem, Refuse) else Refuse(413, "TOO_LONG", "Слишком длинный запрос.")
                response = JSONResponse(refused.body, refused.status)
                switch = Switch()
            self._gatekeeper.sign(request, response)
            return spoiled(response) if switch.mode is Mode.TAMPERED else response

        return endpoint

    async def _under(
        self,
        switch: Switch,
        request: Request,
        operation: str,
        answer: Callable[[Request, Mode], dict[str, Any]],
    ) -> Response:
        if early := await misbehaviour(switch.mode):
            return early
        about = f"{request.url.path}{request.url.query}{request.state.asked}"
        if switch.mode is Mode.NOT_YET and (left := self._switchboard.seconds_left(operation, about, switch)):
            return JSONResponse({"status": "accepted"}, 202, headers={"Retry-After": str(left)})
        body = answer(request, switch.mode)
        return JSONResponse(_malformed(body) if switch.mode is Mode.MALFORMED else body)

    def _person(self, request: Request, mode: Mode) -> dict[str, Any]:
        asked = {key: request.query_params.get(key, "") for key in ("oid", "snils")}
        return {"person": self._record(asked["oid"], asked["snils"], mode)["person"]}

    def _part(self, part: str) -> Callable[[Request, Mode], dict[str, Any]]:
        def answer(request: Request, mode: Mode) -> dict[str, Any]:
            record = self._record(request.path_params["oid"], "", mode)
            if part == "full":
                return {"person": record["person"]} | {each: record.get(each, []) for each in PARTS}
            reference = {key: record["person"][key] for key in ("oid", "snils")}
            return {"person": reference, part: record.get(part, [])}

        return answer

    def _record(self, oid: str, snils: str, mode: Mode) -> dict[str, Any]:
        row = self._store.person(oid=oid, snils=snils)
        if row is None:
            raise refusal(Code.PERSON_NOT_FOUND)
        if row["refusal"]:
            raise refusal(Code(row["refusal"]))
        if mode is Mode.FOREIGN:
            other = self._store.someone_else(row["oid"])
            return json.loads(other["body"]) if other else {"person": _NOBODY}
        return json.loads(row["body"])

    def _people(self, request: Request, mode: Mode) -> dict[str, Any]:
        return {"people": [self._of_many(snils, mode) for snils in _texts(request.state.asked.get("snils"))]}

    def _of_many(self, snils: str, mode: Mode) -> dict[str, Any]:
        try:
            record = self._record("", snils, mode)
        except Refuse as refused:
            return {"snils": snils} | refused.body
        return {"person": record["person"]} | {each: record.get(each, []) for each in PARTS}

    def _licences(self, request: Request, mode: Mode) -> dict[str, Any]:
        found = [self._store.licence(number) for number in _texts(request.state.asked.get("numbers"))]
        another = {"number": "Л041-00000-00/00000000"} if mode is Mode.FOREIGN else {}
        return {"licences": [each | another for each in found if each]}

    def _licence(self, request: Request, mode: Mode) -> dict[str, Any]:
        licence = self._store.licence(request.query_params.get("number", ""))
        if licence is None:
            raise refusal(Code.LICENCE_NOT_FOUND)
        return {"licence": licence | ({"number": "Л041-00000-00/00000000"} if mode is Mode.FOREIGN else {})}


def _asked(body: bytes) -> dict[str, Any]:
    """The question in the body; a question without one is empty. Raises `Refuse`."""
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refuse(400, "BAD_REQUEST", "Нужен объект JSON.")
    return given


def _texts(given: object) -> list[str]:
    """At most `_MOST` texts. Raises `Refuse`."""
    if not isinstance(given, list) or len(given) > _MOST or not all(isinstance(each, str) for each in given):
        raise Refuse(400, "BAD_REQUEST", f"Нужен список, не больше {_MOST} значений.")
    return given


def refusal(code: Code) -> Refuse:
    """A refusal in the register's form: `{"code", "message", "retryable"}`."""
    meaning = REFUSALS[code]
    is_absent = code in (Code.PERSON_NOT_FOUND, Code.PERSON_CARD_NOT_FOUND, Code.LICENCE_NOT_FOUND)
    refuse = Refuse(404 if is_absent else 422, code.value, meaning.sentence)
    refuse.body["retryable"] = meaning.retry_helps
    return refuse


async def misbehaviour(mode: Mode) -> Response | None:
    """The faults that need no answer of their own."""
    if mode is Mode.HANG:
        await asyncio.sleep(_HANG_SECONDS)
    if mode in (Mode.OUTAGE, Mode.HANG):
        return JSONResponse({"message": "Технические работы"}, 503, headers={"Retry-After": "60"})
    if mode is Mode.GARBAGE:
        return Response("<html><body>Ошибка 0x80004005{{[</body></html>", media_type="application/json")
    if mode is Mode.OVERSIZE:
        return Response(b'{"person": "' + b"x" * OVERSIZE + b'"}', media_type="application/json")
    return None


def spoiled(response: Response) -> Response:
    """The answer as if somebody on the way had changed one letter of it."""
    changed = bytes(response.body)[:-1] + b" "
    return Response(changed, response.status_code, headers=dict(response.headers))


def _malformed(body: dict[str, Any]) -> dict[str, Any]:
    """Right JSON with fields of the wrong kind: what a careless reader would take for empty."""
    return {key: {name: [] for name in value} if isinstance(value, dict) else None for key, value in body.items()}
