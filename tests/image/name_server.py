"""A name server on 127.0.0.1:53 that knows one name, `provider.test`, and only by IPv4: as one in a cluster would."""

import socket
import struct

NAME = b"\x08provider\x04test\x00"
A = 1


def answer(query: bytes) -> bytes:
    end = query.index(b"\x00", 12) + 1
    name, question = query[12:end].lower(), query[12 : end + 4]
    (kind,) = struct.unpack("!H", query[end : end + 2])
    known = name == NAME
    records = b""
    if known and kind == A:
        records = b"\xc0\x0c" + struct.pack("!HHIH", A, 1, 0, 4) + socket.inet_aton("127.0.0.1")
    flags = 0x8180 if known else 0x8183
    return query[:2] + struct.pack("!HHHHH", flags, 1, bool(records), 0, 0) + question + records


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("127.0.0.1", 53))
    print("listens", flush=True)
    while True:
        query, peer = server.recvfrom(512)
        print(query[12:].split(b"\x00")[0], flush=True)
        server.sendto(answer(query), peer)
