"""The real sandbox as a process of its own, and its control doors."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from medcab.integrations.federal_register.mapping import licence_payloads, to_payload
from medcab.verification.rules import Code, RegisterRecord

REGISTER_KEY = b"r" * 32
SMS_KEY = b"s" * 32
BANK_KEY = b"b" * 32
_PROGRAM = """
import sys
from pathlib import Path
from medcab.sandbox import Addressee, serve
serve(Path(sys.argv[1]), port=int(sys.argv[2]), mail_port=int(sys.argv[3]),
      register_key=b"r" * 32, sms_key=b"s" * 32, bank_secret="62" * 32, supervision=Addressee("http://127.0.0.1:9", b"n" * 32))
"""


@dataclass(frozen=True)
class Sandbox:
    """Where it listens, and what a test asks of it."""

    url: str
    mail_port: int
    http: httpx.Client

    def load(self, *records: RegisterRecord, refusal: Code | None = None) -> None:
        people = [to_payload(record) | {"refusal": refusal} for record in records]
        licences = [each for record in records for each in licence_payloads(record)]
        self.put("/control/register/people", {"people": people, "licences": licences})

    def switch(self, operation: str, mode: str = "normal", **more: int) -> None:
        self.put("/control/switches", {operation: {"mode": mode, **more}})

    def put(self, path: str, body: object) -> None:
        self.http.put(path, json=body).raise_for_status()

    def sms(self, to: str = "") -> list[dict[str, Any]]:
        return self.http.get("/control/sms", params={"to": to}).json()

    def mail(self, to: str = "") -> list[dict[str, Any]]:
        return self.http.get("/control/mail", params={"to": to}).json()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(data_dir: Path) -> Iterator[Sandbox]:
    """Start it, wait until it answers, and end it the way an operator would."""
    port, mail_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", _PROGRAM, str(data_dir), str(port), str(mail_port)]
    with subprocess.Popen(command) as program, httpx.Client(base_url=url, trust_env=False) as client:
        try:
            _wait(client, program)
            yield Sandbox(url, mail_port, client)
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(10)


def _wait(client: httpx.Client, program: subprocess.Popen[bytes]) -> None:
    transport = httpx.HTTPTransport(retries=8)  # httpx pauses longer before each further try
    with httpx.Client(base_url=client.base_url, transport=transport, trust_env=False) as patient:
        answer = patient.get("/health")
    assert program.poll() is None
    assert answer.json()["status"] == "ok"
