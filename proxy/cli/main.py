"""The `sluice` command: its words, options and help. What the words do stands in the modules beside this one."""

import json
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Annotated

import typer

from policies.decision import Text
from policies.problem import clip
from proxy.cli import detect_commands, exits
from proxy.cli.audit_app import app as audit_app
from proxy.cli.ca_app import app as ca_app
from proxy.cli.chinese import Bilingual
from proxy.cli.common import Config, JsonOut, err, file_of, language, out, say, settings_of, told_plainly
from proxy.cli.exits import Exit
from proxy.cli.grants_app import app as grants_app
from proxy.cli.index import app as index_app
from proxy.cli.models import app as models_app
from proxy.cli.policy_commands import app as policy_app
from proxy.cli.policy_commands import policy_explain
from proxy.cli.store_app import store_app
from proxy.cli.vault_app import keys_app, vault_app
from proxy.settings.read import source_of

TABLE = "\n\n".join(line.strip() for line in (exits.__doc__ or "").splitlines()[2:] if line.strip())

app = typer.Typer(
    cls=Bilingual,
    help="Sluice: an egress proxy and DLP filter for generative AI.",
    epilog=f"Exit codes:\n\n{TABLE}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with locals would quote what people wrote
    rich_markup_mode="rich",
)
services_app = typer.Typer(help="Look up the catalogue of AI services.")
app.add_typer(policy_app, name="policy")
app.add_typer(audit_app, name="audit")
app.add_typer(grants_app, name="grants")
app.add_typer(index_app, name="index")
app.add_typer(keys_app, name="keys")
app.add_typer(models_app, name="models")
app.add_typer(vault_app, name="vault")
app.add_typer(store_app, name="store")
app.add_typer(ca_app, name="ca")
app.add_typer(services_app, name="services")
app.command("explain", hidden=True)(
    policy_explain
)  # under `policy`, too; whoever has a refusal at hand looks for it here


@app.command()
def run(
    config: Config = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="Write listening address, certificate and pid here, as JSON, once running.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that serve clients; as the settings say if left out.", min=0, max=64),
    ] = None,
) -> None:
    """Run the proxy."""
    from proxy.shell.stock import spare

    spare()
    from proxy.cli.run import serve  # mitmproxy takes a second to import; other commands need not wait for it

    with told_plainly():
        file = file_of(config)
        serve(source_of(file), file, ready_file, workers)


@app.command()
def restart(config: Config = None) -> None:
    """Replace the workers of the running proxy one by one: no exchange is lost."""
    from proxy.cli.restart import restart as replace_workers

    with told_plainly():
        raise typer.Exit(replace_workers(settings_of(config)))


@app.command()
def demo() -> None:
    """Show the main job on this machine alone: the real proxy between stand-in services, in English and Chinese."""
    from proxy.cli.demo import demo as show

    raise typer.Exit(show())


