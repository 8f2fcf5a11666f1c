"""An office whose policy uses most of the language, and the few services it knows: for the tests of the tools."""

from datetime import UTC, datetime

from policies.listed import Listed, list_services
from tests.policies.samples import parsed

NOW = datetime(2026, 11, 20, tzinfo=UTC)

SERVICES = list_services(
    [
        Listed("openai-chatgpt", "chat", "US", frozenset({"chat", "US"}), ("ChatGPT",)),
        Listed("doubao", "chat", "CN", frozenset({"chat", "CN"}), ("Doubao", "豆包")),
        Listed("cursor", "coding", "US", frozenset({"coding", "US"}), ("Cursor",)),
    ]
)

OFFICE = """\
policy: 办公室 / Office            # 名称 / the name
version: 3
owner: 合规部
approved_by: [张敏, 法务部]
effective: 2026-10-01
review: {every: 6 months, last: 2026-10-01}
time_zone: Asia/Shanghai
otherwise: forbid

hours:
  上班: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00", holidays: cn-2026}
groups:
  研发部: [alice]
  市场部: []
services:
  编程: {category: coding}
  中国: {country: CN}
data_classes:
  个人信息: {entities: [CN_ID_CARD, PHONE_NUMBER]}
  secrets: {entities: [API_KEY]}
  机密: {placeholder: CONFIDENTIAL, terms: [机密, 绝密]}
notices:
  免费版: {zh: 免费版可能用您的输入训练模型。, en: Free tiers may train on it., show: {once_per: day, acknowledge: yes}}
  校对: {zh: 请核对。, show: {with: answer}}
quotas:
  每日: {requests: 100, per: day, of: person}

rules:
  - id: chats
    name: {zh: 聊天, en: Chats}
    verdict: allowed
    when: {service: any, activity: [prompt, upload]}
    redact: {个人信息: mask, secrets: placeholder}
    remind: 校对
    quota: 每日
    label: {zh: AI 生成, en: AI-generated}
  - id: pages
    verdict: allowed
    when: {activity: [visit, other]}
  - id: coding-asks
    verdict: authorized
    when: {service: 编程, group: [研发部, 市场部]}
    ask: {zh: 请找组长。, en: Ask the lead., approvers: [组长], four_eyes: no, longest: 30 days}
  - id: free-tier
    verdict: allowed
    when: {account: free, purpose: [personal, unknown]}
    remind: [免费版]
    gate: acknowledge
  - id: confidential
    verdict: forbidden
    when: {data: 机密}
    reason: {zh: 机密不外传。, en: It stays inside.}
    instead: {zh: 请用内部模型。, en: Use our own model.}
  - id: at-home
    verdict: forbidden
    when: {outside_hours: 上班, purpose: business, data: secrets}
    instead: {zh: 请上班时使用。, en: Use it at work.}
  - id: bulk
    verdict: allowed
    when: {amount: {more_than: {个人信息: 5, characters: 20000}}}
    send_to: internal
    record: sealed

tests:
  - {name: 聊天, as: bob, service: 豆包, account: company, says: 你好, expect: external, because: chats}
  - {name: 机密, as: bob, service: ChatGPT, account: company, finds: 机密, expect: forbidden, because: confidential}
"""


def office(text: str = OFFICE):
    """Return the policy of the office, or of another text."""
    return parsed(text)
