"""The rows of the list, and how each is written.

A row that is not here cannot be measured with a request: it is told in words on the page.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal

from bench.evasion import answered, elsewhere, live, printed, uploads, wires
from bench.evasion import writings as w
from bench.evasion.values import ALL, NUMBERS, Value
from bench.evasion.wires import Sent, Wire
from bench.evasion.writings import Writing

Feasible = Literal["yes", "yes/part", "part", "no"]


@dataclass(frozen=True, slots=True)
class Row:
    """A way out."""

    number: int
    likely: int
    name: str
    feasible: Feasible
    ways: tuple[Writing, ...] = ()
    wire: tuple[Wire, ...] = ()
    kinds: tuple[str, ...] = ALL
    names: bool = False
    """Whether models for names are asked."""
    alone: bool = False
    """Whether peers are left out, who take minutes for it."""

    def send(self, rng: Random, value: Value) -> Sent:
        """Return a request of this row."""
        if self.wire:
            return rng.choice(self.wire)(rng, value)
        return wires.sent_text(rng.choice(self.ways)(rng, value))


def plain(_: Random, value: Value) -> str:
    """Write it as it is."""
    return value.sentence


within, code, whole = w.within, w.code, w.whole
CODES = (w.base64_of, w.hex_of, w.mime_word, w.printable, w.uu)

ROWS = (
    Row(2, 5, "names and companies in running Chinese text", "yes", (plain,), kinds=("name", "term"), names=True),
    Row(3, 5, "number glued to Chinese characters", "yes", (w.around,), kinds=NUMBERS),
    Row(4, 5, "sites that nobody listed, in the form of a model's interface", "yes/part", wire=(elsewhere.unlisted,)),
    Row(6, 5, "file upload: documents, tables, mail", "yes", wire=(uploads.files,)),
    Row(7, 5, "screenshot", "part", wire=(uploads.picture,)),
    Row(8, 5, "source code, logs, configuration with secrets", "yes", wire=(wires.tools,), kinds=("key", "email")),
    Row(8, 4, "a private key without its first line", "yes", (plain,), kinds=("private",)),
    Row(9, 4, "a file that goes to a service's store first", "yes/part", wire=(elsewhere.store,)),
    Row(10, 4, "JSON in a string in JSON, to four levels", "yes", wire=(wires.inner,)),
    Row(13, 4, "spaces, dashes, dots, line breaks inside numbers", "yes", (within(w.separated),), kinds=NUMBERS),
    Row(14, 4, "full-width digits and letters", "yes", (within(w.wide),)),
    Row(15, 4, "split over messages of a conversation", "yes/part", wire=(wires.turns,)),
    Row(15, 3, "split between a user's and an assistant's turns", "yes", wire=(wires.both_sides,)),
    Row(15, 3, "a term, a password or a private key cut over turns and parts", "yes", wire=(wires.cut_word,),
        kinds=("term", "password", "private")),
    Row(16, 4, "split over parts and fields", "yes", wire=(wires.parts,)),
    Row(16, 3, "told in pieces within one text: named, in variables, in fields of an address", "yes",
        (w.in_pieces,), kinds=NUMBERS),
    Row(16, 3, "split between instructions, results of tools and the message, in numerals too", "yes",
        wire=(wires.across,), kinds=NUMBERS),
    Row(17, 4, "system prompt, tools, arguments, metadata", "yes", wire=(wires.anywhere,)),
    Row(18, 4, "coding agents: files, diffs, shell output", "yes", wire=(wires.tools,)),
    Row(19, 4, "Chinese numerals", "yes", (within(w.chinese), within(w.chinese), within(w.chinese_radicals)),
        kinds=NUMBERS),
    Row(19, 4, "numerals of Suzhou and Rome", "yes", printed.FAR_NUMERALS, kinds=NUMBERS),
    Row(19, 4, "numbers written as amounts, with ten thousands and hundred millions", "yes", printed.AMOUNTS,
        kinds=("mobile", "card", "unionpay")),
    Row(20, 4, "masked but identifying", "part", (w.masked,), kinds=("id", "mobile")),
    Row(21, 4, "pinyin of a term", "part", (w.PINYIN,), kinds=("term",)),
    Row(24, 3, "base64 in text", "yes", code(w.base64_of)),
    Row(24, 3, "base64 in lines of a few characters, in the strings of a program", "yes", printed.IN_PIECES),
    Row(25, 3, "hex, percent, \\u, entities, quoted-printable, UU, MIME words, base64 of gzip, nested", "yes",
        (*(way for each in CODES[1:] for way in code(each)), *code(w.nested), *code(w.packed),
         within(w.percent), within(w.entities), within(w.units), whole(w.percent), whole(w.json_twice))),
    Row(25, 3, "two ways at once: escapes in other signs, codes and numbers turned round, digits one a place", "yes",
        (within(w.disguised), w.turned_code, within(w.emoji), within(w.one_by_one), within(w.drawn),
         *map(within, w.TURNED)), kinds=NUMBERS),
    Row(25, 3, "bytes as programs print them: dumps, arrays, octal, bits, numbers of characters", "yes",
        printed.PRINTED_WAYS),
    Row(25, 3, "packed without a head, rot13 in base64, UTF-7, braille", "yes", printed.SQUEEZED),
    Row(26, 3, "asking the model to decode what cannot be read", "part", (w.sealed,), kinds=("id",)),
    Row(27, 3, "archives: nested, other kinds, locked", "yes", wire=(uploads.archives,)),
    Row(28, 3, "wrong extension or type", "yes", wire=(uploads.disguised,)),
    Row(29, 3, "office file as base64 in JSON", "yes", wire=(uploads.office_inside,)),
    Row(31, 3, "invisible characters between", "yes", (within(w.invisible), within(w.filler))),
    Row(32, 3, "homoglyphs and styled, circled or other digits", "yes",
        (within(w.styled), within(w.other_digits), within(lambda _, text: text.translate(w.CIRCLED)))),
    Row(33, 3, "reversed, or turned by bidi signs", "yes", (within(lambda _, text: text[::-1]), within(w.bidi)),
        kinds=("id", "card", "unionpay", "mobile")),
    Row(34, 3, "rot13, atbash, Caesar", "part", (w.leet,)),
    Row(35, 3, "a term torn apart", "part", (w.TORN,), kinds=("term",)),
    Row(36, 3, "traditional variants, radicals", "yes", (w.TRADITIONAL,), kinds=("term",)),
    Row(37, 3, "address of a request", "yes", wire=(wires.query,)),
    Row(38, 3, "header fields", "yes", wire=(wires.fields,)),
    Row(38, 3, "cookies, passwords", "part", wire=(wires.credentials,)),
    Row(39, 3, "GraphQL variables, batches, literals", "yes/part", wire=(wires.graphql,)),
    Row(40, 3, "multipart oddities", "yes", wire=(wires.odd_multipart,)),
    Row(41, 3, "unusual endpoints of a listed vendor", "yes", wire=(wires.endpoint,)),
    Row(42, 3, "resumable upload, piece by piece", "part", wire=(wires.chunked,)),
    Row(43, 3, "WebSocket: fragments, bytes, compression, pings, closing", "yes", wire=(live.framed,), alone=True),
    Row(44, 3, "piece by piece, over requests that do not repeat each other", "part", wire=(wires.drip,)),
    Row(45, 3, "duplicate JSON keys", "yes", wire=(wires.twice,)),
    Row(46, 3, "JSON keys and numbers", "yes", wire=(wires.keys,)),
    Row(47, 2, "stacked or unknown content codings", "yes", wire=(wires.codings,)),
    Row(48, 2, "several members, trailing bytes, skippable frames", "yes", wire=(wires.members,)),
    Row(49, 2, "another charset than declared", "yes", wire=(wires.charsets,)),
    Row(50, 2, "byte-order marks, overlong UTF-8, surrogates, NUL", "yes", wire=(wires.oddities,)),
    Row(51, 2, "smuggled requests, second requests, folded lines", "yes", wire=(live.smuggled,), alone=True),
    Row(52, 2, "HTTP/2: names that disagree, trailers, odd fields", "yes", wire=(live.second_version,), alone=True),
    Row(53, 2, "names of hosts that disagree, odd spellings", "yes", wire=(live.disagreeing,), alone=True),
    Row(56, 2, "raw tunnels, SSH, other protocols, gRPC", "yes", wire=(live.tunnelled,), alone=True),
    Row(57, 2, "addresses of relays in a prompt", "part", wire=(elsewhere.relay,)),
    Row(58, 2, "gateways of one's own, half of them named to be looked into", "part", wire=(elsewhere.gateway,)),
    Row(61, 2, "tag characters", "part", (within(w.tags),)),
    Row(62, 2, "encrypted text", "part", (w.armoured, w.zipped)),
    Row(64, 2, "an answer puts the value into a link, an address or a tag", "yes", wire=(answered.link,), alone=True),
    Row(65, 2, "placeholders spelt, guessed, or named by somebody else", "yes", wire=(answered.game,), alone=True),
    Row(66, 2, "one value known again by its placeholder", "part", wire=(answered.known_again,), alone=True),
    Row(67, 2, "exhausting the filter", "yes", wire=(wires.exhausting,), alone=True),
    Row(69, 1, "text made to deceive a model", "part", (w.deceiving,), kinds=("id", "mobile", "name"), names=True),
)  # fmt: skip
