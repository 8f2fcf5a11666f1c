"""The words and options of `sluice policy`; what they do stands in the modules `proxy.cli.policy…`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from proxy.cli.common import Config, JsonOut, err, language, out, settings_of, stop, told_plainly
from proxy.cli.exits import Exit

app = typer.Typer(help="Check, test, explain and compare the company's usage policy.", no_args_is_help=True)

Policies = Annotated[list[Path] | None, typer.Argument(help="Policy files or folders; the one in use if none.")]
Policy = Annotated[Path | None, typer.Option("--policy", "-p", help="Policy file or folder; the one in use if none.")]
Audit = Annotated[Path | None, typer.Option("--audit", help="The audit log; the running proxy's if none.")]
At = Annotated[str, typer.Option("--at", help='Clock of the policy: "2026-12-02 10:00"; now if none.')]
By = Annotated[str | None, typer.Option("--by", help="Who does it; your account if left out.")]
Wait = Annotated[float, typer.Option(help="Seconds that the nodes are waited for.", min=0, max=600)]
Every = Annotated[bool, typer.Option("--all", help="Show all of it.")]


def say(lines: Any) -> None:
    """Print lines as they are."""
    for line in lines:
        out.print(line, markup=False)


def which(meant: Any) -> None:
    """Say which policy is meant where none was named, beside what the command prints."""
    if told := meant.told.in_language(language()):
        err.print(told, markup=False)


def tell(data: Any) -> None:
    """Print JSON."""
    out.print(json.dumps(data, ensure_ascii=False, indent=2), markup=False)


@app.command("check")
def policy_check(
    policies: Policies = None,
    config: Config = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too.")] = False,
    output: Annotated[str, typer.Option("--output", "-o", help="text, json, sarif or github.")] = "text",
    as_json: JsonOut = False,
) -> None:
    """Say all that is wrong with policies, and run their tests; exits with 3 if one cannot be used, 5 if tests fail."""
    from policies.report import Level
    from proxy.cli.policy import Desk, Output, check_policies, show

    if output not in tuple(Output):
        raise typer.BadParameter(f"{output}: write one of {', '.join(Output)}", param_hint="--output")
    with told_plainly():
        desk = Desk(settings_of(config))
        if not policies:
            which(desk.published)
        checked = check_policies(desk, policies or [])
        show(
            checked, Output.JSON if as_json else Output(output), language(), lambda line: out.print(line, markup=False)
        )
    broken = any(each.policy is None for each in checked)
    failed = any(each.failed for each in checked)
    warned = strict and any(remark.level is not Level.NOTE for each in checked for remark in each.remarks)
    raise typer.Exit(Exit.UNUSABLE if broken else Exit.FAILED if failed else Exit.FOUND if warned else Exit.OK)


@app.command("test")
def policy_test(
    policies: Annotated[
        list[Path] | None, typer.Argument(help="Policies, or files NAME_test.yaml; the policy in use if none.")
    ] = None,
    config: Config = None,
    junit_file: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here; one policy only.")] = None,
    every: Annotated[bool, typer.Option("--verbose", "-v", help="List the tests that passed, too.")] = False,
    as_json: JsonOut = False,
) -> None:
    """Run the tests beside policies; exits with 5 if one fails, with 6 if a forbidden rule decides none."""
    from proxy.cli.policy import Desk
    from proxy.cli.policy_prove import junit, lines, plain, prove_policies
    from proxy.cli.policy_write import write

    if junit_file is not None and len(policies or []) > 1:
        raise typer.BadParameter("name one policy", param_hint="--junit")
    with told_plainly():
        desk = Desk(settings_of(config))
        if not policies:
            which(desk.published)
        proven = prove_policies(desk, policies or [])
        if as_json:
            tell([plain(each) for each in proven])
        else:
            say(line for each in proven for line in lines(each, language(), every=every))
        if junit_file is not None:
            write(junit_file, '<?xml version="1.0" encoding="UTF-8"?>\n' + junit(proven[0], language()))
    failed = any(each.proof.failed for each in proven)
    unproven = any(each.proof.unproven for each in proven)
    raise typer.Exit(Exit.FAILED if failed else Exit.UNPROVEN if unproven else Exit.OK)


@app.command("explain")
def policy_explain(
    reference: Annotated[str, typer.Argument(help="Number of a recorded exchange, as SLC-20261120-7K2F9Q.")] = "",
    policy: Policy = None,
    log: Audit = None,
    user: Annotated[str, typer.Option("--as", help="User name; nobody known if none.")] = "",
    group: Annotated[list[str] | None, typer.Option("--group", help="Group of the person; may be repeated.")] = None,
    service: Annotated[str, typer.Option(help="Id or name of the service; unlisted if none.")] = "",
    activity: Annotated[str, typer.Option(help="prompt, upload, visit …")] = "prompt",
    account: Annotated[str, typer.Option(help="free, personal, company or unknown.")] = "unknown",
    purpose: Annotated[str, typer.Option(help="business, personal or unknown.")] = "unknown",
    at: At = "",
    says: Annotated[str, typer.Option(help="A text; the detectors look through it.")] = "",
    finds: Annotated[list[str] | None, typer.Option("--finds", help="Or a data class taken to be found.")] = None,
    grant: Annotated[list[str] | None, typer.Option("--grant", help="Rule that the person has a grant for.")] = None,
    config: Config = None,
    as_json: JsonOut = False,
) -> None:
    """Say why an exchange ends as it does: a recorded one by its number, or one described by the options."""
    from policies.enact import ACCOUNTS, ACTIVITIES, PURPOSES
    from policies.words import canonical
    from proxy.cli.policy import Desk
    from proxy.cli.policy_explain import explain_case, explain_record, hypothetical, lines, plain

    words = {}
    for name, word, known in (
        ("activity", activity, ACTIVITIES),
        ("account", account, ACCOUNTS),
        ("purpose", purpose, PURPOSES),
    ):
        words[name] = canonical(word, known)
        if words[name] not in known:
            raise typer.BadParameter(f"{word}: write one of {', '.join(known)}", param_hint=f"--{name}")
    with told_plainly():
        desk = Desk(settings_of(config))
        if policy is None:
            which(desk.in_force)
        loaded = desk.policy(policy)
        if reference:
            told = explain_record(desk, loaded, reference, log)
        else:
            given: dict[str, Any] = {
                "user": user,
                "groups": frozenset(group or ()),
                "service": service,
                "says": says,
                **words,
            }
            given |= {"finds": dict.fromkeys(finds or (), 1) or None, "grants": frozenset(grant or ())}
            told = explain_case(desk, loaded, hypothetical(loaded, at, desk.now(), **given))
        if as_json:
            tell(plain(told))
        else:
            say(lines(told, language()))


@app.command("diff")
def policy_diff(
    before: Annotated[Path, typer.Argument(help="The policy as it was.")],
    after: Annotated[Path, typer.Argument(help="The policy as it is to be.")],
    every: Every = False,
    config: Config = None,
    as_json: JsonOut = False,
) -> None:
    """Say what changes from one policy to another in what happens; exits with 7 if anything is looser."""
    from policies.diff import compare
    from proxy.cli.policy import Desk
    from proxy.cli.policy_compare import comparison_lines, plain_comparison

    with told_plainly():
        desk = Desk(settings_of(config))
        comparison = compare(desk.policy(before), desk.policy(after), desk.services.all, desk.now())
        if as_json:
            tell(plain_comparison(comparison))
        else:
            say(comparison_lines(comparison, language(), every=every))
    raise typer.Exit(Exit.LOOSER if comparison.looser else Exit.OK)


@app.command("replay")
def policy_replay(
    policy: Annotated[
        Path | None, typer.Argument(help="The policy to try on what has happened; the one in force if none.")
    ] = None,
    since: Annotated[str, typer.Option(help="From when on: 30d, 12h, 2w, 2026-11-01.")] = "30d",
    log: Audit = None,
    config: Config = None,
    as_json: JsonOut = False,
) -> None:
    """Decide recorded exchanges again under another policy; exits with 1 if any would have ended otherwise."""
    from proxy.cli.policy import Desk
    from proxy.cli.policy_compare import plain_replay, replay_lines, replay_log

    with told_plainly():
        desk = Desk(settings_of(config))
        if policy is None:
            which(desk.in_force)
        done = replay_log(desk, desk.policy(policy), log, since)
        if as_json:
            tell(plain_replay(done))
        else:
            say(replay_lines(done, language()))
    raise typer.Exit(Exit.FOUND if done.changed else Exit.OK)


@app.command("when")
def policy_when(
    policy: Policy = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 14,
    at: At = "",
    config: Config = None,
    as_json: JsonOut = False,
) -> None:
    """Print the next windows of the policy's hours, with days off and make-up days."""
    from proxy.cli.policy import Desk
    from proxy.cli.policy_explain import hypothetical
    from proxy.cli.policy_write import plain_windows, windows

    with told_plainly():
        desk = Desk(settings_of(config))
        if policy is None:
            which(desk.in_force)
        loaded = desk.policy(policy)
        start = hypothetical(loaded, at, desk.now()).at
        if as_json:
            tell(plain_windows(loaded, start, days))
        else:
            say(windows(loaded, start, days, language()))


