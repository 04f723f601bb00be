"""A token endpoint for the scenario: arguments are its address and port, and a folder. In the folder are the client secret that it
takes, which may change, and perhaps `closed`: as long as that is there, it has no tokens to give."""

import http.server
import json
import pathlib
import socketserver
import sys
import urllib.parse

folder = pathlib.Path(sys.argv[3])


class Endpoint(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    issued = 0

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if (folder / "closed").exists():
            self.answer(503, {"error": "temporarily_unavailable"})
        elif form.get("client_secret") != [(folder / "client-secret").read_text()]:
            self.answer(401, {"error": "invalid_client", "error_description": "not this secret"})
        else:
            Endpoint.issued += 1
            token = f"token-{Endpoint.issued}-for-{form['client_id'][0]}"
            self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def answer(self, status, members):
        body = json.dumps(members).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


Server((sys.argv[1], int(sys.argv[2])), Endpoint).serve_forever()
