"""`sluice models`: the models for names, laid out for a server that is to run them.

Enters: the settings and a folder. Leaves: a repository of models, and the lines that the settings need.
"""

from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.common import Config, out, settings_of, told_plainly
from proxy.errors import SettingsError

app = typer.Typer(help="Lay out the models for names for a server of their own.", no_args_is_help=True)


@app.callback()
def models() -> None:
    """Lay out the models for names for a server of their own."""


@app.command()
def export(
    triton: Annotated[Path | None, typer.Option(help="A new folder, for NVIDIA Triton or KServe.")] = None,
    mlserver: Annotated[Path | None, typer.Option(help="A new folder, for MLServer.")] = None,
    half: Annotated[
        bool, typer.Option("--half", help="Half-precision weights where there are some: for GPUs.")
    ] = False,
    config: Config = None,
) -> None:
    """Write the models that the settings use as a repository of a model server."""
    from proxy.inference.export import export as write

    with told_plainly():
        if (triton is None) == (mlserver is None):
            raise SettingsError(
                "name one folder: --triton DIR or --mlserver DIR",
                "请只指定一个文件夹：--triton 目录 或 --mlserver 目录",
            )
        detection = settings_of(config).detection
        folder = triton or mlserver or Path()
        names = write(detection, folder, "triton" if triton else "mlserver", half=half)
    for name in names:
        out.print(name, markup=False)
