"""The words and options of `sluice audit`.

Enters: the command line. Leaves: lines, JSON or files, and an exit code. What the words do stands in `proxy.cli.audit`,
`proxy.cli.copies` and `proxy.cli.trail`.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proxy.cli.common import Config, JsonOut, err, language, out, say, settings_of, told_plainly
from proxy.cli.exits import Exit
from proxy.errors import SettingsError
from proxy.settings.interface import Settings

if TYPE_CHECKING:
    from proxy.trail.checkpoint import Key

app = typer.Typer(help="Verify, read and prove the audit log.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="Who does it; the account that runs this if none.")]


@app.command("verify")
def audit_verify(
    file: Annotated[Path, typer.Argument(help="The audit log.")],
    head: Annotated[
        str | None, typer.Option(help="A head seq:hash that you kept elsewhere; proves that nothing was cut off.")
    ] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help="The checkpoints that a witness outside kept; those beside the log prove less.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Public keys, as `sluice audit key` prints them; this house's own if none.")
    ] = None,
    as_json: JsonOut = False,
    by: By = "",
    config: Config = None,
) -> None:
    """Find the first line that was edited, removed, inserted or moved."""
    from proxy.cli import audit as audits
    from proxy.cli import trail  # what they need takes a moment to import; other commands need not wait for it

    with told_plainly():
        own = trail.own(lambda: settings_of(config), file)
        keys = read_keys_of(key, config) if checkpoints else ()
        checked = audits.check_log(file, head, checkpoints, keys)
        if own is not None:
            trail.note(own, "audit_verified", by, ok=checked.ok, code=checked.problem, seq=checked.first)
    if as_json:
        out.print_json(json.dumps(checked.fields()))
    else:
        out.print(checked.told(language()), markup=False)
    against = own is not None and tell_witnesses(own, quiet=as_json)
    raise typer.Exit(Exit.OK if checked.ok and not checked.clock and not against else Exit.FOUND)


def tell_witnesses(settings: Settings, *, quiet: bool) -> bool:
    """Say which witnesses contradict the house's own log; returns whether any does."""
    from proxy.cli.state import look_at_witnesses
    from proxy.trail.messenger import read_standings

    against = any(one.contradicts for one in read_standings(settings.state).values())
    if against and not quiet:
        for check in look_at_witnesses(settings):
            if not check.ok:
                out.print(check.told.in_language(language()), markup=False)
    return against


