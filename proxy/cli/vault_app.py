"""The words and options of `sluice keys` and `sluice vault`.

Enters: the command line. Leaves: lines, and an exit code. What the words do stands in `proxy.cli.vault`.
"""

from typing import Annotated

import typer

from proxy.cli.common import Config, language, out, say, settings_of, told_plainly
from proxy.cli.exits import Exit
from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from proxy.store.address import is_redis

keys_app = typer.Typer(help="Versions of the key that the vault's keys are wrapped under.", no_args_is_help=True)
vault_app = typer.Typer(help="What the vault holds, and how it is destroyed.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="Who does it; the account that runs this if none.")]


@keys_app.command("list")
def keys_list(config: Config = None) -> None:
    """List the versions: whether they open, and how many data keys are wrapped under each."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        for line in vault.rows(*vault.listed(settings_of(config)), language()):
            out.print(line, markup=False)


@keys_app.command("rotate")
def keys_rotate(by: By = "", config: Config = None) -> None:
    """Make a newer version, beside a running proxy; then run `sluice keys rewrap`.

    A house that has kept nothing yet has no version: the first one is made, and that is said.
    """
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        settings = settings_of(config)
        version = vault.rotate(settings, by)
    if version == 1:
        say(
            "version 1 is the first: there was none to be replaced, for no key was wrapped under one yet",
            "版本 1 是第一个版本：此前没有以任何版本保护过密钥，因此没有可轮换的版本",
        )
    else:
        say(
            f"version {version} is the newest; for what was sealed before, run: sluice keys rewrap",
            f"最新版本为 {version}；此前封存的内容请运行：sluice keys rewrap",
        )
    take_along(settings)


@keys_app.command("rewrap")
def keys_rewrap(by: By = "", config: Config = None) -> None:
    """Bring everything under the newest version, without showing any of it; exit with 1 where something is lost."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        done = vault.rewrap(settings_of(config), by)
    lost, lost_zh = (f"; {done.lost} do not open", f"；有 {done.lost} 个无法打开") if done.lost else ("", "")
    say(
        f"{done.keys} keys and {done.values} older values are under version {done.version} now{lost}",
        f"{done.keys} 个密钥和 {done.values} 个较早的原值现由版本 {done.version} 保护{lost_zh}",
    )
    if not done.lost:
        say(
            f"Back vault-{done.version}.key up; then `sluice keys end --below {done.version}` makes the older ones"
            " useless, for good.",
            f"请备份 vault-{done.version}.key；之后执行 `sluice keys end --below {done.version}`，"
            "更早的版本即永久失效。",
        )
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
        settings = settings_of(config)
        ended = vault.end_below(settings, below, by, even_so=even_so)
    versions = ", ".join(map(str, ended))
    say(f"destroyed: {versions or 'none was there'}", f"已销毁：{versions or '没有这样的版本'}")
    take_along(settings)


def take_along(settings: Settings) -> None:
    """Say what must go to the other nodes, where there may be some."""
    if is_redis(settings.store):
        say(
            "Now copy keys/vault-* to the other nodes, and delete there what is gone here: until then they refuse what"
            " is sealed under the newest (docs/many-nodes.md).",
            "请立即把 keys/vault-* 复制到其他节点，并在那里删除此处已没有的文件："
            "在此之前，用最新版本封存的内容会被它们拒绝（docs/many-nodes.zh.md）。",
        )


@vault_app.command("status")
def vault_status(config: Config = None) -> None:
    """Say how much is kept."""
    from proxy.cli import vault  # what it needs takes a moment to import; the help need not wait for it

    with told_plainly():
        _, _, size = vault.listed(settings_of(config))
    keys = sum(size.keys.values())
    say(
        f"{size.values} values of {size.people} people, {size.most} of one at most; {keys} data keys",
        f"{size.people} 人的 {size.values} 个原值，单人至多 {size.most} 个；{keys} 个数据密钥",
    )


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
            raise SettingsError(
                "give one of --user, --address and --conversation",
                "请给出 --user、--address、--conversation 之一",
            )
        [(kind, name)] = chosen.items()
        gone = vault.forget(settings_of(config), kind, name, by)
    say(
        f"destroyed: {gone.keys} keys, {gone.values} values, {gone.turns} turns",
        f"已销毁：{gone.keys} 个密钥、{gone.values} 个原值、{gone.turns} 轮对话",
    )
    raise typer.Exit(Exit.OK if gone.keys or gone.values or gone.turns else Exit.FOUND)
