"""The words, options and help of `sluice scan`, `sluice eval` and `sluice rules`.

Enters: the command line. Leaves: an exit code, and output. What the words do stands in the modules beside this one,
which are imported when they are needed: detectors take a moment to load.
"""

import gc
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.common import Config, JsonOut, err, language, out, tell, told_plainly
from proxy.cli.exits import Exit

Policy = Annotated[Path | None, typer.Option(help="Look for what this policy's data classes name.")]
LOADING = {"en": "Loading the detectors …", "zh": "正在载入检测程序 …"}
MinScore = Annotated[float, typer.Option(help="Leave out findings with a lower score.", min=0, max=1)]


def scan(
    files: Annotated[
        list[Path] | None,
        typer.Argument(readable=False, help="Text files and folders of them; standard input if none."),
    ] = None,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help='Read lines {"id": …, "text": …} and write lines {"id": …, "findings": [{"start", "end", "entity", '
            '"score", "detector"}]} in the same order; offsets count Unicode code points.',
        ),
    ] = False,
    policy: Policy = None,
    entities: Annotated[str | None, typer.Option(help="Look for these entities only, separated by commas.")] = None,
    fail: Annotated[
        bool, typer.Option("--fail", help="Exit with 1 if anything was found, or could not be looked for.")
    ] = False,
    form: Annotated[str, typer.Option("--format", "-f", help="text, jsonl, csv, html or sarif.")] = "text",
    to: Annotated[Path | None, typer.Option(help="Write to this file, not to standard output.")] = None,
    include: Annotated[
        list[str] | None, typer.Option(help="In folders, only files that this glob fits; may be repeated.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="In folders, no file or folder that this glob fits; may be repeated.")
    ] = None,
    max_size: Annotated[int, typer.Option(help="The largest file to look into, in MB; 0 for any.", min=0)] = 16,
    min_score: MinScore = 0.0,
    explain: Annotated[bool, typer.Option("--explain", help="Say of each finding what speaks for it.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Tell the values, too; otherwise they are left out or masked.")
    ] = False,
    encoding: Annotated[
        str, typer.Option(help="What the files are written in; if left out, UTF-8, or a guess that is told.")
    ] = "",
    ocr: Annotated[
        bool,
        typer.Option("--ocr", help="Read what is written in pictures and on scanned pages, which takes seconds each."),
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="How many processes; 0 to choose.", min=0, max=64)] = 0,
    config: Config = None,
) -> None:
    """Say what is confidential in texts, files and folders, without repeating it."""
    with loading():
        from proxy.cli.scan import another_finder, must_be_known, read_lines, run, scan_lines, searched
        from proxy.cli.scan_gather import Globs
        from proxy.cli.scan_look import Wish
        from proxy.cli.scan_write import Form, asked_for, opened

    one_of(form, Form, "--format")
    with told_plainly():
        must_be_known(encoding)
        with loading():
            finder, wanted, floors = searched(policy, entities, config)
        wish = Wish(wanted, min_score, floors, show, most=max_size * 1_000_000, encoding=encoding, ocr=ocr)
        screen = sys.stdout if to is None and sys.stdout.isatty() else None
        asked = asked_for(Form(form), wish, explain=explain, jobs=jobs, screen=screen)
        with opened(to, private=show) as stream:
            if jsonl:
                each = [scan_lines(finder, wanted, lines, stream, asked) for lines in read_lines(files or ())]
                found, bad = (sum(one[at] for one in each) for at in (0, 1))
                raise typer.Exit(Exit.UNUSABLE if bad else Exit.FOUND if fail and found else Exit.OK)
            globs = Globs(tuple(include or ()), tuple(exclude or ()))
            sums = run(files or (), globs, asked, partial(another_finder, policy, entities, config), finder, stream)
        if screen or to is not None or any(file.is_dir() for file in files or ()):
            err.print(sums.line(language()), markup=False)
    if sums.refused:
        raise typer.Exit(Exit.UNUSABLE)
    raise typer.Exit(Exit.FOUND if fail and (sums.findings or sums.unknown) else Exit.OK)


