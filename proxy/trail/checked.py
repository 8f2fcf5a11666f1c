"""What was found in a log or a proof, and how that is said, in English and Chinese. Pure; of the standard library only.

Enters: numbers, keys of `PROBLEMS`, a record. Leaves: plain words. What it must never do: call a log proven whole where
nothing kept outside says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from proxy.trail.chain import Head
from proxy.trail.checkpoint import Checkpoint, Fault


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a log."""

    head: Head
    """Last line that holds."""
    bad_line: int = 0
    """Number in the file (of checkpoints, where `of` says so), from 1, of what does not hold; 0 when all does."""
    problem: str = ""
    """Key of `PROBLEMS`, or empty."""
    repaired: int = 0
    """Torn ends of a crash that a `recovered` record owns up to."""
    witnessed: bool = False
    """Whether an expected head was given and found, so that everything up to it is proven to be there."""
    first: int = 0
    """The first record (`seq`) that may be wrong; 0 when none is, or where a checkpoint itself is."""
    signed: int = 0
    """The record up to which signed checkpoints prove the log."""
    clock: int = 0
    """The first record before which the clock went back, and the log does not say that it was set."""
    stepped: int = 0
    """The first before which it was set back, as the log says."""
    of: str = "log"
    """The file that `bad_line` counts in."""
    others: tuple[Checkpoint, ...] = ()
    """The last checkpoints of other logs of the same house: where nobody has begun a new one, this one hides them."""
    fault: Fault | None = None
    """What is wrong with the checkpoints themselves; the log was checked against those that hold."""
    missing: int = 0
    """The record up to which a checkpoint was signed that the log ends before."""
    lines: int = 0
    """How many lines of the log were looked at."""
    agrees: tuple[int, ...] = ()
    """Lines of those of contradicting checkpoints that the log agrees with."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found amiss."""
        return not self.problem

    def told(self, language: str) -> str:
        """Return the result in plain words, in `zh` or `en`."""
        chinese = language == "zh"
        return "".join(part[chinese] for part in self._parts()) + (
            f"\n{'链头' if chinese else 'head'}: {self.head.seq}:{self.head.hash}"
        )

    def fields(self) -> dict[str, Any]:
        """Return the result for machines."""
        told: dict[str, Any] = {"ok": self.ok, "line": self.bad_line, "problem": self.problem, "of": self.of}
        told |= {"first": self.first, "signed": self.signed, "clock": self.clock, "stepped": self.stepped}
        if self.fault is not None:
            one = self.fault
            told["checkpoints"] = {"line": one.line, "problem": one.problem, "rival": one.rival, "key": one.key}
            told["agrees"] = list(self.agrees)
        return told | {"head": f"{self.head.seq}:{self.head.hash}"}

    def _parts(self) -> Iterator[tuple[str, str]]:
        if self.fault is not None:
            yield from self._of_checkpoints(self.fault)
        elif self.of == "checkpoints":
            yield _at("checkpoint in line", "检查点文件第 {} 行", self.bad_line, PROBLEMS[self.problem])
        if self.problem and self.of == "log":
            words = PROBLEMS[self.problem]
            if self.missing:
                en = f"the log ends here, and a checkpoint was signed over {self.missing} records: its end was cut off"
                words = en, f"日志到此结束，而检查点签署了 {self.missing} 条记录：末尾被截去"
            yield _at("line", "第 {} 行", self.bad_line, words)
        elif self.of == "log":
            yield from self._sound()
        if self.first:
            yield f"\nfirst bad record (seq): {self.first}", f"\n首条可疑记录：第 {self.first} 条"
        for one in self.others:
            en = f"The checkpoints also tell of another log, {one.log[:12]}…, of {one.size} record(s), the last"
            zh = f"检查点还记载了另一份日志 {one.log[:12]}…，共 {one.size} 条，末次签名于 {one.time.isoformat()}。"
            yield (
                f"\n{en} signed at {one.time.isoformat()}. Ask for it: whoever deletes a log begins a new one.",
                f"\n{zh}请索取该日志：删除日志的人会另起一份。",
            )
        if self.stepped:
            yield (
                f"\nWarning: the clock was set back before record {self.stepped}, as the log itself says.",
                f"\n警告：第 {self.stepped} 条记录之前时钟被调回，日志中已有记载。",
            )
        if self.clock:
            yield (
                f"\nThe clock went back before record {self.clock}, and the log does not say that it was set.",
                f"\n第 {self.clock} 条记录之前时钟被回拨，日志中没有校时记载。",
            )

    def _of_checkpoints(self, fault: Fault) -> Iterator[tuple[str, str]]:
        """Say which checkpoint does not hold, and what is known of the log all the same."""
        yield _at("checkpoint in line", "检查点文件第 {} 行", fault.line, PROBLEMS[fault.problem])
        if fault.rival:
            en = f": that in line {fault.rival}; up to record {fault.first - 1} they tell one story"
            yield en, f"：与第 {fault.rival} 行矛盾；第 {fault.first - 1} 条及以前的记录两者一致"
        if fault.key:
            yield (
                f". Its key {fault.key} is none of those given: where the house has changed its key (`sluice audit "
                "new-key`), ask for its public keys (`sluice audit key`); if it knows none of that id, it was forged",
                f"。其密钥 {fault.key} 不在所给公钥之中：若该单位更换过签名密钥（`sluice audit new-key`），"
                "请重新索取公钥（`sluice audit key`）；若其并无此密钥，则系伪造",
            )
        if self.problem and self.of == "log":
            yield "\n", "\n"
            return
        up_to = self.signed
        yield (
            f"\nThe log itself was checked: its {self.lines} line(s) are whole and linked"
            + (f", and the checkpoints that hold prove every record up to {up_to}." if up_to else "."),
            f"\n日志本身已核对：{self.lines} 行完整且前后相接"
            + (f"；有效的检查点证明第 {up_to} 条及以前的记录无误。" if up_to else "。"),
        )
        if fault.rival:
            if self.agrees:
                told = " and ".join(map(str, self.agrees)), "、".join(map(str, self.agrees))
                yield f" It is the log of the checkpoint in line {told[0]}.", f"它与第 {told[1]} 行的检查点相符。"
            else:
                yield " It is the log of neither of the two.", "它与这两个检查点都不符。"

    def _sound(self) -> Iterator[tuple[str, str]]:
        yield "All lines are whole and linked. ", "各行完整且前后相接。"
        if self.repaired:
            en = f"{self.repaired} torn write(s) are owned up to by a recovery record. "
            yield en, f"其中 {self.repaired} 处写入中断已由恢复记录说明。"
        if self.witnessed:
            en = "The head kept elsewhere was found: nothing up to it is missing. "
            yield en, "与另存的链头相符，到该处为止没有缺失。"
        if self.signed:
            en = f"Signed checkpoints prove every record up to {self.signed}; nothing proves the end after that."
            yield en, f"已签名的检查点证明第 {self.signed} 条及以前的记录无误；其后的末尾无从证明。"
        if not (self.witnessed or self.signed):
            yield ALONE


