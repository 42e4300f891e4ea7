"""The command line: `medcab …`."""

import asyncio
import os
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from medcab import frontend, schema, server
from medcab.settings import SECRETS, Settings, get_settings

app = typer.Typer(
    help="medcab: the personal cabinet of a medical worker.", no_args_is_help=True, add_completion=False, rich_markup_mode=None,
    pretty_exceptions_enable=False,
)  # fmt: skip
figures = typer.Typer(help="The daily figures of the dashboards, against the visits they count.", no_args_is_help=True)
app.add_typer(figures, name="figures")
_WHO_CONNECTS = re.compile("//.*@")
"""User and password in an address, whatever signs the password has."""


def _say(line: str) -> None:
    typer.echo(line)


def _prepare() -> None:
    """Bring the front end and the database up to date."""
    if frontend.is_stale():
        _say("Building the front end (about a minute, only when its sources changed) …")
        frontend.build(_say)
    if not schema.is_current():
        schema.upgrade()


@app.command()
def demo(reset: Annotated[bool, typer.Option(help="Throw the demo's data away and begin anew.")] = False) -> None:
    """Start a clinic to try: builds, migrates, seeds when empty, serves, prints the address and the accounts."""
    from medcab import demo as clinic

    began = time.monotonic()
    settings = get_settings()
    if settings.mode == "production":
        raise server.CannotServe(
            "This is a production installation (MEDCAB_MODE): the demo would fill it with made-up people."
        )
    server.require_free(settings.host, settings.port, "the cabinet")  # or a demo that runs would lose its data
    if reset and settings.database_url:
        raise server.CannotServe(
            "The data is not in the data folder but in MEDCAB_DATABASE_URL: empty that database and the folder by hand."
        )
    if reset:
        shutil.rmtree(settings.data_dir, ignore_errors=True)
        get_settings.cache_clear()
        settings = get_settings()
    with server.sandbox_running(settings) as ready:
        _prepare()
        if clinic.is_needed():
            server.run_apart("seed")
        ready()
        clinic.fill_register(settings)
        _say(clinic.greeting(settings, time.monotonic() - began))
        server.serve(settings)


@app.command()
def run() -> None:
    """Serve the cabinet (the front end must be built and the database migrated)."""
    settings = get_settings()
    if problems := settings.problems():
        raise server.CannotServe("Not fit to serve:\n  " + "\n  ".join(problems))
    if not frontend.is_built():
        raise server.CannotServe("The front end is not built: run `medcab build` first.")
    if not schema.is_current():
        raise server.CannotServe("The database is not up to date: run `medcab migrate` first.")
    _say(f"medcab serves {settings.origin}")
    server.serve(settings, workers=settings.workers)


@app.command()
def build(if_stale: Annotated[bool, typer.Option(help="Only when its sources changed.")] = False) -> None:
    """Build the front end (needs Node from the `build` extra)."""
    if not if_stale or frontend.is_stale():
        frontend.build(_say)


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    schema.upgrade()
    _say("The database is up to date.")


@app.command()
def seed() -> None:
    """Fill an empty database with the demo clinic."""
    from medcab import demo as clinic

    schema.upgrade()
    if not clinic.is_needed():
        raise server.CannotServe("The database already has data: `medcab demo --reset` begins anew.")
    clinic.seed(_say)


@app.command()
def sandbox() -> None:
    """Play the outside world: federal register, SMS gateway, mail server (for demos and tests)."""
    from medcab.sandbox import Addressee, serve

    settings = get_settings()
    server.require_sandbox_free(settings)
    serve(
        settings.data_dir / "sandbox", port=settings.sandbox_port, mail_port=settings.mail_port,
        register_key=bytes.fromhex(settings.register_key.get_secret_value()),
        sms_key=bytes.fromhex(settings.sms_key.get_secret_value()),
        bank_secret=settings.bank_key.get_secret_value(),
        supervision=Addressee(settings.origin, bytes.fromhex(settings.supervision_key.get_secret_value())),
    )  # fmt: skip


@app.command("check-config")
def check_config() -> None:
    """List every setting without its secrets, and what would keep production from starting."""
    settings = get_settings()
    for name, field in Settings.model_fields.items():
        origin = "generated here" if name in settings.generated_secrets else "given"
        shown = origin if name in SECRETS else _WHO_CONNECTS.sub("//•••@", str(getattr(settings, name)))
        _say(f"MEDCAB_{name.upper()} = {shown}\n    {field.description or ''}")
    for problem in settings.problems():
        _say(f"PROBLEM: {problem}")
    if settings.problems():
        raise typer.Exit(1)