def evaluate(
    files: Annotated[list[Path], typer.Argument(readable=False, help="Labelled texts as JSON lines, plain or gzip.")],
    policy: Policy = None,
    entities: Annotated[
        str | None,
        typer.Option(help="Score these only, separated by commas; if none, all labels that a detector finds."),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", help="LABEL=ENTITY: what a label of the data is called here; LABEL= leaves it out."),
    ] = None,
    merged: Annotated[
        list[str] | None,
        typer.Option("--merge", help="ENTITY=OTHER: count one as the other, in the data and among the findings."),
    ] = None,
    removed: Annotated[
        str, typer.Option("--remove", help="Characters to take out of every text first; offsets count without them.")
    ] = "",
    min_score: MinScore = 0.0,
    errors: Annotated[int, typer.Option(help="List so many sorts of errors, with places of each.", min=0)] = 0,
    show: Annotated[bool, typer.Option("--show", help="Quote the spans of the errors, too.")] = False,
    scores: Annotated[
        bool, typer.Option("--scores", help="Tell what a score is worth, to choose a minimum_score by.")
    ] = False,
    form: Annotated[str, typer.Option("--format", "-f", help="text or json.")] = "text",
    config: Config = None,
) -> None:
    """Score detection on labelled texts: precision, recall and F1 by language and entity."""
    with loading():
        from proxy.cli.eval import as_json, could_count, evaluate, lines, score_lines, scored_of
        from proxy.cli.labelled import Names, pairs_of, read_labelled
        from proxy.cli.scan import bar, both, finder_of, must_be_found, names_in

    one_of(form, ("text", "json"), "--format")
    with told_plainly():
        names = Names(pairs_of(mapped or (), "--map"), pairs_of(merged or (), "--merge"))
        records = list(read_labelled(files, names, removed))
        with loading():
            asked = names_in(entities)
            finder = finder_of(*both(policy, config), could_count(records, names, asked))
        must_be_found(asked or (), finder)
        result = scored_of(finder, records, names, asked)
        with bar(len(records)) as step:
            evaluate(finder, records, names, result, least=min_score, show=show, step=step)
        if form == "json":
            out.print_json(json.dumps(as_json(result, files, errors), ensure_ascii=False))
        else:
            told = language()
            worth = score_lines(result.reliability, told) if scores else ()
            for line in (*lines(result, errors, told), *worth):
                out.print(line, markup=False)
    raise typer.Exit(Exit.FOUND if result.whole.untold else Exit.OK)


rules_app = typer.Typer(help="Prove and list the rules that find patterns.", no_args_is_help=True)

RuleFiles = Annotated[
    list[Path] | None,
    typer.Argument(readable=False, help="Files of rules, or folders of them; the shipped ones if none."),
]


@rules_app.command("check")
def rules_check(files: RuleFiles = None, as_json: JsonOut = False) -> None:
    """Run all examples and counterexamples through the real engine; exit with 1 if one does not come out as marked."""
    from detectors.presidio import shipped_recognizers
    from proxy.cli.rules import as_plain, check, shelves, summary

    with told_plainly():
        checked = check(list(shelves(files or ())), () if files else shipped_recognizers())
    if as_json:
        out.print_json(json.dumps(as_plain(checked), ensure_ascii=False))
    else:
        for failure in checked.failures:
            tell(failure.told)
        tell(summary(checked))
    raise typer.Exit(Exit.FOUND if checked.failures else Exit.OK)


@rules_app.command("list")
def rules_list(
    files: RuleFiles = None,
    entity: Annotated[str | None, typer.Option(help="Only rules that find this entity.")] = None,
    as_json: JsonOut = False,
) -> None:
    """List rules: id, entity, score, check, and the words that raise the score or must stand near."""
    from proxy.cli.rules import plain, row, shelves

    with told_plainly():
        rows = [(book.file, rule) for book in shelves(files or ()) for rule in book.rules]
    wanted = [(file, rule) for file, rule in rows if entity is None or rule.entity == entity]
    if as_json:
        out.print_json(json.dumps([plain(rule, file) for file, rule in wanted], ensure_ascii=False))
    else:
        for _, rule in wanted:
            tell(row(rule))
    raise typer.Exit(Exit.OK if wanted else Exit.FOUND)


@contextmanager
def loading() -> Iterator[None]:
    """Say that detectors are being loaded, and look for no garbage meanwhile: all that is made there stays."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        with err.status(LOADING[language()]):
            yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()


def one_of(word: str, words: Iterable[str], option: str) -> None:
    """End with a usage error where `word` is none of `words`."""
    known = tuple(words)
    if word not in known:
        raise typer.BadParameter(f"{word}: write one of {', '.join(known)}", param_hint=option)
