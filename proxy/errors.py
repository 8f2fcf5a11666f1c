"""Every error of the proxy, as a tree.

    SluiceError
    ├── SettingsError      the program does not start; says file, line and what to write
    │   └── OtherVersion   the store is of another version of Sluice, whose commands are to be used
    ├── WireError          the body is not what its format says             refuse, 400
    │   ├── Misdirected    the names of the destination do not agree        refuse, 421
    │   ├── Untranslatable the company's model cannot be asked this         refuse, 400
    │   └── Unreadable     it cannot be read at all (coding, type)          policy says: 400, or "not inspected"
    │       ├── TooLargeToTell whose it is: only the body could say          policy says: 413, or "not inspected"
    │       └── OpaquePart a picture, file or encoded data within it        policy says: 400, or "partly inspected"
    ├── SealedFile         what must be taken out is in a file that cannot be written anew   refuse, 403
    ├── SealedField         what must be taken out is a field's name, or in a field that stays so   refuse, 403
    ├── Signed             what must be taken out stands in a request that its sender has signed   refuse, 403
    ├── SignedThought      what must be taken out stands in thoughts that the service has signed   refuse, 403
    ├── DeniedAddress      no client may be connected to where the request goes   refuse, 403
    ├── TooLarge           over a size, depth or ratio limit                refuse, 413
    │   ├── TextTooLong    more text than can be looked through in time     refuse, 413
    │   └── OutOfTime      the time was over before all was looked through  refuse, 413
    ├── TooSlow            the body does not come in time                   refuse, 400
    ├── ClientLeft         nobody waits for it any more, before it was read   refuse, 499, which nobody hears
    ├── Overloaded         too much is under way already                    refuse, 503; may be asked again
    ├── DetectionAway      nobody can look for what policy asks for         refuse, 503; may be asked again
    ├── ConversationOver   the page names a conversation that only the company's model knew   refuse, 404
    ├── ConversationInside what a page asks of a conversation that only the company's model knows   refuse, 404
    ├── Declined           a step of the authorization workflow is not open  4xx, says which and why
    ├── DirectoryAway      nobody's groups can be known   refuse, 503
    ├── StoreError         vault, grants or audit cannot be kept            refuse, 503
    ├── InternalModelError the company's model is down or talks nonsense    refuse, 503; never sent outside instead
    │   └── NoInternalModel the policy routes to it, the settings name none  refuse, 503
    └── UpstreamError      the service itself cannot be reached             502

Anything else that escapes the core is a bug and refuses with 500: see `proxy.shell.addon`. No message holds body text.
"""

from collections.abc import Callable
from typing import Any, Final

from policies.decision import Text

EXITS: Final = (KeyboardInterrupt, SystemExit)
"""What ends the process. Anything else that is raised, cancellation too, is caught where an exchange could go on."""


class SluiceError(Exception):
    """Base of all; `status` is what the client sees, `code` is stable for machines."""

    status = 500
    code = "internal_error"
    said: Any = None
    """What is to be known of the words of a request that was read and then failed; see `proxy.recent.Tail`."""

    def __init__(self, en: str = "", zh: str = "") -> None:
        """Take what went wrong, in both languages where an administrator may read it; logs have the English one."""
        super().__init__(en)
        self.told = Text(en, zh)


class SettingsError(SluiceError):
    """Settings or files they name cannot be used."""

    code = "settings_error"


class OtherVersion(SettingsError):
    """A store is of another version of Sluice, whose own commands may do what this one must not."""


class WireError(SluiceError):
    """The body breaks the rules of its own format."""

    status = 400
    code = "malformed_body"


class Unreadable(WireError):
    """The body may be fine, but Sluice cannot read it; only policy may let it pass, as "not inspected"."""

    code = "unreadable_body"


class OpaquePart(Unreadable):
    """The body was read, but a part of it cannot be looked into; only policy may let it pass."""

    code = "unreadable_part"


class TooLargeToTell(Unreadable):
    """The body is over the limit, and only it could say whether the request is the service's."""

    status = 413
    code = "body_too_large"


class Misdirected(WireError):
    """The client names several hosts as its destination; on a connection of its own each may be asked again."""

    status = 421
    code = "misdirected_request"


class Untranslatable(WireError):
    """The request is well formed, but the company's model has no way to take it."""

    code = "not_translatable"


class SealedFile(SluiceError):
    """A file holds what policy wants taken out, and its format does not let us write it anew."""

    status = 403
    code = "confidential_file"


class SealedField(SluiceError):
    """A header field's name, or a field without which it is another request, holds what policy wants taken out."""

    status = 403
    code = "confidential_header"


class Signed(SluiceError):
    """The request holds what policy wants taken out, and a signature that a changed request would break."""

    status = 403
    code = "signed_request"


class SignedThought(SluiceError):
    """An answer that a service has signed comes back to it, and holds what policy wants taken out."""

    status = 403
    code = "signed_thought"


class DeniedAddress(SluiceError):
    """The destination is this machine, its network's own, or inside the company where only the outside should be."""

    status = 403
    code = "address_denied"


class TooLarge(SluiceError):
    """The body is over a limit of size, nesting or decompression."""

    status = 413
    code = "body_too_large"


class TextTooLong(TooLarge):
    """There is more text than can be looked through in the time that is allowed."""

    code = "text_too_long"

    def __init__(self, limit: int) -> None:
        """Take how many characters can be."""
        super().__init__(f"the text is over {limit} characters")
        self.limit = limit

    @classmethod
    def raise_for(cls, limit: int) -> None:
        """Raise it for the limit that a text has passed; for nought, it has passed none."""
        if limit:
            raise cls(limit)


