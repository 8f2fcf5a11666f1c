"""`sluice demo`: the main job with no internet, with the real proxy, stand-in services and the vendors' own SDKs.

It shows for each prompt what the person typed, what left the company and what came back, and checks itself: 0 when
every promise was kept, 1 when one was broken, 3 when something the demo needs is missing.
"""

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as Styled

from policies.decision import Text
from proxy.cli.common import language
from proxy.demo.act import DemoTrouble, Played, Promise, act, set_stage, typed
from proxy.demo.employee import missing_sdks
from proxy.demo.process import DidNotStart
from proxy.demo.scenes import FATES, SCENES, Fate
from proxy.scratch import scratch

KEPT: Final = 0
BROKEN: Final = 1
CANNOT: Final = 3

TYPED: Final = Text(en="what the person typed", zh="员工输入")
LEFT: Final = Text(en="what left the company", zh="离开公司的内容")
INSIDE: Final = Text(en="what went to the internal model", zh="发给内部模型的内容")
BACK: Final = Text(en="what came back", zh="员工看到的回答")
NOTHING: Final = Text(en="(nothing: not one byte)", zh="（无，一个字节也没有）")
CHECKED: Final = Text(en="checked", zh="核对")

INTRODUCTION: Final = """\
The proxy is real. The external AI service and the company's model are stand-ins on this machine; each names itself \
in its answers and keeps the bytes it received. No internet is used.
代理是真实的；外部 AI 服务与公司内部模型均为本机上的替身，回答中会自报身份，并保存收到的每个字节。全程不使用互联网。"""


def demo() -> int:
    """Play all scenes and return the exit code."""
    console = Console(highlight=False)
    if missing := missing_sdks():
        names = " ".join(missing)
        told = Text(
            f"The demo uses the vendors' own SDKs; please install: pip install {names}   (or: make demo)",
            f"演示使用各厂商自己的 SDK；请安装：pip install {names}   （或运行：make demo）",
        )
        console.print(told.in_language(language()), markup=False)
        return CANNOT
    console.print(Panel(INTRODUCTION, title="sluice demo"))
    try:
        with scratch("demo") as folder:
            played = play(console, folder)
    except (DemoTrouble, DidNotStart) as trouble:
        told = Text(f"The demo cannot go on: {trouble}", f"演示无法继续：{trouble}")
        console.print(told.in_language(language()), markup=False)
        return CANNOT
    broken = [each for each in played if not each.kept]
    console.print(Rule())
    console.print(summary(len(played), len(broken)))
    return BROKEN if broken else KEPT


def play(console: Console, folder: Path) -> list[Played]:
    """Set the stage below `folder`, act every scene and show it."""
    played: list[Played] = []
    with console.status("Starting the proxy and the stand-ins… 正在启动代理与替身服务…"), set_stage(folder) as stage:
        for number, scene in enumerate(SCENES, start=1):
            console.print(Rule(f"{number}/{len(SCENES)}  {scene.service} · {scene.sdk} SDK"))
            console.print(Styled(FATES[scene.fate].in_language(scene.language), style="bold"))
            played.append(act(scene, stage))
            show(console, played[-1])
    return played


def show(console: Console, played: Played) -> None:
    """Print one scene."""
    scene, tongue = played.scene, played.scene.language
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(TYPED.in_language(tongue), marked(scene.prompt, scene.confidential, "red"))
    left = "\n".join(typed(seen, scene.sdk) for seen in played.outside)
    grid.add_row(LEFT.in_language(tongue), Styled(left or NOTHING.in_language(tongue)))
    if scene.fate is Fate.REDIRECTED:
        inside = "\n".join(typed(seen, "openai") for seen in played.inside)
        grid.add_row(INSIDE.in_language(tongue), Styled(inside or NOTHING.in_language(tongue)))
    grid.add_row(BACK.in_language(tongue), marked(played.came_back, scene.confidential, "green"))
    grid.add_row(CHECKED.in_language(tongue), checks(played.promises, tongue))
    console.print(grid)


def marked(text: str, values: tuple[str, ...], style: str) -> Styled:
    """Return `text` with every one of `values` in `style`."""
    styled = Styled(text)
    styled.highlight_words(values, style)
    return styled


def checks(promises: tuple[Promise, ...], language: str) -> Styled:
    """Return the promises, each with its mark."""
    lines = Styled()
    for number, promise in enumerate(promises):
        mark, style = ("✓", "green") if promise.kept else ("✗", "bold red")
        lines.append("\n" if number else "")
        lines.append(f"{mark} {promise.words.in_language(language)}", style)
    return lines


def summary(scenes: int, broken: int) -> Styled:
    """Return the last line."""
    if broken:
        return Styled(
            f"{broken} of {scenes} scenes did not come out as promised. {broken} 个场景未达到承诺。", "bold red"
        )
    return Styled(f"All {scenes} scenes came out as promised. {scenes} 个场景全部符合承诺。", "bold green")
