"""Values drawn at random from a rule's own pattern: fresh secrets of every kind, made for the moment.

Enters: a pattern in the syntax that RE2 and Python share, and a source of randomness. Leaves: a text the pattern
matches, its letters drawn evenly from what each place allows. Nothing here was ever a secret.
"""

import re
import re._constants as code
import re._parser as parser

PRINTABLE = [chr(number) for number in range(33, 127)]
CATEGORIES = {
    code.CATEGORY_SPACE: " ",
    code.CATEGORY_DIGIT: "0123456789",
    code.CATEGORY_NOT_SPACE: PRINTABLE,
    code.CATEGORY_WORD: "abcxyzABCXYZ0123456789_",
}
MORE = 9
"""How many repetitions beyond the least are drawn at most."""


def value(pattern, text, random):
    """Return a fresh value in place of `text`, which an example gives for the finding of `pattern`.

    Where the pattern has several groups for the finding it is the one that `text` fits.
    """
    tree = parser.parse(pattern)
    numbers = sorted(number for name, number in tree.state.groupdict.items() if name.startswith("value"))
    for number in numbers:
        part = group(tree, number)
        if re.fullmatch(written(pattern, number), text):
            return draw(part, random)
    return draw(tree, random)


def draw(tree, random):
    """Return a text that a parsed pattern matches."""
    out = []
    for kind, argument in tree:
        if kind is code.LITERAL:
            out.append(chr(argument))
        elif kind is code.IN:
            out.append(random.choice(characters(argument)))
        elif kind is code.NOT_LITERAL:
            out.append(random.choice([one for one in PRINTABLE if one != chr(argument)]))
        elif kind is code.ANY:
            out.append(random.choice(PRINTABLE))
        elif kind in (code.MAX_REPEAT, code.MIN_REPEAT):
            least, most, part = argument
            out += [draw(part, random) for _ in range(random.randint(least, min(most, least + MORE)))]
        elif kind is code.SUBPATTERN:
            out.append(draw(argument[3], random))
        elif kind is code.BRANCH:
            out.append(draw(random.choice(argument[1]), random))
        elif kind is code.AT:
            continue
        else:
            raise NotImplementedError(str(kind))
    return "".join(out)


def characters(items):
    """Return the characters of a class."""
    found = []
    for kind, argument in items:
        if kind is code.LITERAL:
            found.append(chr(argument))
        elif kind is code.RANGE:
            found += [chr(number) for number in range(argument[0], argument[1] + 1)]
        elif kind is code.CATEGORY:
            found += CATEGORIES[argument]
    return [one for one in PRINTABLE if one not in found] if items[0][0] is code.NEGATE else found


def group(tree, number):
    """Return the part of a parsed pattern that is a group."""
    for kind, argument in tree:
        inside = {
            code.SUBPATTERN: lambda argument: [argument[3]],
            code.BRANCH: lambda argument: argument[1],
            code.MAX_REPEAT: lambda argument: [argument[2]],
            code.MIN_REPEAT: lambda argument: [argument[2]],
        }.get(kind)
        if kind is code.SUBPATTERN and argument[0] == number:
            return argument[3]
        for part in inside(argument) if inside else ():
            found = group(part, number)
            if found is not None:
                return found
    return None


def written(pattern, number):
    """Return a group of a pattern as it is written."""
    name = next(name for name, one in re.compile(pattern).groupindex.items() if one == number)
    start = pattern.index(f"(?P<{name}>") + len(name) + 5
    depth, place, inside = 1, start, False
    while depth:
        character = pattern[place]
        if character == "\\":
            place += 1
        elif inside:
            inside = character != "]"
        elif character == "[":
            inside = True
            place += pattern[place + 1] == "]"
        else:
            depth += (character == "(") - (character == ")")
        place += 1
    return pattern[start : place - 1]
