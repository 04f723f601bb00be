"""Authlib, an OAuth library that knows RFC 7662 and nothing of Laredo: `stock_client.py ENDPOINT < TOKENS`.

Prints one JSON object for each token: what the client gets with each way to send its credentials, and what a resource
server built on Authlib's validator makes of the token.
"""

import json
import sys

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749 import OAuth2Request, ResourceProtector
from authlib.oauth2.rfc6750.errors import InvalidTokenError
from authlib.oauth2.rfc7662 import IntrospectTokenValidator

METHODS = ("client_secret_basic", "client_secret_post", "none")


def introspect(endpoint, token, method):
    session = OAuth2Session("client", "p@ss:w+rd&", token_endpoint_auth_method=method)
    session.trust_env = False
    answer = session.introspect_token(endpoint, token=token, token_type_hint="access_token")
    answer.raise_for_status()
    return answer.json()


class Validator(IntrospectTokenValidator):
    """Asks the daemon, as Authlib's documentation says to."""

    def __init__(self, endpoint):
        super().__init__()
        self.endpoint = endpoint

    def introspect_token(self, token_string):
        return introspect(self.endpoint, token_string, "client_secret_basic")


def is_let_in(protector, token):
    request = OAuth2Request("GET", "http://127.0.0.1/", headers={"Authorization": f"Bearer {token}"})
    try:
        protector.validate_request(None, request)
    except InvalidTokenError:
        return False
    return True


def main(endpoint):
    protector = ResourceProtector()
    protector.register_token_validator(Validator(endpoint))
    for token in map(str.strip, sys.stdin):
        answers = {method: introspect(endpoint, token, method) for method in METHODS}
        print(json.dumps({**answers, "is_let_in": is_let_in(protector, token)}))


main(sys.argv[1])