@app.command("create-admin")
def create_admin(
    email: Annotated[str, typer.Argument(help="E-mail of a person who has already registered.")],
    organisation: Annotated[
        str, typer.Argument(help="Full name of the organisation; made when there is none of this OGRN.")
    ],
    ogrn: Annotated[str, typer.Argument(help="OGRN of the organisation, 13 digits.")],
) -> None:
    """Make a registered person the administrator of an organisation (the first one of a new installation)."""
    from medcab import db
    from medcab.accounts.administration import service as administration
    from medcab.errors import MedcabError

    async def appoint() -> str:
        async with db.transaction() as session:
            return await administration.appoint_administrator(
                session, address=email, organisation=organisation, number=ogrn
            )

    try:
        _say(f"{asyncio.run(appoint())} is now an administrator of {organisation}.")
    except MedcabError as refusal:
        raise server.CannotServe(refusal.message) from refusal


@app.command("rotate-keys")
def rotate_keys() -> None:
    """Seal everything anew with the first key of MEDCAB_ENCRYPTION_KEYS; can be interrupted and resumed."""
    from medcab import rotation

    rotation.main(_say)


@app.command()
def compare(
    trust: Annotated[bool, typer.Option(help="Believe the register however many people it denies.")] = False,
) -> None:
    """Begin comparing everybody with the federal register now; the running server carries it out."""
    from medcab import db
    from medcab.verification import queries
    from medcab.verification.watch import service

    async def begin() -> bool:
        async with db.transaction() as session:
            if await queries.open_round(session):
                return False
            await service.begin(session, trusted=trust)
            return True

    schema.load()
    if not asyncio.run(begin()):
        raise server.CannotServe("A comparison is under way already.")
    _say("The comparison begins within half a minute, if the cabinet is served.")


@app.command("verify-journal")
def verify_journal() -> None:
    """Check the audit journal's chain."""
    from medcab import audit, db

    async def check() -> list[str]:
        async with db.reading() as session:
            return await audit.verify(session)

    problems = asyncio.run(check())
    _say("\n".join(problems) or "The journal is whole.")
    raise typer.Exit(1 if problems else 0)


@figures.command()
def verify() -> None:
    """Recount every day from its visits and name each figure that is kept otherwise; beside running work, exit code 1 when there is any."""
    from medcab.schedule.figures.recount import service

    async def check() -> int:
        found = await service.months()
        wrong, progress = 0, _Progress(len(found))
        async for month, drifts in service.verify(found):
            names = await service.names(drifts) if drifts else {}
            for drift in drifts:
                _say(drift.told(month, names))
            wrong += len(drifts)
            progress.step(f"{month.organisation}, {month.department}, {month.first:%Y-%m}")
        _say(
            f"{len(found)} months of departments recounted, {wrong} lines are not true."
            if wrong
            else f"{len(found)} months of departments recounted: the figures are true."
        )
        return wrong

    schema.load()
    raise typer.Exit(1 if asyncio.run(check()) else 0)


@figures.command()
def rebuild(
    anew: Annotated[
        bool, typer.Option(help="Begin with the first month, also when a rebuild was stopped half-way.")
    ] = False,
) -> None:
    """Put right what `verify` would name; beside running work, can be killed and resumed."""
    from medcab.schedule.figures.recount import service

    async def count() -> int:
        left, done = await service.begin(anew=anew)
        if done:
            _say(f"Going on after {done} months of departments that are done already (--anew begins with the first).")
        corrected, progress = 0, _Progress(len(left) + done, done)
        async for month, lines in service.rebuild(left):
            corrected += lines
            told = f", {lines} lines put right" if lines else ""
            progress.step(f"{month.organisation}, {month.department}, {month.first:%Y-%m}{told}")
        await service.end()
        return corrected

    schema.load()
    _say(f"The figures are true; lines put right: {asyncio.run(count())}.")


@figures.command()
def past(
    ogrn: Annotated[str, typer.Argument(help="The clinic, by its ОГРН.")],
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX: Отделение; Неделя; Класс; Случаев.", exists=True, dir_okay=False)
    ],
) -> None:
    """Keep weekly cases of earlier years, counted by another system: without three years there is no threshold of incidence."""
    from medcab import db
    from medcab.dashboards.epidemiology.past import service
    from medcab.errors import MedcabError

    async def keep() -> int:
        weeks = service.read(file.read_bytes())
        async with db.transaction() as session:
            return await service.bring(session, ogrn=ogrn, weeks=weeks)

    schema.load()
    try:
        _say(f"Weeks kept: {asyncio.run(keep())}.")
    except MedcabError as refused:
        _say(refused.message)
        raise typer.Exit(1) from None


class _Progress:
    """A line to the terminal's side whenever another hundredth of the whole is done, at most once a second."""

    def __init__(self, whole: int, done: int = 0) -> None:
        self._whole, self._done, self._told = whole, done, time.monotonic()

    def step(self, what: str) -> None:
        self._done += 1
        if time.monotonic() - self._told >= 1 or self._done == self._whole:
            self._told = time.monotonic()
            typer.echo(f"{self._done * 100 // self._whole:3} %  {what}", err=True)


def main() -> None:
    """Entry point: refusals of the program are one sentence, not a traceback."""
    os.chdir(Path(__file__).parent.parent)
    try:
        app()
    except (server.CannotServe, frontend.CannotBuild) as refusal:
        typer.echo(f"medcab: {refusal}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