@app.command()
def doctor(config: Config = None, as_json: JsonOut = False) -> None:
    """Check settings, policy, state, detectors and the internal model, and say what to do."""
    from proxy.shell.stock import spare

    spare()
    from proxy.cli.doctor import examine

    with told_plainly():
        findings = examine(config)
    if as_json:
        out.print_json(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            out.print(finding.line(language()), markup=False)
    raise typer.Exit(Exit.OK if all(finding.ok for finding in findings) else Exit.FOUND)


@app.command()
def canary(
    services: Annotated[
        list[str] | None, typer.Argument(help="Ids of services; those of the setting canary.services if none.")
    ] = None,
    proxy: Annotated[
        str, typer.Option(help="Where the proxy listens, as host:port; if left out, as the settings say.")
    ] = "",
    as_json: JsonOut = False,
    config: Config = None,
) -> None:
    """Prove that planted values on the way to each service are caught, by sending some through the running proxy."""
    from proxy.cli.canary import prove, table

    with told_plainly():
        results, sky = prove(settings_of(config, secrets=True), services or (), proxy)
    if as_json:
        out.print_json(json.dumps([result.as_json() for result in results], ensure_ascii=False))
    else:
        out.print(table(results, language(), sky.told))
    raise typer.Exit(Exit.OK if all(result.proven for result in results) else Exit.FOUND)


@app.command()
def record(
    host: Annotated[str, typer.Option(help="The host of the page; those below it count, too.")],
    folder: Annotated[Path, typer.Option("--out", help="A new folder for the cases.")],
    listen: Annotated[
        str, typer.Option(help="Where to listen, on this machine alone; port 0 takes any.")
    ] = "127.0.0.1:0",
    minutes: Annotated[int, typer.Option(help="When to give up.", min=1, max=120)] = 10,
    keep: Annotated[
        list[str] | None, typer.Option(help="A word of the format that may stand in the files; may be repeated.")
    ] = None,
    config: Config = None,
) -> None:
    """Take down a page's new wire format as a case for the adapters' tests, without anybody's words."""
    from proxy.shell.stock import spare

    spare()
    from proxy.cli.record import record as take_down

    with told_plainly():
        settings = settings_of(config)
        if settings.mode.startswith("upstream"):
            settings = settings_of(config, secrets=True)
        files = take_down(settings, host, folder, listen, minutes, keep or ())
    for file in files:
        out.print(str(file), markup=False)
    raise typer.Exit(Exit.OK if files else Exit.FOUND)


app.command("scan")(detect_commands.scan)
app.command("eval")(detect_commands.evaluate)
app.add_typer(detect_commands.rules_app, name="rules")


@services_app.callback(invoke_without_command=True)
def services(
    context: typer.Context,
    coverage: Annotated[bool, typer.Option("--coverage", help="Say for each service which adapters read it.")] = False,
    config: Config = None,
) -> None:
    """Look up the catalogue of AI services."""
    if context.invoked_subcommand is not None:
        return
    if not coverage:
        out.print(context.get_help(), markup=False)
        raise typer.Exit(Exit.OK)
    from proxy.assemble import catalogue_of
    from proxy.coverage_page import lines

    with told_plainly():
        found = lines(catalogue_of(settings_of(config)).services, language())
    for line in found:
        out.print(line, markup=False)


@services_app.command("list")
def services_list(
    name: Annotated[
        str | None, typer.Argument(help="Only services called so: a name, a vendor, or part of one.")
    ] = None,
    config: Config = None,
) -> None:
    """List the catalogue: id, category, country, names; exit with 1 if no service has the name."""
    from proxy.assemble import catalogue_of
    from proxy.cli.services import find_named, row

    with told_plainly():
        found = find_named(catalogue_of(settings_of(config)), name)
    for service in found:
        out.print(row(service), markup=False)
    if not found:
        told = Text(f"no service is called {clip(name or '')}", f"没有名为 {clip(name or '')} 的服务")
        err.print(told.in_language(language()), markup=False)
    raise typer.Exit(Exit.OK if found else Exit.FOUND)


@services_app.command("find")
def services_find(
    host: Annotated[str, typer.Argument(help="A host name, or the name of a service.")],
    path: Annotated[str, typer.Argument(help="A path, for hosts shared with other uses.")] = "/",
    config: Config = None,
) -> None:
    """Say which service a host belongs to; exit with 1 if none."""
    from proxy.assemble import catalogue_of
    from proxy.cli.services import find_named, row

    with told_plainly():
        catalogue = catalogue_of(settings_of(config))
        found = catalogue.lookup(host, path)
        named = [] if found or "." in host else find_named(catalogue, host)
    for service in named:
        out.print(row(service), markup=False)
    if not named:
        no = f"{clip(host)} belongs to no service: it is tunnelled, not decrypted"
        no_zh = f"{clip(host)} 不属于任何服务：直接转发，不解密"
        say(found.id if found else no, found.id if found else no_zh)
    raise typer.Exit(Exit.OK if found or named else Exit.FOUND)


@app.callback(invoke_without_command=True)
def main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Sluice: an egress proxy and DLP filter for generative AI."""
    if version:
        out.print(f"sluice {distribution_version('sluice')}")
        raise typer.Exit(Exit.OK)


if __name__ == "__main__":
    app()
