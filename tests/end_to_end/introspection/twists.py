"""What can be odd about a token before it is signed: in its header, in its claims, in who signs it."""

import json

import keys


def header_member(draft):
    """One more member, of a kind that changes what the token means or of one that does not."""
    name, text = draft.random.choice([
        ("crit", '["exp"]'), ("crit", '["b64"]'), ("crit", "[]"), ("crit", '["alg"]'), ("crit", '"alg"'),
        ("b64", "false"), ("b64", "true"), ("zip", '"DEF"'), ("enc", '"A256GCM"'), ("cty", '"JWT"'),
        ("cty", '"x"'), ("jku", '"http://127.0.0.1:9/keys"'), ("jku", "1"), ("x5u", '"http://127.0.0.1:9/"'),
        ("x5c", '["AA=="]'), ("x5t", '"AA"'), ("nonce", '"n"'), ("ext", '{"a":[1,{"b":null}]}'), ("n", "1.5"),
        ("ext", "null"), ("long", json.dumps("x" * 2000)), ("nan", "NaN"), ("ext", "1e400"), ("ext", '"\\ud800"'),
        ("", '""'),
    ])
    draft.change(draft.header, name, text)


def embedded_key(draft):
    """The signer's own key in the header, with the algorithm that goes with it."""
    signer = next(key for key in draft.rules.keys if key.kid == keys.UNPUBLISHED)
    draft.change(draft.header, "jwk", json.dumps(signer.material.as_dict(private=False)))
    draft.change(draft.header, "alg", '"RS256"')
    draft.key, draft.algorithm = signer, "RS256"


def typ(draft):
    draft.change(
        draft.header,
        "typ",
        draft.random.choice([
            '"dpop+jwt"', '"logout+jwt"', '"secevent+jwt"', '"kb+jwt"', '"JOSE"', '""', '"JWT "',
            '"application/jwt"', '"at+JWT"', "1", "null", "[]", '["JWT"]',
        ]),
    )


def kid(draft):
    draft.change(
        draft.header,
        "kid",
        draft.random.choice([
            None, "null", "1", '""', "[]", '"nobody"', '"../../dev/null"', '"a\\u0000b"', '"😀"',
            json.dumps("k" * 300), '"RSA"', '"rsa "', '["rsa"]', '"p256"', '"rsa"', '"twin"', '"secret"',
            '"edwards"',
        ]),
    )


def algorithm_by_name(draft):
    """Another name for the algorithm, the signature staying what it is."""
    draft.change(
        draft.header,
        "alg",
        draft.random.choice([
            None, "null", "1", '["RS256"]', '"none"', '"None"', '""', '"rs256"', '"RS256 "', '"HS256"', '"RS384"',
            '"RS256"', '"PS256"', '"ES256"', '"ES384"', '"ES512"', '"EdDSA"', '"Ed25519"', '"ES256K"',
        ]),
    )


def other_algorithm(draft):
    """Signed by the right key with another algorithm that fits its type."""
    others = {"RSA": ["RS256", "PS256", "RS384", "PS384", "RS512"], "OKP": ["EdDSA", "Ed25519"]}
    draft.algorithm = draft.random.choice(others.get(draft.key.jwk["kty"], [draft.algorithm]))
    draft.change(draft.header, "alg", json.dumps(draft.algorithm))


def other_key(draft):
    """Signed by any key, whose name the header has or has not."""
    draft.key = draft.random.choice(draft.rules.keys)
    draft.algorithm = draft.key.algorithm
    if draft.random.random() < 0.8:
        draft.change(draft.header, "alg", json.dumps(draft.algorithm))
    if draft.random.random() < 0.6:
        draft.change(draft.header, "kid", json.dumps(draft.key.kid))


def elsewhere(draft):
    """The key that is bound to another issuer."""
    draft.key = next(key for key in draft.rules.keys if key.kid == "elsewhere")
    draft.algorithm = draft.key.algorithm
    draft.header = [("alg", json.dumps(draft.algorithm)), ("kid", '"elsewhere"')]
    draft.change(draft.claims, "iss", json.dumps(draft.random.choice([keys.ELSEWHERE, draft.rules.issuers[0]])))


def twice(draft):
    """A member that comes twice, its name plain or escaped, its value the same or not."""
    members = draft.random.choice([draft.header, draft.claims])
    name, text = draft.random.choice(members)
    members.insert(draft.random.randint(0, len(members)), (name, draft.random.choice([text, '"other"', "1"])))