def _at(en: str, zh: str, line: int, words: tuple[str, str]) -> tuple[str, str]:
    """Return where something does not hold, and why."""
    return f"{en} {line}: {words[0]}", f"{zh.format(line)}：{words[1]}"


def told_proof(record: Mapping[str, Any], point: Checkpoint, language: str) -> str:
    """Return what a proof proves, in plain words, in `zh` or `en`."""
    chinese = language == "zh"
    at, seq = point.time.isoformat(timespec="seconds"), record["seq"]
    told = (
        f"Record {seq} is proven: it is in the log of {point.size} records over which key {point.key} signed at {at}."
        if not chinese
        else f"第 {seq} 条记录得到证明：它在密钥 {point.key} 于 {at} 签署的 {point.size} 条记录的日志之中。"
    )
    rows = [
        f"  {LABELS.get(name, name) if chinese else name}: {_plain(value)}"
        for name, value in record.items()
        if name not in ("hash", "prev") and value not in ("", 0, None, [], {})
    ]
    return "\n".join([told, *rows])


def _plain(value: object) -> str:
    """Return a value on one line, without anything that a terminal obeys: a log may hold any name."""
    if isinstance(value, dict):
        return ", ".join(f"{_plain(key)} {_plain(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return "".join(sign if sign.isprintable() else "·" for sign in str(value))


LABELS: Final[Mapping[str, str]] = {
    "seq": "序号",
    "time": "时间",
    "id": "编号",
    "event": "事件",
    "user": "用户",
    "address": "地址",
    "node": "节点",
    "service": "服务",
    "host": "主机",
    "activity": "活动",
    "outcome": "结果",
    "code": "代码",
    "policy": "政策版本",
    "deciding": "决定规则",
    "rules": "命中规则",
    "inspection": "检查程度",
    "entities": "发现的信息",
    "model": "模型",
    "status": "状态码",
    "restored": "还原数",
    "bytes_in": "请求字节数",
    "bytes_out": "回答字节数",
    "by": "操作人",
    "account": "账号类型",
    "purpose": "用途",
    "groups": "组",
    "verdict": "判定",
    "route": "去向",
    "method": "方法",
}
"""Names of fields in Chinese; others stand as the log has them."""

ALONE: Final = (
    "Internally consistent; nothing proves that the end was not cut, nor that all of it was not written anew: compare "
    "it with the checkpoints that a witness outside keeps (--checkpoints), or keep the head below elsewhere (--head).",
    "日志自身前后一致；但没有任何外部证据能证明末尾未被截去、整份日志未被重写："
    "请用外部见证方保存的检查点核对（--checkpoints），或把下面的链头另存他处（--head）。",
)
"""What stands for proof where there is none, in English and Chinese."""

PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    "unreadable": (
        "it is not a record; it was edited, or a write was cut short",
        "不是完整的记录：被改动过，或写入中断",
    ),
    "spelling": ("its bytes are not as Sluice writes them; it was edited", "写法与系统写出的不同：被改动过"),
    "edited": ("its content does not match its hash; it was edited", "内容与其哈希不符：被改动过"),
    "moved": (
        "its number does not follow the line before; lines were removed, inserted or moved",
        "序号与上一行不连续：有行被删除、插入或移动",
    ),
    "unlinked": (
        "it does not hold the hash of the line before; lines were removed, inserted or replaced",
        "没有承接上一行的哈希：有行被删除、插入或替换",
    ),
    "unfinished": (
        "the last line has no end; the write was cut short, or the file was cut",
        "最后一行没有结尾：写入中断或文件被截断",
    ),
    "cut": (
        "the log ends before the head kept elsewhere; its end was cut off",
        "日志在另存的链头之前就结束了：末尾被截去",
    ),
    "forked": (
        "the line is not the one that was told outside; the log was rewritten, or a backup was put in its place",
        "该行与外部留存的不符：日志被重写，或被旧备份替换",
    ),
    "rewritten": (
        "up to here the log is not the one whose checkpoint was signed; it was rewritten, or a backup was put back",
        "至此的日志与已签名的检查点不符：日志被重写，或被旧备份替换",
    ),
    "forged": ("no given key has signed it; it was forged, or changed", "没有任何已知密钥的签名：系伪造或被改动"),
    "fork": ("it contradicts another checkpoint; the log was forked", "与另一检查点矛盾：日志出现分叉"),
    "revoked": ("its key had been revoked, or left for another, by then", "签名密钥当时已被吊销或更换"),
    "backwards": ("its time or size is before that of the one before it", "其时间或长度早于前一检查点"),
    "none": ("there is no checkpoint in the file", "文件中没有任何检查点"),
    "strange": ("no checkpoint is of this log; the log was written anew", "没有属于此日志的检查点：日志被整份重写"),
}
"""In English and Chinese."""
