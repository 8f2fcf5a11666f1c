"""What went wrong when nothing was decided: in the words that a person is told, and what they can do.

Nouns and texts, by the code of the error. A text in braces is filled in by who tells it.
"""

from dataclasses import dataclass
from typing import Final

from policies.decision import Text


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in the way, and what the person who meets it can do."""

    reason: Text
    instead: Text


TROUBLES: Final = {
    "malformed_body": Trouble(
        Text(
            en="The request does not follow its own format, so its content could not be checked before sending.",
            zh="请求内容不符合其自身格式，无法在发送前完成检查。",
        ),
        Text(
            en="Reload the page or update the client and try again; developers should check that the body is valid.",
            zh="请刷新页面或更新客户端后重试；开发人员请检查请求体格式是否正确。",
        ),
    ),
    "unreadable_body": Trouble(
        Text(
            en="The content is encrypted or in a form that cannot be read, so it could not be checked before sending.",
            zh="内容已加密或其格式无法读取，无法在发送前完成检查。",
        ),
        Text(
            en="Send it as plain text, or use a service that your company has approved.",
            zh="请改用纯文本发送，或使用公司已批准的服务。",
        ),
    ),
    "unreadable_part": Trouble(
        Text(
            en="The request carries an image, a file or encoded data that cannot be checked before sending.",
            zh="请求中含有图片、文件或编码数据，无法在发送前完成检查。",
        ),
        Text(
            en="Leave it out and put what matters into words, or use a service that your company has approved.",
            zh="请去掉这部分内容，改用文字说明，或使用公司已批准的服务。",
        ),
    ),
    "directory_unavailable": Trouble(
        Text(
            en="The company directory does not answer, so it is not known which rules hold for you.",
            zh="公司目录服务没有应答，无法确定适用于您的规则。",
        ),
        Text(
            en="Try again in a minute. If it stays so, tell the network administrator.",
            zh="请一分钟后重试。如仍未恢复，请联系网络管理员。",
        ),
    ),
    "confidential_file": Trouble(
        Text(
            en="A file in the request holds confidential data, and files of that kind cannot be redacted.",
            zh="请求中的文件含有机密信息，而这类文件无法在发送前脱敏。",
        ),
        Text(
            en="Take the confidential parts out of the file yourself, or send what is needed as text, Word or Excel.",
            zh="请自行删除文件中的机密内容，或改用文本、Word 或 Excel 文件发送所需部分。",
        ),
    ),
    "confidential_header": Trouble(
        Text(
            en="The name of a header field, or a field that must stay as it is, holds confidential data.",
            zh="请求头的字段名，或不可改动的请求头字段中含有机密信息，无法脱敏。",
        ),
        Text(
            en="Developers: name the field by a plain word, and put data into the body.",
            zh="开发人员：请用普通单词命名该字段，并将数据放入请求体。",
        ),
    ),
    "signed_request": Trouble(
        Text(
            en="The request holds confidential data, but it is signed, so nothing can be taken out of it on the way: "
            "the service would not accept it.",
            zh="请求中含有机密信息，但请求带有签名，无法在发送途中脱敏，否则服务方会拒绝。",
        ),
        Text(
            en="Take the confidential parts out yourself, or use an API key instead of a signature; developers can do "
            "so for Amazon Bedrock, Tencent Hunyuan and Baidu Qianfan.",
            zh="请自行删除机密内容，或改用 API 密钥方式调用；Amazon Bedrock、腾讯混元、百度千帆均支持此方式。",
        ),
    ),
    "signed_thought": Trouble(
        Text(
            en="The model's earlier thoughts, which the service has signed, hold confidential data, so nothing can be "
            "taken out of them: the service would not accept them.",
            zh="模型先前的思考内容中含有机密信息，但已由服务方签名，无法脱敏，否则服务方会拒绝。",
        ),
        Text(
            en="Start a new conversation; developers can also leave the thinking blocks of earlier turns out.",
            zh="请新建对话；开发人员也可以去掉先前轮次的思考块。",
        ),
    ),
    "misdirected_request": Trouble(
        Text(
            en="The request names different hosts as its destination, so it is not clear where it would go.",
            zh="请求中给出的目标主机前后不一致，无法确定实际去向。",
        ),
        Text(
            en="Reload the page or try again; developers should check the Host header against the address.",
            zh="请刷新页面或重试；开发人员请检查 Host 请求头与访问地址是否一致。",
        ),
    ),
    "address_denied": Trouble(
        Text(
            en="The address leads to the proxy itself, to its own network or, for a public service, into a private "
            "one. Sluice connects nobody to such addresses.",
            zh="该地址指向代理服务器自身、其本地网络，或把公共服务指向内部网络。Sluice 不会连接此类地址。",
        ),
        Text(
            en="Check the address. If it is meant, the administrator can permit it with `reach` in the settings.",
            zh="请检查地址。如确有需要，管理员可在设置中用 `reach` 放行。",
        ),
    ),
    "not_translatable": Trouble(
        Text(
            en="This request is for the company's own model, which has no way to take what it holds. It was not sent.",
            zh="本次请求应由公司内部模型处理，但内部模型无法接收其中的内容；内容未发送。",
        ),
        Text(
            en="Leave out files and features that only the outside service has, or use the company's own assistant.",
            zh="请去掉仅外部服务支持的文件或功能，或直接使用公司内部的 AI 助手。",
        ),
    ),
    "conversation_over": Trouble(
        Text(
            en="This conversation was held with the company's own model, and is no longer kept or is not yours. "
            "The outside service does not know it.",
            zh="该对话由公司内部模型答复，现已不再保留，或不属于您；外部服务并不知道该对话。",
        ),
        Text(en="Begin a new conversation.", zh="请新建对话。"),
    ),
    "conversation_inside": Trouble(
        Text(
            en="This conversation is held with the company's own model. The outside service does not know it, and is "
            "told nothing of it.",
            zh="该对话由公司内部模型答复；外部服务并不知道该对话，也不会收到其任何内容。",
        ),
        Text(
            en="Write on in the conversation itself; what else the page offers is not there for it.",
            zh="您可以在该对话中继续提问；页面的其他功能对其不可用。",
        ),
    ),
    "body_too_large": Trouble(
        Text(
            en="The content is larger than what can be checked before sending.",
            zh="内容超出发送前可检查的大小上限。",
        ),
        Text(
            en="Send less at a time: split the text or the file, or start a new conversation.",
            zh="请减少单次发送的内容：拆分文本或文件，或新建对话。",
        ),
    ),
    "body_too_slow": Trouble(
        Text(
            en="The content came too slowly, or stopped to come, so it could not be checked before sending.",
            zh="内容传输过慢或中断，无法在发送前完成检查。",
        ),
        Text(
            en="Send it again over a better connection, or send less at a time.",
            zh="请在网络较好时重新发送，或减少单次发送的内容。",
        ),
    ),
    "client_left": Trouble(
        Text(
            en="The connection was ended before the content was checked, so nothing was sent.",
            zh="连接在内容完成检查之前已断开，内容未发送。",
        ),
        Text(en="Send it again.", zh="请重新发送。"),
    ),
    "overloaded": Trouble(
        Text(
            en="The gateway has more to check than it can at the moment, so nothing was checked and nothing was sent.",
            zh="网关当前待检查的内容过多，本次请求未经检查，也未发送。",
        ),
        Text(
            en="Send it again in a few seconds; if it stays so, report it with the reference.",
            zh="请几秒钟后重新发送；若持续如此，请凭编号报告。",
        ),
    ),
    "detection_unavailable": Trouble(
        Text(
            en="The part of the gateway that looks for confidential data is being started anew, so nothing was checked "
            "and nothing was sent.",
            zh="网关的敏感信息检测组件正在重新启动，本次请求未经检查，也未发送。",
        ),
        Text(
            en="Send it again in a few seconds; if it stays so, report it with the reference.",
            zh="请几秒钟后重新发送；若持续如此，请凭编号报告。",
        ),
    ),
    "text_too_long": Trouble(
        Text(
            en="The text is too long to be checked before sending: at most {limit} characters can be.",
            zh="文本过长，无法在发送前完成检查：最多可检查 {limit} 个字符。",
        ),
        Text(
            en="Send less at a time: split the text or the file, or start a new conversation.",
            zh="请减少单次发送的内容：拆分文本或文件，或新建对话。",
        ),
    ),
    "scan_timeout": Trouble(
        Text(
            en="The content is too long to be checked in time: {size}. Nothing is sent that was not checked whole.",
            zh="内容过长，未能在限定时间内完成检查：{size}。未经完整检查的内容不会发送。",
        ),
        Text(
            en="Send it in smaller parts: fewer files, rows or messages at a time, or start a new conversation. If you "
            "must send this much at once, ask your administrator, who can allow more time for the check.",
            zh="请分批发送：减少每次发送的文件、行数或消息数量，或新建对话。如确需一次发送这么多内容，请联系管理员，"
            "由其延长检查时限。",
        ),
    ),
    "store_unavailable": Trouble(
        Text(
            en="Sluice cannot reach its own records, and without them nothing is sent.",
            zh="Sluice 暂时无法访问自身的记录存储；在恢复之前，不会发送任何内容。",
        ),
        Text(
            en="Try again in a few minutes; if it stays so, report it with the reference.",
            zh="请几分钟后重试；若仍未恢复，请凭编号报告。",
        ),
    ),
    "internal_model_unavailable": Trouble(
        Text(
            en="This request is for the company's own model, which is not answering. It was not sent outside instead.",
            zh="本次请求应由公司内部模型处理，但内部模型暂时没有响应；内容未发送到外部。",
        ),
        Text(
            en="Try again in a few minutes; if it stays so, report it with the reference.",
            zh="请几分钟后重试；若仍未恢复，请凭编号报告。",
        ),
    ),
    "internal_model_missing": Trouble(
        Text(
            en="This request is for the company's own model, and your company has not set up its own model yet. "
            "It was not sent outside instead.",
            zh="本次请求应由公司内部模型处理，但公司尚未部署自己的模型；内容未发送到外部。",
        ),
        Text(
            en="Leave out what must stay inside the company, or ask the team that looks after AI use.",
            zh="请去掉不得离开公司的内容，或联系公司负责 AI 使用管理的团队。",
        ),
    ),
    "service_unreachable": Trouble(
        Text(
            en="The service cannot be reached, or broke off before it answered. Company policy did not stop you.",
            zh="该服务无法连接，或在回应之前中断了连接。这并非公司规定所致。",
        ),
        Text(
            en="Try again later; if it stays so, report it with the reference.",
            zh="请稍后重试；若仍未恢复，请凭编号报告。",
        ),
    ),
    "internal_error": Trouble(
        Text(
            en="Something failed inside Sluice, so the content could not be checked. It was not sent.",
            zh="Sluice 内部出现故障，无法完成检查，内容未发送。",
        ),
        Text(
            en="Try again; if it happens again, report it with the reference.",
            zh="请重试；若再次出现，请凭编号报告。",
        ),
    ),
}
