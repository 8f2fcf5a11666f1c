"""What `sluice doctor` finds in the state directory: its keys, certificate, store and audit log.

Settings enter, checks leave. What is not there yet is not made: of it only the place is looked at.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from policies.decision import Text
from proxy.cli.check import Check
from proxy.cli.common import store_of
from proxy.cli.nodes import look_at_grants, look_at_redis
from proxy.keyring import Keyring
from proxy.keys import BASENAME, master_key
from proxy.rollout.authority import FOLDERS, still_signs
from proxy.settings.interface import Settings
from proxy.store.address import is_redis, store_file
from proxy.store.owner import owner_of
from proxy.trail.messenger import read_standings
from proxy.trail.notary import checkpoints_of, last_checkpoint
from proxy.trail.verify import verify

SOON = timedelta(days=30)


def look_at_state(settings: Settings) -> Iterator[Check]:
    """See whether the directory can be used or made, and whether the key in it is ours alone."""
    state = settings.state
    if not state.exists():
        yield to_be_made("state", state)
        return
    well = state.is_dir() and os.access(state, os.W_OK | os.X_OK)
    if well and (state / "keys" / "master.key").exists():
        master_key(state)
    owner = owner_of(state)
    told = Text(
        f"{state}, in use by {owner.told.en}" if owner else str(state),
        f"{state}，使用者：{owner.told.zh}" if owner else str(state),
    )
    no = Text(f"{state}: no directory that can be written to", f"{state}：不是可写的目录")
    yield Check("state", "ok" if well else "FAIL", told if well else no)


def look_at_certificate(settings: Settings) -> Iterator[Check]:
    """Read the authority, and the certificate that clients must trust."""
    path, authority = settings.state / "sluice-ca.pem", settings.state / "ca" / f"{BASENAME}-ca.pem"
    if authority.exists():
        data = authority.read_bytes()
        load_pem_private_key(data, None)
        x509.load_pem_x509_certificate(data)
    if not path.exists():
        yield Check("certificate", "ok", Text("made at the first `sluice run`", "首次执行 `sluice run` 时生成"))
        return
    expires = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    well = expires - datetime.now(UTC) > SOON
    en = zh = ""
    if not well:
        en = "; renew it: sluice ca next, sluice ca kit, roll the kit out, sluice ca swap, restart, sluice ca retire"
        zh = "；请更换：sluice ca next、sluice ca kit，分发信任包，sluice ca swap，重启，sluice ca retire"
    elif still_signs(settings.state):
        well = False
        en = "; the running proxy still signs with the authority before the swap: systemctl restart sluice"
        zh = "；正在运行的代理仍用切换之前的颁发机构签发：systemctl restart sluice"
    elif (settings.state / FOLDERS["old"]).exists():
        en = "; clients still trust the old one, too: sluice ca retire, once all have the new one"
        zh = "；客户端仍同时信任旧的：全部装好新的之后，执行 sluice ca retire"
    told = Text(f"{path}, until {expires:%Y-%m-%d}{en}", f"{path}，有效期至 {expires:%Y-%m-%d}{zh}")
    yield Check("certificate", "ok" if well else "FAIL", told)


def look_at_store(settings: Settings) -> Iterator[Check]:
    """Open the store and read from it, if it is there."""
    if is_redis(settings.store):
        yield from look_at_redis(settings)
        return
    path = store_file(settings.store, settings.state)
    if path is not None and not path.exists():
        yield to_be_made("store", path)
        return
    with closing(store_of(settings, looking=True)) as store:
        yield look_at_grants(store, settings, settings.store)


def look_at_vault(settings: Settings) -> Iterator[Check]:
    """See how much the vault holds, and whether every key that it needs is there."""
    path = store_file(settings.store, settings.state)
    begun = settings.state / "keys" / "master.key" if is_redis(settings.store) else path
    if begun is None or not begun.exists():
        yield Check("vault", "ok", Text("empty", "空"))
        return
    with closing(store_of(settings, looking=True)) as store:
        size = store.vault_size()
    keyring = Keyring(settings.state / "keys")
    least, there = keyring.least(), keyring.versions()
    missing = sorted(version for version in size.keys if version >= least and version not in there)
    ended = sum(count for version, count in size.keys.items() if version < least) + (size.old if least else 0)
    most, one = settings.most_originals, settings.most_originals_per_person
    en = f"{size.values} of {most} values of {size.people} people, at most {size.most} of {one} of one"
    zh = f"{size.people} 人共 {size.values}/{most} 个值，单人最多 {size.most}/{one} 个"
    newest = there[-1] if there else 0
    behind = sum(count for version, count in size.keys.items() if least <= version < newest) + size.old * (not least)
    if behind:
        en += f"; {behind} are not under the newest key: run sluice keys rewrap"
        zh += f"；{behind} 项尚未使用最新密钥：请运行 sluice keys rewrap"
    if ended:
        en, zh = en + f"; {ended} were ended with their keys", zh + f"；{ended} 项已随旧密钥失效"
    if missing:
        files = ", ".join(f"vault-{version}.key" for version in missing)
        en += f"; put {files} back into {keyring.folder}: what is sealed under it cannot be opened"
        zh += f"；请把 {files} 放回 {keyring.folder}：其下封存的内容无法打开"
    yield Check("vault", "FAIL" if missing else "ok", Text(en, zh))


def look_at_witnesses(settings: Settings) -> Iterator[Check]:
    """See whether the log is signed, and whether the witnesses outside have heard of it."""
    log = settings.state / settings.audit
    if settings.audit == "-":
        told = Text("a log on standard output is not signed", "写到标准输出的日志不会签名")
        yield Check("witnesses", "warn", told)
        return
    last = last_checkpoint(checkpoints_of(log), settings.state)
    if not settings.checkpoints.witnesses:
        told = Text(
            "nobody outside is told of the log: its end cannot be proven; set `checkpoints`, `witnesses`",
            "日志没有外部见证方，无法证明末尾未被截去；请设置 `checkpoints` 的 `witnesses`",
        )
        yield Check("witnesses", "warn", told)
        return
    standings = read_standings(settings.state)
    for outside in settings.checkpoints.witnesses:
        found = standings.get(outside.name)
        if found is not None and found.since is not None:
            at = found.since.isoformat(timespec="seconds")
            told = Text(f"{outside.name} has been away since {at}", f"{outside.name} 自 {at} 起失联")
            if found.contradicts:
                told = Text(
                    f"{outside.name} contradicts since {at}: it has something else than what was signed here; keep both"
                    " and let the auditor compare them (sluice audit verify --checkpoints)",
                    f"{outside.name} 自 {at} 起与本机矛盾：其所存内容与本机签名的检查点不符；"
                    "请保留双方文件，交审计员核对（sluice audit verify --checkpoints）",
                )
            yield Check("witnesses", "FAIL", told)
            continue
        at = found.heard.isoformat(timespec="seconds") if found and found.heard else "–"
        size = last.size if last else 0
        told = Text(
            f"{outside.name} last heard at {at}; signed up to record {size}",
            f"{outside.name} 最近于 {at} 收到；已签名至第 {size} 条",
        )
        yield Check("witnesses", "ok", told)


def look_at_audit(settings: Settings) -> Iterator[Check]:
    """Verify the log's chain, if it is there."""
    path = settings.state / settings.audit
    if settings.audit == "-":
        yield Check("audit", "ok", Text("goes to standard output", "写到标准输出"))
        return
    if not path.exists():
        yield to_be_made("audit", path)
        return
    if not path.is_file() or not os.access(path, os.W_OK):
        told = Text(f"{path}: no plain file that can be written to", f"{path}：不是可写的普通文件")
        yield Check("audit", "FAIL", told)
        return
    with path.open("rb") as lines:
        checked = verify(lines)
    yield Check("audit", "ok" if checked.ok else "FAIL", Text(checked.told("en"), checked.told("zh")))


def to_be_made(name: str, path: Path) -> Check:
    """Say whether what is not there yet can be made at its place."""
    there = next(folder for folder in path.absolute().parents if folder.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Check(
            name, "ok", Text(f"{path}: made at the first `sluice run`", f"{path}：首次执行 `sluice run` 时生成")
        )
    told = Text(
        f"{path} cannot be made: {there} is no directory that can be written to", f"无法生成 {path}：{there} 不可写"
    )
    return Check(name, "FAIL", told)