@app.command("export")
def audit_export(
    file: Annotated[Path, typer.Argument(help="The audit log.")],
    form: Annotated[
        str | None, typer.Option("--as", help="ecs (lines of JSON) or syslog (RFC 5424); syslog with --to, else ecs.")
    ] = None,
    after: Annotated[int, typer.Option(help="Only records after the one with this number (seq).", min=0)] = 0,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the log grows.")] = False,
    to: Annotated[
        str | None, typer.Option(help="A syslog server: syslog+tls://host:6514, syslog+tcp://… or syslog+udp://…")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="A file that keeps how far one is; the next run goes on there.")
    ] = None,
    ca: Annotated[Path | None, typer.Option(help="Authorities trusted for TLS; the system's if none.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="Our certificate for TLS, with its chain.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its key; in the certificate's file if none.")] = None,
) -> None:
    """Write the log's records for a SIEM on standard output, in ECS or syslog, or send them to a syslog server."""
    from proxy.cli.export import Asked, export

    asked = Asked(file, form or "", after, follow, to or "", state, ca, certificate, key)
    with told_plainly():
        export(asked, lambda text: err.print(text.in_language(language()), markup=False))


@app.command("show")
def audit_show(
    file: Annotated[Path, typer.Argument(help="The audit log.")],
    user: Annotated[str | None, typer.Option(help="Only this person.")] = None,
    service: Annotated[str | None, typer.Option(help="Only this service.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Only this outcome: forwarded, redirected, refused …")] = None,
    reference: Annotated[str | None, typer.Option("--id", help="Only the exchange with this number.")] = None,
    policy: Annotated[str | None, typer.Option(help="Only under this version of the policy.")] = None,
    since: Annotated[str, typer.Option(help="From when on: 30d, 12h, 2w, 2026-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Until when: 1d, 2h, 2026-11-01T09:30.")] = "",
    as_json: JsonOut = False,
    by: By = "",
    config: Config = None,
) -> None:
    """Print the log's lines for people, or with --json as they are; that somebody reads it is recorded."""
    from proxy.cli import audit as audits
    from proxy.cli import trail

    asked = {"user": user, "service": service, "outcome": outcome, "id": reference, "policy": policy}
    wanted, now = {key: value for key, value in asked.items() if value is not None}, datetime.now().astimezone()
    with told_plainly():
        first = audits.start_of(since, now) if since else None
        last = audits.start_of(until, now, "--until") if until else None
        if (own := trail.own(lambda: settings_of(config), file)) is not None:
            times = {key: at.isoformat(timespec="seconds") for key, at in (("since", first), ("until", last)) if at}
            asked_for = sorted(f"{key}={value}" for key, value in {**wanted, **times}.items())
            trail.note(own, "audit_read", by, asked=asked_for)
        for entry in audits.entries(file, wanted, (first, last)):
            out.print(json.dumps(entry, ensure_ascii=False) if as_json else audits.row(entry, language()), markup=False)


@app.command("key")
def audit_key(config: Config = None) -> None:
    """Print the public keys with which auditors check the log's checkpoints."""
    from proxy.cli import trail  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        out.print(trail.public(settings_of(config)), markup=False, end="")


@app.command("new-key")
def audit_new_key(
    since: Annotated[
        str, typer.Option(help="From when on the old key counts for nothing, where it was stolen; from now if none.")
    ] = "",
    by: By = "",
    config: Config = None,
) -> None:
    """Sign with a new key from now on; give the auditors `sluice audit key` again."""
    from proxy.cli import trail  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        told = trail.renew(settings_of(config), since, by)
    before, until, key = told["before"], told["until"], told["key"]
    say(f"{before} until {until}, {key} from now on", f"{before} 有效至 {until}，此后使用 {key}")
    say(
        "Now give the auditors and the witnesses `sluice audit key > house.pem`; start `sluice audit witness` again"
        " with it: until then it refuses what the new key signs.",
        "接下来请把 `sluice audit key > house.pem` 交给审计员与见证方，并用它重启 `sluice audit witness`："
        "在此之前，后者会拒收新密钥签名的检查点。",
    )


@app.command("prove")
def audit_prove(
    number: Annotated[int, typer.Argument(help="Number (seq) of the record.", min=1)],
    by: By = "",
    config: Config = None,
) -> None:
    """Print a proof of one record, which can be checked without the others."""
    from proxy.cli import trail  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        out.file.write(trail.prove(settings_of(config), number, by).decode())


@app.command("verifier")
def audit_verifier(
    file: Annotated[Path, typer.Argument(help="Where the program goes, such as sluice-verify.pyz.")],
) -> None:
    """Write the program with which auditors check a log: it needs Python and the public key, and no Sluice."""
    from proxy.cli import trail  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        trail.write_program(file)


@app.command("witness")
def audit_witness(
    file: Annotated[Path, typer.Argument(help="Where checkpoints are kept.")],
    key: Annotated[Path, typer.Option(help="Public keys of the house, as `sluice audit key` prints them.")],
    listen: Annotated[str, typer.Option(help="Where to listen, as host:port.")] = "127.0.0.1:8090",
    certificate: Annotated[
        Path | None, typer.Option(help="Certificate and key in one PEM file; needed to listen to other machines.")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file with the token that the house sends.")] = None,
) -> None:
    """Keep another house's checkpoints: a witness, to run on another machine, in other hands."""

    from proxy.trail.collector import collect

    with told_plainly():
        collect(file, key, listen, certificate, token_file, say)


def read_keys_of(key: Path | None, config: Path | None) -> "tuple[Key, ...]":
    """Return the public keys in a file, or those of the house; raises `SettingsError`."""
    from proxy.trail.checkpoint import read_keys

    if key is None:
        from proxy.trail.signer import public_keys

        return public_keys(settings_of(config).state)
    try:
        return read_keys(key.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{key}: the public keys cannot be read: {error}", f"{key}：无法读取公钥：{error}"
        ) from None


@app.command("keygen")
def audit_keygen(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; it must not be there yet.")],
) -> None:
    """Make the auditor's key, and print its public part for the setting auditor_keys."""
    from proxy.cli.copies import keygen

    with told_plainly():
        out.print(keygen(file), markup=False)


@app.command("open")
def audit_open(
    reference: Annotated[str, typer.Argument(help="Number of a recorded exchange, as SLC-20261120-7K2F9Q.")],
    identity: Annotated[Path, typer.Option("--identity", "-i", help="The auditor's private key.")],
    by: Annotated[str, typer.Option(help="Who opens it; the account that runs this if none.")] = "",
    raw: Annotated[bool, typer.Option("--raw", help="Write the body as it came, and nothing else.")] = False,
    config: Config = None,
) -> None:
    """Show what somebody sent, from the copy that a policy with `record: sealed` has kept; this is recorded."""
    from proxy.cli.copies import lines, open_copies

    with told_plainly():
        settings = settings_of(config)
        for copy in open_copies(settings, reference, identity, by):
            if raw:
                sys.stdout.buffer.write(copy.body or b"")
                continue
            for line in lines(copy, settings):
                out.print(line, markup=False)
