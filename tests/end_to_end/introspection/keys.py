"""The provider's keys: those that can be used, those that nobody may use, and one that is not published."""

import json
import warnings
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey, import_key

# Some of the keys are meant to be bad.
warnings.simplefilter("ignore", SecurityWarning)

# The name of a key that is not in the set.
UNPUBLISHED = "unpublished"
# The issuer to which one key is bound.
ELSEWHERE = "https://elsewhere.test"


def rsa_key(bits=2048):
    return RSAKey.import_key(rsa.generate_private_key(65537, bits))


# kid: how the key is made, the algorithm that it signs with, its further members, whether it may be used.
KINDS = [
    ("rsa", rsa_key, "RS256", {"alg": "RS256", "use": "sig"}, True),
    ("rsa-bare", rsa_key, "RS256", {}, True),
    ("pss", rsa_key, "PS256", {"alg": "PS256", "key_ops": ["verify"]}, True),
    ("p256", lambda: ECKey.generate_key("P-256"), "ES256", {"alg": "ES256"}, True),
    ("p384", lambda: ECKey.generate_key("P-384"), "ES384", {}, True),
    ("edwards", lambda: OKPKey.generate_key("Ed25519"), "EdDSA", {"alg": "EdDSA"}, True),
    ("twin", lambda: ECKey.generate_key("P-256"), "ES256", {"issuer": "https://any.test/{tenantid}"}, True),
    ("twin", lambda: ECKey.generate_key("P-256"), "ES256", {}, True),
    ("elsewhere", lambda: ECKey.generate_key("P-256"), "ES256", {"issuer": ELSEWHERE}, True),
    ("for-encryption", rsa_key, "RS256", {"use": "enc"}, False),
    ("for-signing", rsa_key, "RS256", {"key_ops": ["sign"]}, False),
    ("short", lambda: rsa_key(1024), "RS256", {}, False),
    ("rs384", rsa_key, "RS384", {"alg": "RS384"}, False),
    ("p521", lambda: ECKey.generate_key("P-521"), "ES512", {}, False),
    ("koblitz", lambda: ECKey.generate_key("secp256k1"), "ES256K", {}, False),
    ("secret", lambda: OctKey.generate_key(256), "HS256", {"alg": "HS256"}, False),
    (UNPUBLISHED, rsa_key, "RS256", {}, False),
]


class Key:
    """A key of the provider's, with its private part."""

    def __init__(self, kid, algorithm, members, is_usable, jwk):
        self.kid, self.algorithm, self.members, self.is_usable, self.jwk = kid, algorithm, members, is_usable, jwk
        self.material = import_key(
            {name: value for name, value in jwk.items() if name not in ("alg", "use", "key_ops")}
        )

    def published(self):
        """The entry in the provider's key set."""
        is_secret = self.jwk["kty"] == "oct"
        shown = {
            name: value for name, value in self.jwk.items() if is_secret or name in ("kty", "crv", "n", "e", "x", "y")
        }
        return {**shown, "kid": self.kid, **self.members}


def generate(path: Path):
    """Makes the keys and keeps them in a file, for RSA keys take their time."""
    kinds = [(*kind[:1], *kind[2:], kind[1]().as_dict(private=True)) for kind in KINDS]
    path.write_text(json.dumps(kinds))


def load(path: Path):
    """The keys of the file."""
    return [Key(*kind) for kind in json.loads(path.read_text())]