class OutOfTime(TooLarge):
    """The time that is allowed was over before all of it was looked through; the same again would take as long."""

    code = "scan_timeout"

    def __init__(self, size: Text) -> None:
        """Take how much there is, in words."""
        super().__init__(f"the time was over before {size.en} were looked through")
        self.size = size


class TooSlow(SluiceError):
    """The body comes too slowly, or has stopped to come; not 408, which client libraries answer by sending it again."""

    status = 400
    code = "body_too_slow"


class DirectoryAway(SluiceError):
    """The directory does not answer, and what was known of the person is too old: a rule might have missed them."""

    status = 503
    code = "directory_unavailable"


class ClientLeft(SluiceError):
    """The client has gone before its request was read: nothing more is done for it, and nothing of it goes on."""

    status = 499
    code = "client_left"


class Overloaded(SluiceError):
    """More is under way than can be read in time; nothing of the request has been read."""

    status = 503
    code = "overloaded"

    def __init__(self, why: str, retry_after: int) -> None:
        """Say why, and after how many seconds it may be asked again."""
        super().__init__(why)
        self.retry_after = retry_after


class DetectionAway(SluiceError):
    """What looks for confidential data is down, and only for that the request cannot go out; it may be asked again."""

    status = 503
    code = "detection_unavailable"
    retry_after = 5


class ConversationOver(SluiceError):
    """A conversation that the company's model has begun is no longer kept, or is somebody else's."""

    status = 404
    code = "conversation_over"


class ConversationInside(SluiceError):
    """A page asks its vendor about a conversation that the company's model holds, and only the vendor could answer."""

    status = 404
    code = "conversation_inside"


class StoreError(SluiceError):
    """State that the exchange depends on cannot be read or written."""

    status = 503
    code = "store_unavailable"


class UnreadableRecord(StoreError):
    """The store answers, but what it holds was damaged, moved or made by somebody else."""


class InternalModelError(SluiceError):
    """The company's own model did not answer as it should."""

    status = 503
    code = "internal_model_unavailable"


class NoInternalModel(InternalModelError):
    """The policy sends the exchange to the company's own model, and the settings name none."""

    code = "internal_model_missing"


class UpstreamError(SluiceError):
    """The service cannot be reached, or broke off before its answer began."""

    status = 502
    code = "service_unreachable"


class Declined(SluiceError):
    """Somebody wants to ask, approve or take back what they may not, or in a way that makes no sense."""

    def __init__(self, status: int, code: str, told: Text) -> None:
        """Say which HTTP status and stable code it is, and tell the person why and what to do."""
        super().__init__(told.en, told.zh)
        self.status = status
        self.code = code


def contained(work: Callable[[], Any]) -> Any:
    """Do work; what asyncio would take for the end of a coroutine becomes an error as any other."""
    try:
        return work()
    except GeneratorExit as error:
        raise RuntimeError("work in a thread has ended as only a generator may") from error


SYSTEMS: Final = {
    "No such file or directory": "没有这个文件或文件夹",
    "Permission denied": "没有权限",
    "Operation not permitted": "不允许这样做",
    "Is a directory": "这是一个文件夹",
    "Not a directory": "路径中有一段不是文件夹",
    "File exists": "已经存在",
    "File name too long": "文件名太长",
    "No space left on device": "磁盘已满",
    "Disk quota exceeded": "超出磁盘配额",
    "Read-only file system": "文件系统只读",
    "Too many open files": "打开的文件太多",
    "Too many levels of symbolic links": "符号链接层数太多",
    "Input/output error": "磁盘读写出错",
    "Connection refused": "连接被拒绝",
    "connection refused": "连接被拒绝",
    "no answer in time": "规定时间内没有应答",
    "its certificate does not hold": "其证书无效",
    "cannot be reached": "无法连接",
    "Connection reset by peer": "连接被对方重置",
    "timed out": "超时",
    "Connection timed out": "连接超时",
    "Network is unreachable": "网络不可达",
    "No route to host": "没有到该主机的路由",
    "Name or service not known": "找不到此主机名",
    "Temporary failure in name resolution": "暂时无法解析主机名",
    "No address associated with hostname": "此主机名没有地址",
    "Address already in use": "地址已被占用",
    "Cannot assign requested address": "本机没有这个地址",
}
"""What a system says of files and connections, and what we say of servers that do not answer, in Chinese."""


def of_the_system(why: object) -> str:
    """Return in Chinese what the system says; what is not known stays as it is."""
    return SYSTEMS.get(str(why), str(why))


def unreadable(path: object, why: object) -> SettingsError:
    """Return the error of a file that cannot be read."""
    return SettingsError(f"{path}: cannot be read: {why}", f"{path}：无法读取：{of_the_system(why)}")


def unwritable(path: object, why: object) -> SettingsError:
    """Return the error of a file that cannot be written."""
    return SettingsError(f"{path}: cannot be written: {why}", f"{path}：无法写入：{of_the_system(why)}")


def taken(key: str, host: str, port: int, why: str) -> SettingsError:
    """Return the error of an address that cannot be listened on; `key` is the setting that names it."""
    return SettingsError(
        f"`{key}`: cannot listen on {host}:{port}: {why}; `ss -ltnp` shows who has the port: another Sluice or another "
        f"program. Stop that one, or set another `{key}`",
        f"`{key}`：无法监听 {host}:{port}：{of_the_system(why)}；`ss -ltnp` 可查看占用者：另一个 Sluice 或其他程序。"
        f"请停止占用者，或更换 `{key}`",
    )


def unkept(error: BaseException, what: str = "a record could not be kept") -> str:
    """Return the line of the running log about a loss; only a `StoreError` has a text of ours that may be added."""
    return f"{what}: {error}" if isinstance(error, StoreError) else what
