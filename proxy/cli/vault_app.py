"""The words and options of `sluice keys` and `sluice vault`.

Enters: the command line. Leaves: lines, and an exit code. What the words do stands in `proxy.cli.vault`.
"""

from typing import Annotated

import typer

from proxy.cli.common import Config, out, settings_of, told_plainly
from proxy.cli.exits import Exit
from proxy.errors import SettingsError

keys_app = typer.Typer(help="Versions of the key that the vault's keys are wrapped under.", no_args_is_help=True)
vault_app = typer.Typer(help="What the vault holds, and how it is destroyed.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="Who does it; the account that runs this if none.")]


@keys_app.command("list")
def keys_list(config: Config = None) -> None:
    """List the versions: whether they open, and how many data keys are wrapped under each."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        for line in vault.rows(*vault.listed(settings_of(config))):
            out.print(line, markup=False)


@keys_app.command("rotate")
def keys_rotate(by: By = "", config: Config = None) -> None:
    """Make a newer version, beside a running proxy; then run `sluice keys rewrap`."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        out.print(f"version {vault.rotate(settings_of(config), by)} is the newest", markup=False)


@keys_app.command("rewrap")
def keys_rewrap(by: By = "", config: Config = None) -> None:
    """Bring everything under the newest version, without showing any of it; exit with 1 where something is lost."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        done = vault.rewrap(settings_of(config), by)
    told = f"{done.keys} keys and {done.values} older values are under version {done.version} now"
    out.print(told + (f"; {done.lost} do not open" if done.lost else ""), markup=False)
    raise typer.Exit(Exit.FOUND if done.lost else Exit.OK)


@keys_app.command("end")
def keys_end(
    below: Annotated[int, typer.Option(help="The least version that still opens.", min=1)],
    even_so: Annotated[bool, typer.Option("--even-so", help="Also where something is lost by it.")] = False,
    by: By = "",
    config: Config = None,
) -> None:
    """Let nothing below a version open any more, and destroy those key files."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        ended = vault.end_below(settings_of(config), below, by, even_so=even_so)
    told = ", ".join(map(str, ended)) or "none was there"
    out.print(f"destroyed: {told}", markup=False)


@vault_app.command("status")
def vault_status(config: Config = None) -> None:
    """Say how much is kept."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        _, _, size = vault.listed(settings_of(config))
    keys = sum(size.keys.values())
    told = f"{size.values} values of {size.people} people, {size.most} of one at most; {keys} data keys"
    out.print(told, markup=False)


@vault_app.command("forget")
def vault_forget(
    user: Annotated[str, typer.Option(help="A person, by the name that records have.")] = "",
    address: Annotated[str, typer.Option(help="An address, where nobody is known.")] = "",
    conversation: Annotated[str, typer.Option(help="A conversation, as the field of that name in a record.")] = "",
    by: By = "",
    config: Config = None,
) -> None:
    """Destroy a key, and with it all that was ever sealed under it; exit with 1 where nothing was kept."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    given = {"user": user, "address": address, "conversation": conversation}
    chosen = {kind: name for kind, name in given.items() if name}
    with told_plainly():
        if len(chosen) != 1:
            raise SettingsError("give one of --user, --address and --conversation")
        [(kind, name)] = chosen.items()
        gone = vault.forget(settings_of(config), kind, name, by)
    out.print(f"destroyed: {gone.keys} keys, {gone.values} values, {gone.turns} turns", markup=False)
    raise typer.Exit(Exit.OK if gone.keys or gone.values or gone.turns else Exit.FOUND)
