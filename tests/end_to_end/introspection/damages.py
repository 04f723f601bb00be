"""What can happen to the text of a token once it is signed."""

import base64
import json
import string

ALPHABET = string.ascii_letters + string.digits + "-_"


def one_character(draft, token):
    place = draft.random.randrange(len(token))
    return token[:place] + draft.random.choice(ALPHABET + ".=+/ \n~\0é") + token[place + 1 :]


def one_bit(draft, token):
    """One bit of a part's bytes, the spelling staying canonical."""
    parts = token.split(".")
    place = draft.random.randrange(3)
    data = bytearray(base64.urlsafe_b64decode(parts[place] + "=="))
    data[draft.random.randrange(len(data))] ^= 1 << draft.random.randrange(8)
    parts[place] = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    return ".".join(parts)


def last_character(draft, token):
    """The last character of a part, of which some bits are not used."""
    parts = token.split(".")
    place = draft.random.randrange(3)
    parts[place] = parts[place][:-1] + draft.random.choice(ALPHABET)
    return ".".join(parts)


def pieces(draft, token):
    header, claims, signature = token.split(".")
    data = base64.urlsafe_b64decode(signature + "==")
    coded = [base64.urlsafe_b64encode(data).decode(), base64.b64encode(data).decode()]
    changed = [
        data[:-1], data + b"\0", b"\0" + data, bytes(len(data)), data[::-1],
        data[len(data) // 2 :] + data[: len(data) // 2],
    ]
    coded += [base64.urlsafe_b64encode(bytes(part)).rstrip(b"=").decode() for part in changed]
    return draft.random.choice([
        f"{header}.{claims}.", f"{header}.{claims}", f"{header}..{signature}", f".{claims}.{signature}", "..", "",
        header, f"{token}.", f".{token}", f"{token}.{signature}", f"{token}~", f"{claims}.{header}.{signature}",
        f"{header}.{header}.{signature}", f"{header}.{claims}==.{signature}", f"{header}\n.{claims}.{signature}",
        f" {token}\n", f"Bearer {token}", f"bearer  {token}", f"Basic {token}", f"Bearer Bearer {token}",
        f'"{token}"', *(f"{header}.{claims}.{part}" for part in coded),
    ])


def keyed_hash(draft, token):
    """A hash keyed with what everybody knows of the public key, under the key's name."""
    public = draft.key.jwk if hasattr(draft.key, "jwk") else {}
    secret = draft.random.choice([json.dumps(public), str(public.get("n", public.get("x", "x"))), "secret"])
    draft.change(draft.header, "alg", '"HS256"')
    return draft.sign_with_secret(secret)


ALL = [one_character, one_bit, last_character, pieces, keyed_hash]
