"""Why the daemon refuses what joserfc accepts: the closed list of reasons, each to be seen in the token itself."""

import base64
import json
import math

HEADER = "invalid token header: InvalidToken"
CLAIM = "invalid token: InvalidClaim"
# What is said of claims that cannot be read where the issuer was to pick the provider.
NO_PROVIDER = "token can not be validated with this identity provider"
# What is said of a time that is only just past or ahead.
TIMES = ("invalid token: ExpiredSignature", "invalid token: ImmatureSignature")
LATEST = 253402300799
DEEPEST = 127
LONGEST = 32 * 1024
TYPES = ("jwt", "application/jwt", "at+jwt", "application/at+jwt")


class Part:
    """A part's JSON as Python reads it, and what of it a strict reader would not take."""

    def __init__(self, text):
        self.data = base64.urlsafe_b64decode(text + "==")
        self.has_twice = self.is_lax = False
        self.members = json.loads(
            self.data, object_pairs_hook=self.note, parse_constant=self.lax, parse_float=self.number
        )
        self.is_deep = depth(self.members) > DEEPEST

    def note(self, pairs):
        members = dict(pairs)
        self.has_twice |= len(members) < len(pairs)
        return members

    def lax(self, text):
        self.is_lax = True
        return float(text)

    def number(self, text):
        self.is_lax |= float(text) in (float("inf"), float("-inf"))
        return float(text)

    def is_not_utf_8(self):
        """It is in another coding, begins with a mark of it, or holds half a character."""
        try:
            text = self.data.decode("utf-8")
            json.dumps(self.members, ensure_ascii=False).encode("utf-8")
        except UnicodeError:
            return True
        return text.startswith("\ufeff") or "\0" in text


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def times(claims):
    found = [claims.get(name) for name in ("exp", "iat", "nbf")]
    return [time for time in found if isinstance(time, (int, float))]


# The reason, what the daemon says, and how it is seen in header and claims.
CAUSES = [
    ("crit is never understood", HEADER, lambda header, _: "crit" in header.members),
    ("b64 is never understood", HEADER, lambda header, _: "b64" in header.members),
    ("zip is never understood", HEADER, lambda header, _: "zip" in header.members),
    ("enc has no place in a signed token", HEADER, lambda header, _: "enc" in header.members),
    ("cty announces something nested", HEADER, lambda header, _: "cty" in header.members),
    (
        "typ is that of another kind of token",
        HEADER,
        lambda header, _: header.members.get("typ", "jwt").lower() not in TYPES,
    ),
    ("a header's name comes twice", HEADER, lambda header, _: header.has_twice),
    ("the header has NaN, Infinity or a number beyond all", HEADER, lambda header, _: header.is_lax),
    ("the header is not UTF-8", HEADER, lambda header, _: header.is_not_utf_8()),
    ("a claim's name comes twice", CLAIM, lambda _, claims: claims.has_twice),
    ("the claims have NaN, Infinity or a number beyond all", CLAIM, lambda _, claims: claims.is_lax),
    ("the claims are not UTF-8", CLAIM, lambda _, claims: claims.is_not_utf_8()),
    ("the claims are too deep", CLAIM, lambda _, claims: claims.is_deep),
    (
        "a time lies outside the years 1970 to 9999",
        CLAIM,
        lambda _, claims: any(not 0 <= time <= LATEST for time in times(claims.members)),
    ),
    (
        "the token was issued after its end",
        CLAIM,
        lambda _, claims: math.ceil(claims.members["iat"]) > math.floor(claims.members["exp"]),
    ),
    (
        "fractions of a second count against the token",
        TIMES,
        lambda _, claims: any(time % 1 for time in times(claims.members)),
    ),
]


def cause(token, error):
    """The first reason that is seen in the token and goes with what the daemon says; None if there is none."""
    if len(token) > LONGEST:
        return "the token is longer than 32 KiB" if error == HEADER else None
    header, claims = map(Part, token.split(".")[:2])
    for name, says, is_seen in CAUSES:
        goes_with = (
            error in says if isinstance(says, tuple) else error == says or (says == CLAIM and error == NO_PROVIDER)
        )
        if goes_with and is_seen(header, claims):
            return name
    return None
