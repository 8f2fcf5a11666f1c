"""The words and options of `sluice ca`.

Enters: the command line. Leaves: lines, files, and an exit code. What the words do stands in `proxy.rollout`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import certifi
import typer
from cryptography.hazmat.primitives.hashes import SHA256

from proxy.cli.common import Config, out, say, settings_of, told_plainly
from proxy.cli.exits import Exit
from proxy.errors import SettingsError
from proxy.settings.interface import Settings

if TYPE_CHECKING:
    from proxy.rollout.authority import Before

app = typer.Typer(help="The certificate authority that clients trust.", no_args_is_help=True)
By = Annotated[str, typer.Option("--by", help="Who does it; the account that runs this if none.")]
ROLES = {"current": "当前", "next": "下一个", "old": "旧"}


@contextmanager
def noted(settings: Settings, word: str, by: str, **notes: str) -> Iterator["Before"]:
    """Give what keeps an event of a step right before it is done; one that cannot be kept stops it.

    Before the first start there is no log, and no key to make one with.
    """
    from proxy.cli.trail import noting  # what it needs takes a moment to import; the help need not wait for it

    if not (settings.state / "keys" / "master.key").exists():
        yield lambda _: None
        return
    with noting(settings, word, by) as keep:
        yield lambda standing: keep(**notes, authority=standing.fingerprint)


def fingerprint(state: Path, role: str) -> str:
    """Return the fingerprint of the authority with a role, or nothing where there is none."""
    from proxy.rollout.authority import standings

    return next((one.fingerprint for one in standings(state) if one.role == role), "")


@app.command("show")
def ca_show(config: Config = None) -> None:
    """Show each authority, until when it holds, and the fingerprint to compare; exit with 1 where there is none."""
    from proxy.rollout.authority import gone, standings

    with told_plainly():
        state = settings_of(config).state
        found, retired = standings(state), gone(state)
    if not found:
        say(
            f"There is no authority in {state} yet: “sluice run” makes one at its first start.",
            f"{state} 中还没有颁发机构：“sluice run”首次启动时会生成。",
        )
    for one in found:
        ends = f"{one.trusted.not_valid_after_utc:%Y-%m-%d}"
        name = one.trusted.subject.rfc4514_string()
        say(f"{one.role:8} until {ends}  {name}", f"{ROLES[one.role]}  有效期至 {ends}  {name}")
        out.print(f"         SHA-256 {one.fingerprint}", markup=False, soft_wrap=True)
    for certificate in retired:
        name = certificate.subject.rfc4514_string()
        say(f"gone     no client may trust it   {name}", f"已停用  客户端不得再信任  {name}")
        told = certificate.fingerprint(SHA256()).hex(":").upper()
        out.print(f"         SHA-256 {told}", markup=False, soft_wrap=True)
    raise typer.Exit(Exit.OK if found else Exit.FOUND)


@app.command("kit")
def ca_kit(
    folder: Annotated[Path, typer.Argument(help="A new folder for the files.")],
    proxy: Annotated[str, typer.Option(help="The proxy as clients reach it, as host:port.")] = "",
    pac: Annotated[str, typer.Option(help="Address of the PAC file, as http://host:8081/proxy.pac.")] = "",
    config: Config = None,
) -> None:
    """Write for each kind of client what makes it trust the authorities; no key is among it."""
    from proxy.rollout.authority import gone, standings
    from proxy.rollout.kit import Ways, kit
    from proxy.settings.read_values import address_in

    with told_plainly():
        state = settings_of(config).state
        found, retired = standings(state), gone(state)
        if not found:
            raise SettingsError(
                "there is no authority yet: it is made at the first `sluice run`, or by `sluice ca next`",
                "尚无证书颁发机构：首次 `sluice run` 时建立，也可用 `sluice ca next` 建立",
            )
        if folder.exists() and any(folder.iterdir()):
            raise SettingsError(f"{folder}: is not empty; name a new folder", f"{folder}：不是空目录；请指定新目录")
        if proxy and address_in(proxy) is None:
            raise SettingsError(
                "ca kit: --proxy takes host:port, such as proxy.example:8080",
                "ca kit：--proxy 的写法为 主机:端口，例如 proxy.example:8080",
            )
        if pac and not pac.startswith(("http://", "https://")):
            raise SettingsError(
                "ca kit: --pac takes an address, such as http://proxy.example:8081/proxy.pac",
                "ca kit：--pac 须为网址，例如 http://proxy.example:8081/proxy.pac",
            )
        files = kit([one.trusted for one in found], Path(certifi.where()).read_bytes(), Ways(proxy, pac), retired)
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o755 if path.suffix == ".sh" else 0o644)
    say(
        f"{len(files)} files in {folder}; begin with README.md",
        f"{folder} 中有 {len(files)} 个文件；请从 README.zh.md 开始",
    )


@app.command("next")
def ca_next(by: By = "", config: Config = None) -> None:
    """Make the next authority; it signs nothing until `sluice ca swap`, so that clients can trust it before."""
    from proxy.rollout.authority import stage

    with told_plainly():
        settings = settings_of(config)
        with noted(settings, "ca_made", by) as before:
            made = stage(settings.state, settings.node, before)
    say(f"made; SHA-256 {made.fingerprint}", f"已建立；SHA-256 {made.fingerprint}")
    say(
        "Roll out the kit (`sluice ca kit`), then `sluice ca swap`.",
        "请先分发信任包（`sluice ca kit`），再运行 `sluice ca swap`。",
    )


@app.command("take")
def ca_take(
    certificate: Annotated[Path, typer.Argument(help="The authority's certificate, then those above it, in PEM.")],
    key: Annotated[Path, typer.Argument(help="Its private key, in PEM, without a password.")],
    by: By = "",
    config: Config = None,
) -> None:
    """Take an authority of the company's own PKI as the next one; `sluice ca swap` lets it sign."""
    from proxy.rollout.authority import take

    with told_plainly():
        settings = settings_of(config)
        with noted(settings, "ca_taken", by) as before:
            made = take(settings.state, certificate, key, before)
    say(
        f"taken; clients must trust SHA-256 {made.fingerprint}",
        f"已接收；客户端须信任 SHA-256 {made.fingerprint}",
    )


