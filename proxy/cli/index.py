"""The words and options of `sluice index`.

Enters: the command line. Leaves: lines or JSON, and an exit code. What the words do stands in `proxy.cli.index_build`;
no registered value is ever printed.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from detectors.interface import DetectorError
from policies.decision import Text
from proxy.cli.common import Config, JsonOut, err, language, out, settings_of, tell, told_plainly
from proxy.cli.exits import Exit
from proxy.cli.index_sources import DATABASE, ENCODINGS

app = typer.Typer(
    help="Register the company's own data, so that it is recognised: rows of a database, documents, source code.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the index, as a policy writes it under `index`.")]


STOPPED = {
    "en": "stopped; the index is as it was. The same command goes on from here (a query without ORDER BY begins anew)",
    "zh": "已中断，索引保持原样。再执行同一命令即可接着做（没有 ORDER BY 的查询会从头开始）",
}


@app.command("build")
def build(
    name: Name,
    csv: Annotated[Path | None, typer.Option(help="Rows of a CSV file whose first line names the columns.")] = None,
    query: Annotated[
        str | None, typer.Option(help="Rows of a database query; with ORDER BY a build can go on.")
    ] = None,
    database: Annotated[
        str, typer.Option(help="Environment variable with the SQLAlchemy URL of the database.")
    ] = DATABASE,
    folder: Annotated[Path | None, typer.Option(help="Documents and source code below this folder.")] = None,
    git: Annotated[Path | None, typer.Option(help="Files of this git repository, as they are in its HEAD.")] = None,
    columns: Annotated[
        str, typer.Option(help="Columns to register: NAME:KIND,… – name, text, number, account, phone, id, email.")
    ] = "",
    alone: Annotated[str, typer.Option(help="Columns of which one value is enough: account, phone, id, email.")] = "",
    need: Annotated[int, typer.Option(help="How many columns of one row must stand near each other.")] = 2,
    near: Annotated[int, typer.Option(min=20, max=5000, help="How near, in characters.")] = 300,
    encoding: Annotated[str | None, typer.Option(help=f"Of the CSV file: {', '.join(ENCODINGS)}.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Of the CSV file; found in its first line if not said.")] = None,
    stop: Annotated[Path | None, typer.Option(help="Values that mean nothing, one a line.")] = None,
    common: Annotated[
        list[Path] | None, typer.Option(help="Folder of texts that everybody has; may be repeated.")
    ] = None,
    config: Config = None,
) -> None:
    """Build an index, or build it anew; one that was cut off goes on where it was."""
    from proxy.cli.index_build import Asked, summary
    from proxy.cli.index_build import build as build_index

    if encoding is not None and encoding not in ENCODINGS:
        raise typer.BadParameter(f"one of {', '.join(ENCODINGS)}", param_hint="--encoding")
    if delimiter is not None and len(delimiter.replace("\\t", "\t")) != 1:
        raise typer.BadParameter("one character", param_hint="--delimiter")
    with told_plainly():
        asked = Asked(
            name,
            csv=csv,
            query=query,
            database=database,
            folder=folder,
            git=git,
            columns=columns,
            alone=alone,
            need=need,
            near=near,
            encoding=encoding,
            delimiter=delimiter.replace("\\t", "\t") if delimiter else None,
            stop=stop,
            common=tuple(common or ()),
        )
        try:
            index = build_index(settings_of(config).state, asked)
        except KeyboardInterrupt:
            err.print(STOPPED[language()], markup=False)
            raise
        tell(summary(index))


@app.command("list")
def list_all(as_json: JsonOut = False, config: Config = None) -> None:
    """List all indexes."""
    from proxy.cli.index_build import all_indexes, summary

    with told_plainly():
        found = all_indexes(settings_of(config).state)
    if as_json:
        told = [{"name": name, "problem": one.en} if isinstance(one, Text) else dict(one.about) for name, one in found]
        out.print_json(json.dumps(told, ensure_ascii=False))
    for name, one in () if as_json else found:
        tell(Text(f"{name}  {one.en}", f"{name}  {one.zh}") if isinstance(one, Text) else summary(one))
    raise typer.Exit(Exit.FOUND if any(isinstance(one, Text) for _, one in found) else Exit.OK)


@app.command("show")
def show(
    name: Name,
    documents: Annotated[bool, typer.Option("--documents", help="Names of documents, with their numbers.")] = False,
    config: Config = None,
) -> None:
    """Show what an index is made of; none of its data stands in it."""
    from proxy.cli.index_build import details, documents_of, one_index, summary

    with told_plainly():
        state = settings_of(config).state
        index = one_index(state, name)
        lines = [summary(index), *details(index)]
        if documents and index.form != "exact":
            lines += documents_of(state, index)
        for line in lines:
            tell(line)


@app.command("verify")
def verify(name: Name, config: Config = None) -> None:
    """Check every byte of an index."""
    from proxy.cli.index_build import one_index, summary

    with told_plainly():
        state = settings_of(config).state
        try:
            tell(summary(one_index(state, name, whole=True)))
        except DetectorError as error:
            err.print(error.chinese if language() == "zh" else str(error), markup=False)
            raise typer.Exit(Exit.FOUND) from None


@app.command("remove")
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
) -> None:
    """Take an index away; a policy that names it can then no longer be put in force."""
    from proxy.cli.index_build import remove as take_away

    with told_plainly():
        if not yes:
            typer.confirm(Text(f"Remove the index {name}?", f"删除索引 {name}？").in_language(language()), abort=True)
        take_away(settings_of(config).state, name)
