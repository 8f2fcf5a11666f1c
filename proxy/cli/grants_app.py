"""The words and options of `sluice grants`.

Enters: the command line. Leaves: lines or JSON, and an exit code. What the words do stands in `proxy.cli.grants` and
`proxy.workflow.portal`; nothing is decided here.
"""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from proxy.cli.common import Config, JsonOut, out, say, settings_of, tell, told_plainly
from proxy.cli.exits import Exit

app = typer.Typer(
    help="Ask for, answer, give, list, take back and review permissions for `authorized` use.", no_args_is_help=True
)

Service = Annotated[str, typer.Option(help="Id of the service, or * for any.")]
Rule = Annotated[str, typer.Option(help="Id of the rule that it opens.")]
Activity = Annotated[str, typer.Option(help="Only this activity: prompt, upload …; * for any.")]
Classes = Annotated[
    list[str] | None, typer.Option("--class", help="Only this data class; may be repeated. All if none.")
]
Uses = Annotated[int | None, typer.Option(min=1, help="Only so many exchanges.")]
Purpose = Annotated[str, typer.Option(help="What it is for.")]
By = Annotated[str, typer.Option("--by", help="Name of the person who decides.")]
For = Annotated[str, typer.Option("--for", help="How long: 12h, 7d, 2w.")]
As = Annotated[str, typer.Option("--as", help="User name of the person it is for.")]
GrantId = Annotated[str, typer.Argument(help="Id of the grant, as G-7K2F9Q.")]
RequestId = Annotated[str, typer.Argument(help="Id of the request, as R-7K2F9Q.")]


@app.command("ask")
def ask(
    user: As,
    purpose: Purpose,
    duration: For,
    token: Annotated[str, typer.Option(help="Token of the refusal; then no service and rule are needed.")] = "",
    service: Service = "",
    rule: Rule = "",
    activity: Activity = "*",
    classes: Classes = None,
    uses: Uses = None,
    config: Config = None,
) -> None:
    """Ask for a permission in somebody's name; named approvers answer it."""
    from proxy.cli import grants

    with told_plainly(), grants.open_portal(settings_of(config)) as portal:
        scope = grants.Scope(service, rule, activity, tuple(classes or ()), uses)
        request = grants.ask(portal, user, token, scope, purpose, duration)
        tell(grants.describe_request(request))


@app.command("requests")
def requests(
    everything: Annotated[bool, typer.Option("--all", help="Answered requests too.")] = False,
    as_json: JsonOut = False,
    config: Config = None,
) -> None:
    """List what waits for an answer."""
    from proxy.cli import grants
    from proxy.workflow.requests import expire

    with told_plainly(), grants.open_portal(settings_of(config), looking=True) as portal:
        now = datetime.now(UTC)
        found = [expire(one, now) for one in portal.store.requests()] if everything else portal.open_requests(now)
        if as_json:
            out.print_json(json.dumps([one.fields() for one in found], ensure_ascii=False))
        for request in () if as_json else found:
            tell(grants.describe_request(request))


@app.command("approve")
def approve(request: RequestId, by: By, config: Config = None) -> None:
    """Approve a request in an approver's name; where the rule wants four eyes, two people must."""
    from proxy.cli import grants

    with told_plainly(), grants.open_portal(settings_of(config)) as portal:
        answered = portal.approve(grants.person(by), request, datetime.now(UTC))
        tell(grants.describe_request(answered))


@app.command("deny")
def deny(request: RequestId, by: By, config: Config = None) -> None:
    """Deny a request in an approver's name."""
    from proxy.cli import grants

    with told_plainly(), grants.open_portal(settings_of(config), keeping=True) as portal:
        answered = portal.deny(grants.person(by), request, datetime.now(UTC))
        tell(grants.describe_request(answered))


@app.command("add")
def add(
    service: Service,
    end: Annotated[str, typer.Option("--until", help="When it ends: 8h, 30d, 2026-12-31, 2026-12-31T18:00+08:00.")],
    approvers: Annotated[list[str], typer.Option("--by", help="Name of a person who approves it; may be repeated.")],
    purpose: Purpose,
    person: Annotated[str, typer.Option(help="User name it is for.")] = "",
    group: Annotated[str, typer.Option(help="Or the group it is for.")] = "",
    rule: Annotated[str, typer.Option(help="Id of the rule it opens, or * for any.")] = "*",
    activity: Activity = "*",
    classes: Classes = None,
    uses: Uses = None,
    begin: Annotated[str, typer.Option("--from", help="When it begins, as --until; at once if left out.")] = "",
    config: Config = None,
) -> None:
    """Give a person or a group an expiring permission that nobody asked for."""
    from proxy.cli import grants

    with told_plainly(), grants.open_portal(settings_of(config)) as portal:
        scope = grants.Scope(service, rule, activity, tuple(classes or ()), uses)
        record = grants.add(portal, (person, group), scope, approvers, purpose, (end, begin))
        tell(grants.describe(record, portal, datetime.now(UTC)))


