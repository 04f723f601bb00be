"""The same question to a verifier that is not ours: joserfc, with the rules of the daemon's contract.

Where the two could only differ because joserfc looks at what the contract leaves to the app (the types of `sub` and
`jti`) or never reads (keys and certificates that a header brings along), joserfc is told not to look.
"""

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter

import keys

# How far clocks may be apart, in seconds.
LEEWAY = 60
NOT_READ = ("jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256")


class Registry(jws.JWSRegistry):
    """Takes headers as long as the daemon does, and any member that it does not know."""

    max_header_length = max_payload_length = 64 * 1024

    def __init__(self, algorithm):
        ignored = {name: HeaderParameter("not read", lambda value: None) for name in NOT_READ}
        super().__init__(ignored, [algorithm], strict_check_header=False)


class Claims(jwt.JWTClaimsRegistry):
    """The registered claims that the contract names."""

    def validate_sub(self, value):
        pass

    def validate_jti(self, value):
        pass


class Verifier:
    """The rules of one daemon."""

    def __init__(self, provider_keys, algorithms, issuers, audiences):
        self.keys = [key for key in provider_keys if key.is_usable and key.algorithm in algorithms]
        self.issuers, self.audiences = issuers, audiences

    def refusal(self, token, now):
        """Why the token is not valid at that time; None if it is."""
        try:
            return self.check(token, now)
        # What is no token makes Python's own readers fail, each in its way.
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            return f"{type(error).__name__}: {error}"

    def check(self, token, now):
        header = jws.extract_compact(token.encode(), registry=Registry("RS256")).headers()
        refusals = [self.check_with(key, token, now) for key in self.keys if key.kid == header.get("kid")]
        if not refusals:
            return "no such key"
        return None if None in refusals else refusals[0]

    def check_with(self, key, token, now):
        try:
            claims = jwt.decode(token, key.material, registry=Registry(key.algorithm)).claims
        except JoseError as error:
            return f"{type(error).__name__}: {error}"
        required = {"essential": True}
        Claims(
            now=now,
            leeway=LEEWAY,
            iss={"essential": True, "values": self.issuers},
            aud={"essential": True, "values": self.audiences},
            exp=required,
            iat=required,
        ).validate(claims)
        own = key.members.get("issuer")
        if own == keys.ELSEWHERE and claims["iss"] != own:
            return "the key is another issuer's"
        return None
