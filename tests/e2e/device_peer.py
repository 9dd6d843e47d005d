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

    def listen(self):
        """Takes what comes until the machine has hung up."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        self.socket.close()

    def answers(self):
        """Whether it is served: false when the machine has hung up."""
        self.send(LIST)
        try:
            kind, _ = self.receive()
            if kind == HELLO:
                kind, _ = self.receive()
        except ConnectionResetError:
            return False
        return kind == ANSWER

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


# What a mutation may not become: it would stay until the driver is told to let it go.
STAY, OTHER = struct.pack("<I", 0x222020), struct.pack("<I", 0x222021)


def conversation(fd):
    """A good one, message by message, with the descriptors of each."""

    def message(kind, body=b"", id=1, fds=()):
        return struct.pack("<IIQ", 16 + len(body), kind, id) + body, fds

    return [
        message(HELLO, struct.pack("<QII", MAGIC, 1, 0)),
        message(OPEN, struct.pack("<II", 3, 0) + b"\\\\.\\PartnerControl"),
        message(MEMORY, struct.pack("<Q", 8192), 2, [fd]),
        message(REQUEST, request(code=0x222000, input_length=5, output_length=5, rest=b"shout"), 3),
        message(REQUEST, request(code=0x222006, input_length=1, output_length=9, flags=4, rest=b"x" * 10), 4),
        message(REQUEST, request(code=0x222009, output_length=9, flags=4, rest=b"x" * 9), 5),
        message(REQUEST, request(code=0x22200F, input_length=4, output_length=4, flags=4, rest=b"x" * 8), 6),
        message(REQUEST, request(code=0x22201C), 7),
        message(REQUEST, request(operation=1, output_length=100), 8),
        message(REQUEST, request(operation=2, input_length=3, rest=b"abc"), 9),
        message(CANCEL, struct.pack("<Q", 7), 10),
        message(LIST, b"", 11),
        message(FORGET, struct.pack("<Q", 0x7D0000000000), 12),
        message(CLOSE, b"", 13),
    ]


def mutate(generator, data):
    data = bytearray(data)
    for _ in range(generator.choice((1, 1, 1, 2, 4))):
        at = generator.randrange(len(data)) if data else 0
        what = generator.randrange(5)
        if what == 0 and data:
            data[at] ^= 1 << generator.randrange(8)
        elif what == 1:
            data[at : at + 4] = struct.pack("<I", generator.choice((0, 1, 15, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)))
        elif what == 2:
            data[at : at + generator.randrange(9)] = b""
        elif what == 3:
            data[at:at] = generator.randbytes(generator.randrange(9))
        else:
            data[at : at + 1] = generator.randbytes(1)
    return bytes(data).replace(STAY, OTHER)


def misspeak(seed, fd):
    """A good conversation with one message that is not as it should be, or in another place."""
    generator = random.Random(seed)
    messages = conversation(fd)
    at = generator.randrange(len(messages))
    if generator.randrange(4) == 0:
        messages.insert(generator.randrange(len(messages)), messages[at])
    else:
        messages[at] = (mutate(generator, messages[at][0]), messages[at][1])
    peer = Peer(hello=False)
    try:
        for data, fds in messages:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
            if data:
                peer.socket.sendmsg([data], rights)
        peer.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # refused already
    peer.listen()


def flood():
    """More clients than there may be; those who come later are served when these have gone."""
    peers = []
    for _ in range(80):
        try:
            peers.append(Peer())
        except OSError:
            pass
    good = sum(peer.answers() for peer in peers)
    assert 1 <= good <= 64, good
    for peer in peers:
        peer.socket.close()
    while not Peer().answers():
        pass


def stuff(peer):
    """Asks as often as it can without hearing the answers."""
    peer.socket.setblocking(False)
    try:
        for _ in range(100000):
            peer.socket.sendall(struct.pack("<IIQ", 16, LIST, 1))
    except BlockingIOError:
        return
    raise AssertionError("who does not listen is not held up")


def main():
    deaf = Peer()
    stuff(deaf)
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
    for seed in range(int(os.environ.get("DEVICE_PEER_SEEDS", "600"))):
        misspeak(seed, fd)
    flood()


main()
