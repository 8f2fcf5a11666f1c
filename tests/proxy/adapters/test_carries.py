"""Real names and ids are known as such, and what is put in their place is read."""

import pytest

from detectors.find import Finder, shipped_detectors
from proxy.adapters.carries import carries, is_name
from tests.rows import each

NAMES = """
gpt-4o-2024-08-06 gpt-4.1-2025-04-14 o3-2025-04-16 gpt-4-1106-preview gpt-3.5-turbo-0125 chatgpt-4o-latest
ft:gpt-4o-mini-2024-07-18:my-org:custom:9ABCdefG text-embedding-3-large whisper-1
claude-3-5-sonnet-20241022 claude-opus-4-1-20250805 claude-3-5-sonnet@20240620 claude-code-20250219
anthropic.claude-3-5-sonnet-20241022-v2:0 us.anthropic.claude-sonnet-4-20250514-v1:0
gemini-2.5-pro-preview-05-06 gemini-2.0-flash-001 models/gemini-1.5-pro-002 grok-2-1212 mistral-large-2411
deepseek-chat deepseek-r1-250528 doubao-1-5-pro-32k-250115 doubao-seed-1-6-250615 ep-20240611073037-abcde
qwen-max-2025-01-25 qwen3-235b-a22b-instruct-2507 kimi-k2-0711-preview moonshot-v1-128k glm-4-0520
hunyuan-turbos-20250604 @cf/meta/llama-3.1-8b-instruct meta-llama/Llama-3.3-70B-Instruct-Turbo
call_a1b2c3d4e5f60718293a4b5c call_Zw8mXqLkT3vR5nYhB7cD9eFg toolu_01A09q90qw90lq917835lq9 D681PevKs
msg_01XFDUDYJgAACzvnptvVoYEL chatcmpl-tool-3f2504e04f8911d39a0c0305e82c3301 functions.get_weather:0
call_550e8400-e29b-41d4-a716-446655440000 file-abc123 fc_67890abcdef1234567890
container_011CPR5CNjB747bTd36fQLFk user assistant ephemeral 1h 2024-10-21 2024-12-01-preview
"""

VALUES = {
    "a telephone number": "13800138000",
    "behind a model": "gpt-13800138000",
    "as an id": "call_13800138000",
    "behind letters": "x13800138000",
    "between letters": "e11010519491231002X",
    "before letters": "11010519491231002X",
    "in groups": "138-0013-8000",
    "a card in groups": "4111-1111-1111-1111",
    "a number with a country": "+86.138.0013.8000",
    "an American number": "078-05-1120",
    "six digits": "m-483920",
    "twelve digits that look like the end of a UUID": "446655440000-6ba7-b810",
    "an address": "alice@corp.example",
}


@each("name", NAMES.split())
def test_a_real_name_or_id_is_one(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("text", VALUES.values(), ids=VALUES)
def test_a_value_in_place_of_a_name_is_seen(text: str) -> None:
    assert carries(text) and not is_name(text)


def test_nothing_is_found_in_real_names_even_where_they_are_read() -> None:
    finder = Finder(shipped_detectors())
    assert {name for name in NAMES.split() if finder.find(name).findings} == set()


def test_no_name_is_as_long_as_a_sentence() -> None:
    assert is_name("a" * 64) and not is_name("a" * 65) and not carries("a" * 65)