@app.command("swap")
def ca_swap(by: By = "", config: Config = None) -> None:
    """Let the next authority sign from the next start on; the present one stays trusted until `sluice ca retire`."""
    from proxy.rollout.authority import swap

    with told_plainly():
        settings = settings_of(config)
        current = fingerprint(settings.state, "current")
        with noted(settings, "ca_swapped", by, **({"before": current} if current else {})) as before:
            swap(settings.state, before)
    say(
        "swapped. Restart the proxy (systemctl restart sluice): until then it signs with the one before. Then, once all"
        " clients have the kit, `sluice ca retire`.",
        "已切换。请重启代理（systemctl restart sluice）：在此之前仍用上一个签发。所有客户端都装好信任包之后，"
        "执行 `sluice ca retire`。",
    )


@app.command("retire")
def ca_retire(by: By = "", config: Config = None) -> None:
    """Forget the old authority, with its key; kits made from then on take it from the clients."""
    from proxy.rollout.authority import retire

    with told_plainly():
        settings = settings_of(config)
        with noted(settings, "ca_retired", by) as before:
            retire(settings.state, before)
    say(
        "the old authority is gone, with its key. Make the kit anew, in a new folder (`sluice ca kit`), and roll it"
        " out: it takes the old one from the clients, which trust it until then.",
        "旧的颁发机构及其私钥已移除。请在新目录中重新生成信任包（`sluice ca kit`）并分发：它会从客户端移除旧的；"
        "在此之前客户端仍信任它。",
    )