@app.command("schema")
def policy_schema(
    tests: Annotated[bool, typer.Option("--tests", help="Of the tests beside a policy.")] = False,
    config: Config = None,
) -> None:
    """Print the JSON Schema by which editors complete and check policies, with what rules of the settings find."""
    from proxy.cli.policy import Desk
    from proxy.cli.policy_write import schema

    with told_plainly():
        out.print(schema(Desk(settings_of(config)), tests=tests), markup=False)


@app.command("fmt")
def policy_fmt(
    file: Annotated[Path, typer.Argument(help="A policy file, or its tests.")],
    lang: Annotated[str, typer.Option("--lang", help="zh or en.")],
    to_file: Annotated[bool, typer.Option("--write", "-w", help="Change the file; otherwise print it.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only exit with 1 if it would change.")] = False,
    config: Config = None,
) -> None:
    """Write a policy's words in Chinese or English, without changing what it means."""
    from policies.format import LANGUAGES
    from proxy.cli.policy import Desk
    from proxy.cli.policy_write import reformat, write

    if lang not in LANGUAGES:
        raise typer.BadParameter("write zh or en", param_hint="--lang")
    with told_plainly():
        text, written = reformat(Desk(settings_of(config)), file, lang)
        if to_file and not check and text != written:
            write(file, written)
        if not to_file and not check:
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # always a TextIOWrapper on a command line
            sys.stdout.write(written)
    raise typer.Exit(Exit.FOUND if check and text != written else Exit.OK)


