"""Products for pictures, speech and translation: any body of theirs, refused in their own words.

General knowledge, not seen live. Their answers hold no running text; a translation comes whole, and is restored.
"""

from typing import Final

from proxy.adapters.interface import Refusal
from proxy.adapters.vendors.any_body import AnyBody
from proxy.adapters.vendors.refusing import tell
from proxy.exchange import Answer


def refuse_as_fal(refusal: Refusal) -> Answer:
    """Return the refusal as fal's error."""
    return tell(refusal, {"detail": refusal.message, "error_type": refusal.code})


def refuse_as_elevenlabs(refusal: Refusal) -> Answer:
    """Return the refusal as ElevenLabs' error."""
    return tell(refusal, {"detail": {"status": refusal.code, "message": refusal.message}})


def refuse_as_deepl(refusal: Refusal) -> Answer:
    """Return the refusal as DeepL's error."""
    return tell(refusal, {"message": refusal.message, "detail": refusal.code})


FAL: Final = AnyBody("fal", refuse_as_fal)
ELEVENLABS: Final = AnyBody("elevenlabs", refuse_as_elevenlabs)
DEEPL: Final = AnyBody("deepl", refuse_as_deepl)
