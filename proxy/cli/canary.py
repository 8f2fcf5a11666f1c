"""`sluice canary`: is what people send to each service really looked through, on the way that it really goes?

Enters: the settings of a running proxy. Leaves: a result for each service, by the proxy's own record. Everything is
sent through the proxy as by any client; nothing here opens a way of its own.
"""

from collections.abc import Sequence

from rich.table import Table

from policies.decision import Text
from proxy.assemble import catalogue_of
from proxy.canary.flight import Sky, fly, sky_of
from proxy.canary.judge import FATES, Result, Wanted
from proxy.canary.plan import plan, service_called
from proxy.canary.watch import fresh_mark
from proxy.cli.common import err, must_have_begun
from proxy.errors import SettingsError
from proxy.keys import master_key
from proxy.settings.interface import Settings
from proxy.settings.read_values import address_in
from proxy.workflow.signing import Signer

HEADS = (Text("service", "服务"), Text("result", "结果"), Text("answer", "应答"), Text("record", "记录"), Text("", ""))


def prove(settings: Settings, services: Sequence[str], proxy: str) -> tuple[list[Result], Sky]:
    """Let a canary fly to each service, or to those of the settings; raises `SettingsError`."""
    wanted = {id_: settings.canary.services.get(id_, Wanted()) for id_ in services} or settings.canary.services
    if not wanted:
        raise SettingsError(
            "canary: name services, here or in the settings under canary.services",
            "canary：请指明服务：写在命令行，或写在设置的 canary.services 下",
        )
    address = address_in(proxy) if proxy else None
    if proxy and address is None:
        raise SettingsError(
            "canary: --proxy takes host:port, such as 127.0.0.1:8080",
            "canary：--proxy 的写法为 主机:端口，例如 127.0.0.1:8080",
        )
    catalogue = catalogue_of(settings)
    for id_ in wanted:
        service_called(catalogue, id_)
    sky = sky_of(settings, address)
    must_have_begun(settings)
    signer = Signer(master_key(settings.state))
    shots = plan(catalogue, wanted, fresh_mark, signer.canary)
    with err.status("…"):
        return list(fly(shots, sky)), sky


def table(results: Sequence[Result], language: str, proxy: str) -> Table:
    """Return the results for people; `proxy` is the address that was asked."""
    made = Table(box=None, pad_edge=False)
    for head in HEADS:  # a record is looked up by its number, so that stays whole however narrow the terminal is
        made.add_column(head.in_language(language), min_width=len("SLC-20261120-7K2F9Q") if head.en == "record" else 0)
    for result in results:
        fate = FATES[result.fate].in_language(language)
        style = "" if result.proven else "bold red"
        answer = str(result.status or "–")
        made.add_row(
            result.service,
            f"[{style}]{fate}[/]" if style else fate,
            answer,
            result.reference or "–",
            result.note(language, proxy),
        )
    return made