@app.command("list")
def list_all(
    person: Annotated[str, typer.Option(help="Only those of this person.")] = "",
    ending: Annotated[bool, typer.Option("--ending", help="Only those that end soon.")] = False,
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Only emergencies that nobody reviewed.")] = False,
    as_json: JsonOut = False,
    config: Config = None,
) -> None:
    """List all permissions; those that are over, revoked or ignored too, and say so."""
    from proxy.cli import grants
    from proxy.workflow.grants import ends_soon

    with told_plainly(), grants.open_portal(settings_of(config), looking=True) as portal:
        now = datetime.now(UTC)
        found = portal.store.grants_for(person, ()) if person else portal.store.all_grants()
        found = tuple(
            one for one in found if (not ending or ends_soon(one, now)) and (not unreviewed or one.awaits_review)
        )
        if as_json:
            told = [one.fields() | {"states": [word.en for word in grants.states(one, portal, now)]} for one in found]
            out.print_json(json.dumps(told, ensure_ascii=False))
        for record in () if as_json else found:
            tell(grants.describe(record, portal, now))


@app.command("revoke")
def revoke(
    grant: GrantId,
    by: Annotated[str, typer.Option("--by", help="Who takes it back; the account of this command if left out.")] = "",
    config: Config = None,
) -> None:
    """Take a permission back; the next request is refused."""
    from proxy.cli import grants

    with told_plainly(), grants.open_portal(settings_of(config), keeping=True) as portal:
        known = portal.store.get_grant(grant) is not None
        if known:
            portal.revoke(grants.operator(by), grant, datetime.now(UTC))
    if known:
        say(f"{grant} is revoked", f"{grant} 已收回")
    else:
        say(f"there is no grant {grant}", f"没有授权 {grant}")
    raise typer.Exit(Exit.OK if known else Exit.FOUND)


@app.command("renew")
def renew(
    grant: GrantId,
    duration: For,
    purpose: Annotated[str, typer.Option(help="What it is for; as before if left out.")] = "",
    config: Config = None,
) -> None:
    """Ask, for its holder, that a permission goes on when it ends; approvers answer it as any request."""
    from proxy.cli import grants
    from proxy.workflow.grants import span

    with told_plainly(), grants.open_portal(settings_of(config)) as portal:
        record = portal.store.get_grant(grant)
        holder = grants.person(record.grant.person if record else "")
        request, _ = portal.renew(holder, grant, purpose, span(duration), datetime.now(UTC))
        tell(grants.describe_request(request))


@app.command("break-glass")
def break_glass(
    user: As,
    service: Service,
    rule: Rule,
    purpose: Purpose,
    duration: Annotated[str, typer.Option("--for", help="How long: 1h to 4h.")] = "4h",
    activity: Activity = "*",
    classes: Classes = None,
    config: Config = None,
) -> None:
    """Take a permission in an emergency, for four hours at most; somebody else reviews it afterwards."""
    from proxy.cli import grants
    from proxy.workflow.grants import span

    with told_plainly(), grants.open_portal(settings_of(config)) as portal:
        scope = grants.Scope(service, rule, activity, tuple(classes or ()))
        wish = grants.wish(scope, purpose, span(duration))
        now = datetime.now(UTC)
        tell(grants.describe(portal.break_glass(grants.person(user), wish, now), portal, now))


@app.command("review")
def review(
    grant: GrantId,
    by: By,
    unjustified: Annotated[bool, typer.Option("--unjustified", help="It was no emergency; it ends at once.")] = False,
    config: Config = None,
) -> None:
    """Say of somebody else's emergency permission that it was justified, or was not."""
    from proxy.cli import grants
    from proxy.workflow.permission import Finding

    with told_plainly(), grants.open_portal(settings_of(config), keeping=True) as portal:
        now = datetime.now(UTC)
        finding = Finding.UNJUSTIFIED if unjustified else Finding.JUSTIFIED
        record = portal.review(grants.person(by), grant, finding, now)
        tell(grants.describe(record, portal, now))
