"""Stands between a program and a TPM: commands on standard input go to the socket of a swtpm, answers come back.

    tpm_proxy.py SOCKET [CODE COUNT]     the first COUNT writes to NV memory are answered with CODE and never reach the TPM
"""
import socket
import struct
import sys
import threading

HEAD = struct.Struct(">HII")  # tag, size, command or response code
NO_SESSIONS, NV_WRITE = 0x8001, 0x137


def read(take, size):
    data = b""
    while len(data) < size:
        more = take(size - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data


def message(take):
    head = read(take, HEAD.size)
    return head + read(take, HEAD.unpack(head)[1] - HEAD.size)


def connect(tpm, path, tries=200):
    """A TPM that has just been started has its socket a moment before it listens."""
    while tries > 0:
        try:
            return tpm.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            tries -= 1
            threading.Event().wait(0.02)
    sys.exit("no TPM listens at " + path)


def main(path, code="0", count="0"):
    left = int(count)
    with socket.socket(socket.AF_UNIX) as tpm:
        connect(tpm, path)
        while True:
            command = message(lambda size: sys.stdin.buffer.read(size))
            if HEAD.unpack_from(command)[2] == NV_WRITE and left > 0:
                left -= 1
                answer = HEAD.pack(NO_SESSIONS, HEAD.size, int(code, 16))
            else:
                tpm.sendall(command)
                answer = message(tpm.recv)
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()


main(*sys.argv[1:])