@app.command("new")
def policy_new(
    file: Annotated[Path, typer.Argument(help="The policy to write; it must not be there yet.")],
    template: Annotated[str, typer.Option(help="Which shipped policy to begin with.")] = "default",
    name: Annotated[str | None, typer.Option(help="Name of the policy.")] = None,
    owner: Annotated[str | None, typer.Option(help="Whom people turn to.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, as Asia/Shanghai.")] = None,
    opens: Annotated[str | None, typer.Option(help="When working hours begin, as 09:00.")] = None,
    closes: Annotated[str | None, typer.Option(help="When they end, as 18:00.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Language of the policy's words: zh or en.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; what is not given stays as it is.")] = False,
    config: Config = None,
) -> None:
    """Begin a policy, and the tests beside it, from a shipped one, asking a few questions."""
    from policies.format import LANGUAGES, translate
    from policies.template import Question
    from proxy.cli.policy import Desk
    from proxy.cli.policy_write import begin, begun, next_steps, write

    if lang is not None and lang not in LANGUAGES:
        raise typer.BadParameter("write zh or en", param_hint="--lang")

    def ask(question: Question) -> str:
        return str(typer.prompt(question.asked.in_language(language()), default=question.usual))

    options = {"name": name, "owner": owner, "zone": zone, "opens": opens, "closes": closes}
    given = {key: value for key, value in options.items() if value is not None}
    with told_plainly():
        text = begin(Desk(settings_of(config)), template, given, None if yes else ask, file)
        beside, tests = begun(file, template, lang)
        write(file, translate(text, lang) if lang else text, new=True)
        if not beside.exists():
            write(beside, tests, new=True)
        say(next_steps(file, beside, language()))


