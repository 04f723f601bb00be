"""Tokens, good and bad, out of one random sequence: a good one, now and then with some twists, now and then damaged."""

import base64
import json
import string

from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

import damages
import twists

ALGORITHMS = JWSRegistry.algorithms


def encoded(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def text_of(members):
    """A JSON object out of names and values that are JSON text."""
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members) + "}"


class Draft:
    """A token to be: members as pairs, so that a name can come twice, the values as JSON text."""

    def __init__(self, random, rules, now):
        self.random, self.rules, self.now = random, rules, now
        self.key = random.choice([key for key in rules.keys if key.is_usable])
        self.algorithm = self.key.algorithm
        self.header = [("alg", json.dumps(self.algorithm)), ("kid", json.dumps(self.key.kid))]
        if random.random() < 0.8:
            self.header.append(("typ", json.dumps(random.choice(["JWT", "jwt", "at+jwt", "application/at+JWT"]))))
        self.claims = [
            ("iss", json.dumps(random.choice(rules.issuers))),
            ("aud", json.dumps(random.choice(rules.audiences))),
            ("iat", str(now - random.randint(0, 3600))),
            ("exp", str(now + random.randint(600, 3600))),
            ("sub", '"subject"'),
        ]
        self.claims += [(f"claim{number}", value(random, 3)) for number in range(random.randrange(5))]
        random.shuffle(self.claims)
        # Whole texts in place of the members.
        self.header_text = self.claims_text = None

    def change(self, members, name, text):
        """Sets a member where it stands, or as a new one; without a text, takes it out."""
        changed = [(found, text if found == name else value) for found, value in members if found != name or text]
        if text and name not in dict(changed):
            changed.append((name, text))
        members[:] = changed

    def sign(self):
        """The token, signed as if all were well with it."""
        header = self.header_text or text_of(self.header).encode("utf-8", "surrogatepass")
        claims = self.claims_text or text_of(self.claims).encode("utf-8", "surrogatepass")
        message = f"{encoded(header)}.{encoded(claims)}"
        signature = ALGORITHMS[self.algorithm].sign(message.encode(), self.key.material)
        return f"{message}.{encoded(signature)}"

    def sign_with_secret(self, secret):
        """The token with a keyed hash in place of a signature."""
        self.algorithm = "HS256"
        self.key = type("Secret", (), {"material": OctKey.import_key(secret)})
        return self.sign()


def value(random, depth):
    """Any JSON value, as text."""
    kinds = ["text", "integer", "float", "word"] + ["array", "object"] * (depth > 0)
    match random.choice(kinds):
        case "text":
            letters = random.choices(string.printable + 'æøå€😀\u2028\\"\0', k=random.randrange(12))
            return json.dumps("".join(letters), ensure_ascii=random.random() < 0.5)
        case "integer":
            return str(random.choice([0, -1, 2**53 + 1, 2**63, 2**64 - 1, 10**30, random.getrandbits(40)]))
        case "float":
            return random.choice(["1.0", "-0.0", "1E+2", "0.1000", "123456789.123456789123456789", "1e-400", "5e-324"])
        case "word":
            return random.choice(["true", "false", "null"])
        case "array":
            return "[" + ", ".join(value(random, depth - 1) for _ in range(random.randrange(4))) + "]"
        case "object":
            return text_of([(f"name{number}", value(random, depth - 1)) for number in range(random.randrange(4))])


def make(random, rules, now):
    """A token: its text, and the names of what was done to it."""
    draft = Draft(random, rules, now)
    done = random.sample(twists.ALL, random.choice([0, 1, 1, 1, 2]))
    for twist in done:
        twist(draft)
    token = draft.sign()
    if random.random() < 0.3:
        damage = random.choice(damages.ALL)
        token = damage(draft, token)
        done.append(damage)
    return token, [twist.__name__ for twist in done]
