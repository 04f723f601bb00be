"""Asks the daemon and joserfc about the same tokens: `compare.py API METADATA-URL KEYS-FILE COUNT`.

Prints a summary as JSON. A time that passes while a question is under way gives no disagreement: joserfc is asked for
the second before and the second after, and where it says two things, either is right.
"""

import base64
import collections
import http.client
import json
import random
import sys
import time
import types
import urllib.parse
import urllib.request
from pathlib import Path

import causes
import keys
import tokens
from independent import Verifier

AUDIENCES = ["app", "api://app"]
FURTHER_ISSUERS = ["https://further.test/", keys.ELSEWHERE]
# Everything that may be said about a token that is not valid.
ERRORS = {
    causes.HEADER,
    causes.NO_PROVIDER,
    "missing key id from token header",
    *(
        f"invalid token: {what}"
        for what in ("InvalidAlgorithm", "InvalidSignature", "InvalidClaim", "ExpiredSignature")
    ),
    *(f"invalid token: {what}" for what in ("ImmatureSignature", "InvalidIssuer", "InvalidAudience")),
    *(f"invalid token: Missing required claim: {claim}" for claim in ("iss", "exp", "iat", "aud")),
}


class Daemon:
    """The daemon's introspection, over one connection."""

    def __init__(self, api):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(api).netloc, timeout=10)

    def ask(self, token, choice):
        """In one of the four ways to ask: the status and the body."""
        fields = {"token": token, **({"identity_provider": "entra_id"} if choice.random() < 0.5 else {})}
        if choice.random() < 0.5:
            body, kind = json.dumps(fields), "application/json"
        else:
            body, kind = urllib.parse.urlencode(fields), "application/x-www-form-urlencoded"
        self.connection.request("POST", "/api/v1/introspect", body.encode(), {"Content-Type": kind})
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()


def to_the_letter(text):
    """Members with numbers as they are written, every pair kept, those apart that are the answer's own."""
    keep = {"parse_float": lambda number: ("number", number), "parse_int": lambda number: ("number", number)}
    pairs = json.loads(text, object_pairs_hook=lambda pairs: pairs, **keep)
    return [pair for pair in pairs if pair[0] not in ("active", "error")]


def bare(token):
    """The token without what the daemon takes off it."""
    token = token.strip()
    scheme, blank, rest = token.partition(" ")
    return rest.strip() if blank and scheme.lower() == "bearer" else token


def is_fair_refusal(body):
    answer = json.loads(body)
    return list(answer) == ["active", "error"] and answer["active"] is False and answer["error"] in ERRORS


def is_fair_acceptance(body, token):
    claims = causes.Part(token.split(".")[1]).data.decode()
    answers = [value for name, value in json.loads(body, object_pairs_hook=list) if name == "active"]
    return answers == [True] and to_the_letter(body) == to_the_letter(claims)


class Comparison:
    """What came of the questions so far."""

    def __init__(self):
        self.counts = collections.Counter()
        self.active, self.causes, self.twists, self.examples = (collections.Counter() for _ in range(4))

    def count(self, what, token, done, details):
        self.counts[what] += 1
        self.examples[what] += 1
        if self.examples[what] <= 5:
            print(f"{what}: {done} {details}\n  {token[:600]}", file=sys.stderr)

    def judge(self, token, done, status, body, refusals):
        self.counts["asked"] += 1
        self.twists.update(done or ["none"])
        if status != 200:
            return self.count("undecided", token, done, (status, body))
        if json.loads(body)["active"] is True:
            self.active[json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["alg"]] += 1
            if None not in refusals:
                self.count("accepted_wrongly", token, done, refusals)
            if not is_fair_acceptance(body, token):
                self.count("claims_differ", token, done, body[:600])
            return None
        if not is_fair_refusal(body):
            self.count("refused_in_other_words", token, done, body)
        if refusals == [None, None]:
            cause = causes.cause(token, json.loads(body)["error"])
            self.causes[cause] += 1
            if cause is None:
                self.count("refused_without_cause", token, done, body)
        return None


def main(api, metadata_url, path, count):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(metadata_url) as answer:
        metadata = json.load(answer)
    algorithms = set(metadata["id_token_signing_alg_values_supported"])
    rules = types.SimpleNamespace(
        keys=keys.load(path), issuers=[metadata["issuer"], *FURTHER_ISSUERS], audiences=AUDIENCES
    )
    verifier = Verifier(rules.keys, algorithms, rules.issuers, rules.audiences)
    choice, daemon, comparison = random.Random(1), Daemon(api), Comparison()
    for _ in range(count):
        before = int(time.time())
        token, done = tokens.make(choice, rules, before)
        before = int(time.time())
        status, body = daemon.ask(token, choice)
        moments = (before, int(time.time()))
        comparison.judge(bare(token), done, status, body, [verifier.refusal(bare(token), now) for now in moments])
    summary = {
        **comparison.counts,
        "active": comparison.active,
        "causes": comparison.causes,
        "twists": comparison.twists,
    }
    print(json.dumps(summary, indent=2))


main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