@app.command("rollback")
def policy_rollback(
    version: Annotated[
        str | None, typer.Argument(help="Label or first digits of the digest; the version before this one if none.")
    ] = None,
    config: Config = None,
    listed: Annotated[bool, typer.Option("--list", help="Only list the versions that are remembered.")] = False,
    by: By = None,
    wait: Wait = 15.0,
) -> None:
    """Go back to an earlier version; the running proxy takes it up by itself, as do all nodes that follow the store."""
    from proxy.cli.policy_rollback import describe, go_back, remembered

    done = True
    with told_plainly():
        settings = settings_of(config)
        if listed:
            say(map(describe, remembered(settings)))
        else:
            went, told, done = go_back(settings, version, by, wait)
            say([describe(went), *(one.line(language()) for one in told)])
    raise typer.Exit(Exit.OK if done else Exit.FOUND)


@app.command("publish")
def policy_publish(
    path: Annotated[Path | None, typer.Argument(help="Policy file or folder; the one of the settings if none.")] = None,
    config: Config = None,
    by: Annotated[str | None, typer.Option("--by", help="Who puts it in force; your account if left out.")] = None,
    wait: Wait = 15.0,
    reopen: Annotated[
        bool, typer.Option("--reopen", help="End an emergency stop (sluice policy close) with it.")
    ] = False,
) -> None:
    """Put a policy in force on all nodes that follow the store, if its tests pass; exits with 1 if one does not."""
    from proxy.cli.policy_nodes import publish_policy
    from proxy.publish.put import FailingTests

    with told_plainly():
        try:
            told, done = publish_policy(settings_of(config), path, by, wait, reopen=reopen)
        except FailingTests as error:
            stop(Exit.FAILED, error.render(language()))
        say(one.line(language()) for one in told)
    raise typer.Exit(Exit.OK if done else Exit.FOUND)


@app.command("close")
def policy_close(config: Config = None, by: By = None, wait: Wait = 15.0) -> None:
    """Emergency stop: refuse every AI service to everybody until `open`; on all nodes where they follow the store."""
    from proxy.cli.policy_close import close

    with told_plainly():
        told, done = close(settings_of(config), by, wait)
        say(one.line(language()) for one in told)
    raise typer.Exit(Exit.OK if done else Exit.FOUND)


@app.command("open")
def policy_open(config: Config = None, by: By = None, wait: Wait = 15.0) -> None:
    """End an emergency stop: bring back the version that was in force before it."""
    from proxy.cli.policy_close import reopen

    with told_plainly():
        told, done = reopen(settings_of(config), by, wait)
        say(one.line(language()) for one in told)
    raise typer.Exit(Exit.OK if done else Exit.FOUND)


@app.command("nodes")
def policy_nodes(config: Config = None, as_json: JsonOut = False) -> None:
    """Show the policy that is published and how each node stands; exits with 1 if one does not enforce it."""
    from proxy.cli.policy_nodes import nodes

    with told_plainly():
        told, done = nodes(settings_of(config))
        if as_json:
            tell([one.as_json() for one in told])
        else:
            say(one.line(language()) for one in told)
    raise typer.Exit(Exit.OK if done else Exit.FOUND)
