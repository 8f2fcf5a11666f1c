"""The official Chinese word for every keyword and word-value of the policy language, and back; data and two look-ups.

Enters: a word, and the words that are valid where it stands. Leaves: the word in the other language. A Chinese word
may stand for two English ones (服务 is `service` in a rule and `services` at the top), but never at one and the same
place; a test holds every place of the language to that. Names that people chose are never translated.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from detectors.entities import ENTITIES

HEAD: Final = {
    "policy": "政策",
    "version": "版本",
    "owner": "负责人",
    "approved_by": "批准人",
    "effective": "生效日期",
    "review": "复审",
    "every": "每隔",
    "last": "上次",
    "time_zone": "时区",
    "otherwise": "其余情况",
    "hours": "时段",
    "holidays": "节假日",
    "groups": "用户组",
    "services": "服务",
    "data_classes": "数据类",
    "notices": "提示",
    "quotas": "配额",
    "rules": "规则",
    "tests": "测试",
}
"""Sections and statements of the whole policy."""

CHINESE_HEADS: Final = re.compile(rf"^(?:{'|'.join(HEAD.values())})[ \t]*[:：]", re.MULTILINE)
ENGLISH_HEADS: Final = re.compile(rf"^(?:{'|'.join(HEAD)})[ \t]*[:：]", re.MULTILINE)

DEFINED: Final = {
    "days": "星期",
    "from": "开始",
    "to": "结束",
    "off": "放假",
    "work": "调休上班",
    "ids": "编号",
    "category": "类别",
    "country": "国家",
    "tag": "标签",
    "tags": "标签",
    "unlisted": "未收录",
    "entities": "实体",
    "terms": "词条",
    "terms_file": "词条文件",
    "placeholder": "占位符",
    "variants": "写法",
    "pinyin": "拼音",
    "initials": "拼音首字母",
    "separated": "间隔",
    "plural": "复数",
    "index": "索引",
    "labels": "密级",
    "minimum_score": "最低得分",
    "zh": "中文",
    "en": "英文",
}
"""Keys of the things that rules refer to."""

RULE: Final = {
    "id": "编号",
    "name": "名称",
    "verdict": "裁决",
    "when": "当",
    "except": "除非",
    "route": "去向",
    "send_to": "转到",
    "model": "模型",
    "redact": "隐去",
    "withhold": "扣留",
    "gate": "关口",
    "label": "标注",
    "quota": "配额",
    "record": "记录",
    "mode": "模式",
    "stage": "分批",
    "percent": "百分比",
    "unreadable": "不可读",
    "on_error": "出错时",
    "reason": "理由",
    "instead": "替代办法",
    "ask": "申请",
    "approvers": "审批人",
    "longest": "最长期限",
    "answer_within": "答复期限",
    "four_eyes": "双人复核",
    "break_glass": "紧急授权",
    "per": "每",
    "of": "归属",
    "show": "显示",
    "with": "随同",
    "once_per": "显示间隔",
    "acknowledge": "确认",
}
"""Keys of a rule and of what a rule demands."""

CONDITION: Final = {
    "service": "服务",
    "group": "用户组",
    "person": "人员",
    "outside_hours": "时段外",
    "activity": "活动",
    "data": "数据",
    "network": "网段",
    "amount": "数量",
    "account": "账号",
    "purpose": "用途",
    "more_than": "超过",
}
"""Keys of a rule's conditions."""

VALUE: Final = {
    "any": "任何",
    "forbid": "禁止",
    "allow": "允许",
    "forbidden": "禁止",
    "authorized": "需授权",
    "allowed": "允许",
    "external": "外部",
    "internal": "内部",
    "refuse": "拒绝",
    "pass": "放行",
    "yes": "是",
    "no": "否",
    "true": "是",
    "false": "否",
    "mon": "周一",
    "tue": "周二",
    "wed": "周三",
    "thu": "周四",
    "fri": "周五",
    "sat": "周六",
    "sun": "周日",
    "visit": "浏览",
    "prompt": "提问",
    "upload": "上传",
    "download": "下载",
    "complete": "补全",
    "embed": "向量化",
    "train": "训练",
    "other": "其他",
    "free": "免费",
    "personal": "个人",
    "company": "公司",
    "business": "工作",
    "unknown": "未知",
    "mask": "遮盖",
    "drop": "删去",
    "generalise": "概括",
    "justify": "说明理由",
    "approval": "审批",
    "none": "无",
    "always": "总是",
    "answer": "回答",
    "request": "提问前",
    "everyone": "全体",
    "nowhere": "不发出",
    "refused": "被拒绝",
    "minimal": "最少",
    "full": "完整",
    "sealed": "密封",
    "observe": "观察",
    "remind": "提醒",
    "enforce": "执行",
    "requests": "请求",
    "characters": "字符",
    "tokens": "词元",
    "values": "不同值",
    "hour": "小时",
    "day": "天",
    "week": "周",
    "month": "月",
    "chat": "聊天",
    "api": "接口",
    "coding": "编程",
    "image": "图像",
    "video": "视频",
    "voice": "语音",
    "search": "搜索",
    "writing": "写作",
    "platform": "平台",
    "agent": "智能体",
}
"""Words that stand as values."""

CASE: Final = {
    "as": "身份",
    "at": "时间",
    "says": "内容",
    "file": "文件",
    "finds": "发现",
    "found": "检出",
    "grant": "授权",
    "expect": "期望",
    "because": "依据",
    "acknowledged": "已确认",
    "address": "地址",
}
"""Keys of a test."""

ALIASES: Final = MappingProxyType(
    {entity: name.zh for entity, name in ENTITIES.items()} | HEAD | DEFINED | RULE | CONDITION | VALUE | CASE
)
"""Chinese by English, for all words."""


def alias(word: str) -> str:
    """Return the official Chinese of an English word of the language, or the word itself where there is none."""
    return ALIASES.get(word, word)


def in_chinese(source: str) -> bool:
    """Tell whether a file writes the sections of a policy in Chinese, more of them than in English."""
    chinese, english = (sum(1 for _ in heads.finditer(source)) for heads in (CHINESE_HEADS, ENGLISH_HEADS))
    return chinese > english


def canonical(word: str, where: Collection[str]) -> str:
    """Return the English word for `word` among those allowed in `where`, or `word` unchanged if there is none."""
    if word in where or word.isascii():
        return word
    return _meanings(frozenset(where)).get(word, word)


@lru_cache(maxsize=512)
def _meanings(where: frozenset[str]) -> dict[str, str]:
    return {ALIASES[english]: english for english in sorted(where) if english in ALIASES}