def twice_within(draft):
    draft.change(draft.claims, "nested", draft.random.choice(['{"a":1,"a":1}', '[{"b":{"a":1,"\\u0061":2}}]']))


def times(draft):
    """Times about the edges, the leeway being 60 s."""
    name = draft.random.choice(["exp", "nbf", "iat"])
    edge = draft.random.choice([-60, 60, 0]) + draft.random.choice([-90, -2, -1, 0, 1, 2, 90])
    fraction = draft.random.choice(["", "", "", ".0", ".5", ".999"])
    draft.change(draft.claims, name, f"{draft.now + edge}{fraction}")


def odd_time(draft):
    draft.change(
        draft.claims,
        draft.random.choice(["exp", "nbf", "iat"]),
        draft.random.choice([
            None, "null", "true", '"1"', f'"{draft.now}"', "-1", "0", "[]", "{}", "1e300", "1e400", "1E10",
            "1e19", "253402300799", "253402300800", str(2**53 + 1), str(2**63), str(2**64 - 1), str(2**64), "NaN",
            "Infinity",
        ]),
    )


def issuer(draft):
    ours = draft.rules.issuers[0]
    draft.change(
        draft.claims,
        "iss",
        draft.random.choice([
            None, "null", "1", '""', json.dumps([ours]), "[]", "{}", json.dumps(ours + "/"),
            json.dumps(ours.upper()), json.dumps(ours[:-1]), '"{tenantid}"', '"https://issuer.evil"',
            json.dumps(f" {ours}"), json.dumps(ours),
        ]),
    )


def audience(draft):
    ours = draft.rules.audiences[0]
    draft.change(
        draft.claims,
        "aud",
        draft.random.choice([
            None, "null", "1", '""', "[]", "{}", "[[]]", json.dumps([ours]), json.dumps(["other", ours]),
            json.dumps([ours, 1]), json.dumps([ours, None]), json.dumps(ours.upper()), json.dumps(ours[:-1]),
            json.dumps(ours + "x"), '["other"]', json.dumps({ours: ours}), json.dumps([[ours]]),
            json.dumps([ours] * 50), json.dumps("\\u0061" + ours),
        ]),
    )


def claim(draft):
    name, text = draft.random.choice([
        ("sub", "1"), ("jti", "null"), ("azp", "[]"), ("active", "false"), ("active", '"x"'), ("error", '"e"'),
        ("", "1"), ("x", "NaN"), ("x", "-Infinity"), ("x", "1e400"), ("x", '"\\ud800"'),
        ("x", '"\\ud83d\\ude00"'), ("x", '"\ud800"'), ("x", "[" * 100 + "]" * 100), ("x", "[" * 200 + "]" * 200),
        ("x", "[" * 1200 + "]" * 1200), ("x", '"\t"'), ("x", "01"), ("x", "+1"), ("x", "1."), ("x", ".5"),
        ("x", "'a'"), ("x", json.dumps("long" * 2000)), ("é", '"é"'), ("x", json.dumps("long" * 9000)),
        ('x\u2028"\\\n', "null"),
    ])
    draft.change(draft.claims, name, text)


def payload(draft):
    """Claims in another shape or another coding."""
    members = [f"{json.dumps(name)}: {text}" for name, text in draft.claims]
    good = "{ " + " ,\n".join(members) + "\t}"
    draft.claims_text = draft.random.choice([
        good.encode("utf-8", "surrogatepass"), good.encode("utf-8-sig", "surrogatepass"),
        good.encode("utf-16-le", "surrogatepass"), good.encode("utf-16", "surrogatepass"),
        good.encode("utf-32", "surrogatepass"), good.encode("utf-8", "surrogatepass") + b"{}",
        good.encode("utf-8", "surrogatepass") + b"\0", good.encode("utf-8", "surrogatepass") + b" \n",
        f"[{good}]".encode("utf-8", "surrogatepass"), b"{}", b"null", b'"text"', b"1", b'{"iss":"\xff"}', b" ",
        good[:-2].encode("utf-8", "surrogatepass") + b",}", json.dumps(good).encode(),
    ])


def header_coding(draft):
    members = ", ".join(f"{json.dumps(name)}: {text}" for name, text in draft.header)
    coding = draft.random.choice(["utf-8", "utf-8-sig", "utf-16-le", "utf-32"])
    draft.header_text = f" {{ {members} }} ".encode(coding, "surrogatepass")


ALL = [
    header_member, embedded_key, typ, kid, algorithm_by_name, other_algorithm, other_key, elsewhere, twice,
    twice_within, times, odd_time, issuer, audience, claim, payload, header_coding,
]
