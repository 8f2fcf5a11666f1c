"""The emergency stop, as a policy of its own: every AI service is refused to everybody, and no grant opens it. Pure.

Enters: who stops, and when. Leaves: a version that a pin of one node, or a release for all, puts in force like any
other. Its text never changes, so that it is known by its label wherever it is met.
"""

from datetime import datetime
from functools import cache
from typing import Final

from policies.model import Policy
from proxy.sources import Sources, pack
from proxy.workflow.permission import PolicyVersion

TEXT: Final = """\
policy: Closed for an incident 因突发事件暂停
version: 999
otherwise: forbid
rules:
  - id: closed-for-an-incident
    verdict: forbidden
    name: {en: Closed for an incident, zh: 因突发事件暂停}
    reason:
      en: The company has stopped all use of AI services for the moment, because of an incident. Nothing was sent.
      zh: 因突发事件，公司已暂停使用所有 AI 服务。没有发送任何内容。
    instead:
      en: Please wait until the team that looks after AI use opens them again; nobody can make an exception meanwhile.
      zh: 请等待负责 AI 使用管理的团队重新开放；在此之前不能申请例外。
"""
SOURCES: Final = Sources("closed.yaml", folder=False, files={"closed.yaml": TEXT})


@cache
def closed_policy() -> Policy:
    """Return the policy that refuses everything."""
    return SOURCES.parse(None)


def closed_version(at: datetime, by: str) -> PolicyVersion:
    """Return it as the version that somebody has put in force."""
    policy = closed_policy()
    return PolicyVersion(policy.label, policy.digest, pack(SOURCES), at, by)


def is_closed(label: str) -> bool:
    """Tell whether this is the label of the emergency stop."""
    return label == closed_policy().label
