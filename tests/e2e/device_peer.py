"""Sends what no client sends to a device socket: each time the connection ends with a reason, and the machine goes on."""
import array
import fcntl
import os
import random
import socket
import struct
import sys

HELLO, OPEN, REQUEST, CANCEL, MEMORY, FORGET, LIST, CLOSE, ANSWER, REFUSED = range(1, 11)
MAGIC = 0x31766544686F7453
F_ADD_SEALS, SEALS = 1033, 2 | 4


class Peer:
    def __init__(self, hello=True, magic=MAGIC, version=1):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(sys.argv[1])
        if hello:
            self.send(HELLO, struct.pack("<QII", magic, version, 0))

    def send(self, kind, body=b"", id=1, length=None, fds=()):
        header = struct.pack("<IIQ", 16 + len(body) if length is None else length, kind, id)
        try:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
            self.socket.sendmsg([header + body], rights)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def receive(self):
        data = b""
        while len(data) < 16:
            piece = self.socket.recv(16 - len(data))
            if not piece:
                return None, b""
            data += piece
        length, kind, _ = struct.unpack("<IIQ", data)
        body = b""
        while len(body) < length - 16:
            body += self.socket.recv(length - 16 - len(body))
        return kind, body

    def open(self, name=b"\\\\.\\PartnerControl"):
        self.send(OPEN, struct.pack("<II", 3, 0) + name)
        return self.status()

    def status(self):
        while True:
            kind, body = self.receive()
            if kind == ANSWER:
                return struct.unpack_from("<I", body)[0]
            assert kind in (HELLO,), (kind, body)

    def refused(self):
        while True:
            try:
                kind, body = self.receive()
            except ConnectionResetError:
                return
            if kind == REFUSED:
                assert body.startswith(b"at byte "), body
            if kind is None:
                return


def request(operation=0, code=0x222000, offset=0, input=0, output=0, input_length=0, output_length=0, flags=0, rest=b""):
    return struct.pack("<IIQQQIIII", operation, code, offset, input, output, input_length, output_length, flags, 0) + rest


def memory_file(size, seals=SEALS):
    fd = os.memfd_create("hostile", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    if seals:
        fcntl.fcntl(fd, F_ADD_SEALS, seals)
    return fd


def refuse(prepare):
    peer = Peer()
    prepare(peer)
    peer.refused()


def main():
    # Greetings.
    Peer(magic=1).refused()
    Peer(version=2).refused()
    for length in (0, 15, 17, 1 << 31, 0xFFFFFFFF):
        peer = Peer(hello=False)
        peer.send(HELLO, struct.pack("<QII", MAGIC, 1, 0), length=length)
        peer.refused()
    # Messages that are none, too long, or out of order.
    for length in (0, 1, 15, (32 << 20) + 16 + 48 + 1, 0xFFFFFFFF):
        refuse(lambda peer, length=length: peer.send(LIST, length=length))
    for kind in (0, HELLO, ANSWER, REFUSED, 99):
        refuse(lambda peer, kind=kind: peer.send(kind))
    refuse(lambda peer: peer.send(REQUEST, request()))
    refuse(lambda peer: peer.send(OPEN, b"1234"))
    refuse(lambda peer: peer.send(OPEN, bytes(8) + b"x" * 512))
    refuse(lambda peer: (peer.open(), peer.send(OPEN, struct.pack("<II", 3, 0) + b"Scsi0:")))
    refuse(lambda peer: peer.send(CANCEL, b"1"))
    refuse(lambda peer: peer.send(FORGET, b"1"))
    refuse(lambda peer: peer.send(MEMORY, struct.pack("<Q", 4096)))
    # Requests that contradict themselves.
    for body in (
        b"",
        request()[:-1],
        request(operation=3),
        request(flags=8),
        request(input_length=5),
        request(rest=b"more"),
        request(input_length=(16 << 20) + 1),
        request(output_length=0xFFFFFFFF),
        request(flags=4, output_length=4, rest=b"1234"),
        request(code=0x222003, flags=6, output_length=4, rest=b"1234"),
    ):
        refuse(lambda peer, body=body: (peer.open(), peer.send(REQUEST, body)))
    # Descriptors where none belongs, and too many.
    fd = memory_file(8192)
    refuse(lambda peer: peer.send(LIST, fds=[fd]))
    refuse(lambda peer: peer.send(MEMORY, struct.pack("<Q", 4096), fds=[fd, fd]))
    # Addresses that are not the client's: the machine's own, and the end of memory.
    peer = Peer()
    assert peer.open() == 0
    for address in (0, 0x1000, 0x7D0000000000, 0x7FFFFFFFF000, 0xFFFFFFFFFFFFF000):
        for code in (0x222000, 0x222003, 0x222009, 0x222006):
            peer.send(REQUEST, request(code=code, input=address, input_length=64, flags=1))
            assert peer.status() == 0xC0000005
            peer.send(REQUEST, request(code=code, output=address, output_length=64, flags=2))
            assert peer.status() == 0xC0000005
    peer.send(FORGET, struct.pack("<Q", 0x7D0000000000))
    assert peer.status() == 0xC0000225
    peer.send(CANCEL, struct.pack("<Q", 4711))
    assert peer.status() == 0xC0000225
    # Files that can shrink, are smaller than they say, or are no memory.
    for bad in (memory_file(8192, 0), memory_file(8192, 2), memory_file(4096), os.open("/dev/zero", os.O_RDWR)):
        peer.send(MEMORY, struct.pack("<Q", 8192), fds=[bad])
        assert peer.status() == 0xC000000D
    for size in (0, 1, 4097, 1 << 63, (1 << 64) - 4096):
        peer.send(MEMORY, struct.pack("<Q", size), fds=[fd])
        assert peer.status() == 0xC000000D
    # More requests than a handle may have: the rest fails, and what pends goes with the connection.
    for i in range(300):
        peer.send(REQUEST, request(code=0x22201C), id=1000 + i)
    statuses = [peer.status() for _ in range(300 - 256)]
    assert set(statuses) == {0xC000009A}, statuses
    peer.socket.close()
    # Bytes at random behind a good beginning.
    generator = random.Random(5)
    for _ in range(50):
        peer = Peer()
        peer.open()
        try:
            peer.socket.sendall(generator.randbytes(generator.randrange(1, 200)))
            peer.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        peer.refused()


main()
