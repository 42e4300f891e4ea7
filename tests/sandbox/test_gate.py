"""What the sandbox's doors let in: signed, fresh, new questions, and its own pages' forms."""

import socket
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from medcab.integrations.signatures import REQUEST_PARTS, content_digest, sign
from medcab.sandbox.app import PortTaken, serve
from medcab.sandbox.supervision import Addressee
from tests.sandbox.running import REGISTER_KEY, Sandbox
from tests.verification.people import doctor, held


def question(**changes: Any) -> dict[str, str]:
    """The headers of a good question about the doctor; `changes` spoil it before it is signed."""
    values = {
        "@method": "GET",
        "@path": "/frmr/person",
        "@query": f"?snils={doctor().snils}",
        "content-digest": content_digest(b""),
        "x-operation": "frmr.person",
        "x-schema-version": "1.0",
        "x-request-id": str(uuid4()),
    } | {name: value for name, value in changes.items() if name not in ("created", "key", "keyid")}
    signed = sign(
        changes.get("key", REGISTER_KEY),
        changes.get("keyid", "medcab"),
        REQUEST_PARTS,
        values,
        created=changes.get("created", int(time.time())),
    )
    return {name: value for name, value in values.items() if not name.startswith("@")} | signed


def ask(sandbox: Sandbox, headers: dict[str, str], query: str | None = None) -> httpx.Response:
    return sandbox.http.get(f"/frmr/person?{query or 'snils=' + doctor().snils}", headers=headers)


@pytest.fixture(autouse=True)
def _loaded(sandbox: Sandbox) -> None:
    sandbox.load(held(doctor()))


def test_a_good_question_is_answered_with_a_signature(sandbox: Sandbox) -> None:
    answer = ask(sandbox, question())
    assert answer.status_code == 200
    assert answer.headers["content-digest"] == content_digest(answer.content)
    assert answer.headers["signature"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"key": b"another" * 5}, 401),
        ({"keyid": "somebody"}, 401),
        ({"created": 1_000}, 401),
        ({"created": 99_999_999_999}, 401),
        ({"@path": "/frmr/licence"}, 401),
        ({"@method": "POST"}, 401),
        ({"content-digest": content_digest(b"other")}, 400),
        ({"x-operation": "frmr.full"}, 400),
        ({"x-schema-version": "2.0"}, 409),
    ],
)
def test_a_bad_question_is_refused(sandbox: Sandbox, changes: dict[str, Any], status: int) -> None:
    answer = ask(sandbox, question(**changes))
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "retryable"}


def test_a_question_for_another_person_does_not_pass_with_this_signature(sandbox: Sandbox) -> None:
    assert ask(sandbox, question(), "snils=16072239447").status_code == 401


def test_an_unsigned_question_is_refused(sandbox: Sandbox) -> None:
    assert ask(sandbox, {}).status_code == 401


def test_the_same_question_twice_is_a_replay(sandbox: Sandbox) -> None:
    headers = question()
    assert ask(sandbox, headers).status_code == 200
    assert ask(sandbox, headers).status_code == 409


def test_a_newer_minor_version_is_understood(sandbox: Sandbox) -> None:
    assert ask(sandbox, question(**{"x-schema-version": "1.7"})).status_code == 200


def test_a_foreign_page_cannot_turn_the_switches(sandbox: Sandbox) -> None:
    for origin in ("http://evil.example", "null"):
        answer = sandbox.http.post("/", data={"*:mode": "outage"}, headers={"Origin": origin})
        assert answer.status_code == 403
    assert sandbox.http.get("/control/switches").json()["*"]["mode"] == "normal"


def test_a_foreign_name_for_this_machine_is_refused(sandbox: Sandbox) -> None:
    assert sandbox.http.get("/sms", headers={"Host": "rebind.example"}).status_code == 400


def test_pages_allow_no_foreign_scripts_or_frames(sandbox: Sandbox) -> None:
    policy = sandbox.http.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"people": 1}', b'{"people": [{}]}', b'{"people": [{"person": 1}]}']
)
def test_a_load_that_is_not_understood_changes_nothing(sandbox: Sandbox, body: bytes) -> None:
    assert sandbox.http.put("/control/register/people", content=body).status_code == 400
    assert sandbox.http.get("/health").json()["people"] == 1


@pytest.mark.parametrize(
    "body", [{"nothing": {}}, {"frmr.person": {"mode": "?"}}, {"mail.send": {"mode": "foreign"}}, {"*": 1}]
)
def test_a_switch_that_does_not_exist_is_refused(sandbox: Sandbox, body: dict[str, Any]) -> None:
    assert sandbox.http.put("/control/switches", json=body).status_code == 400


def test_it_listens_on_this_machine_only(tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        serve(
            tmp_path,
            port=1,
            mail_port=2,
            register_key=b"",
            sms_key=b"",
            bank_secret="",
            supervision=Addressee("", b""),
            host="0.0.0.0",
        )


def test_a_taken_port_is_named(tmp_path: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            serve(
                tmp_path,
                port=port,
                mail_port=2,
                register_key=b"",
                sms_key=b"",
                bank_secret="",
                supervision=Addressee("", b""),
            )
