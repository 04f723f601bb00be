"""An identity provider's metadata and key set on loopback: `provider.py PORT KEYS-FILE`, the file being made anew.

Below `/narrow` it names other algorithms: fewer, and some that nobody should take.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import keys

ALGORITHMS = {
    "": ["RS256", "PS256", "ES256", "ES384", "EdDSA"],
    "/narrow": ["none", "HS256", "RS256", "RS384", "ES256"],
}
WELL_KNOWN = "/.well-known/openid-configuration"


def documents(base, published):
    """What is to be found by its path."""
    found = {"/keys": {"keys": [key.published() for key in published if key.kid != keys.UNPUBLISHED]}}
    for path, algorithms in ALGORITHMS.items():
        found[path + WELL_KNOWN] = {
            "issuer": base + path,
            "token_endpoint": base + "/token",
            "jwks_uri": base + "/keys",
            "id_token_signing_alg_values_supported": algorithms,
        }
    return found


def main(port, path):
    keys.generate(path)
    found = documents(f"http://127.0.0.1:{port}", keys.load(path))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            document = found.get(self.path)
            body = json.dumps(document).encode()
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


main(int(sys.argv[1]), Path(sys.argv[2]))
