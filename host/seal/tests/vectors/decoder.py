"""Decodes the test vectors, written from the description of the format and not from the code.

Usage: python3 decoder.py suite-1.json
"""

import base64
import hashlib
import hmac
import json
import struct
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

HEADER = struct.Struct(">4sBBB32sII32sQQ")
CHUNK = 64 * 1024


class Refused(Exception):
    """The bytes are not what they should be."""


def require(condition, what):
    if not condition:
        raise Refused(what)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Reader:
    def __init__(self, data):
        self.data = data

    def raw(self, length):
        require(len(self.data) >= length, "ends early")
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def number(self, length):
        return int.from_bytes(self.raw(length), "big")

    def bytes(self, most=1 << 20):
        length = self.number(4)
        require(length <= most, "too long")
        return self.raw(length)

    def end(self):
        require(not self.data, "more bytes follow")


def to_sign(kind, body):
    return b"anchorhold/1 " + kind.encode() + b"\0" + body


def verify(kind, body, signature, key):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, to_sign(kind, body))
    except InvalidSignature as error:
        raise Refused("signature") from error


def fingerprint(root):
    digest = sha256(b"anchorhold/1 fingerprint\0", root)
    return "-".join(f"{high * 256 + low:05}" for high, low in zip(digest[::2], digest[1::2]))


class Statement:
    def __init__(self, data):
        reader = Reader(data)
        self.body, root_signature, own_signature = reader.bytes(), reader.raw(64), reader.raw(64)
        reader.end()
        body = Reader(self.body)
        self.name = body.bytes(64).decode()
        self.root, self.number = body.raw(32), body.number(8)
        self.encryption, self.signing = body.bytes(2048), body.raw(32)
        self.not_before, self.not_after = body.number(8), body.number(8)
        body.end()
        verify("statement", self.body, root_signature, self.root)
        verify("statement", self.body, own_signature, self.signing)
        public = serialization.load_der_public_key(self.encryption)
        require(3072 <= public.key_size <= 8192, "key size")
        require(public.public_numbers().e == 65537, "exponent")

    def hash(self):
        return sha256(to_sign("statement", self.body))


class Organization:
    def __init__(self, vector, passphrase):
        pem, _signing, encryption = vector["files"]
        lines = pem.strip().splitlines()
        require(lines[0] == "-----BEGIN ANCHORHOLD KEY STATEMENT-----", "label")
        self.bytes = base64.b64decode("".join(lines[1:-1]))
        self.statement = Statement(self.bytes)
        require(fingerprint(self.statement.root) == vector["fingerprint"], "fingerprint")
        self.private = serialization.load_pem_private_key(encryption.encode(), passphrase)


def expand(key, info):
    return HKDFExpand(hashes.SHA256(), 32, info).derive(key)


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


class Channel:
    """One direction between two parties of a task, as the receiver has it."""

    def __init__(self, vector, data, organizations):
        (self.sender, sender), (self.receiver, receiver) = vector["sender"], vector["receiver"]
        sender, receiver = organizations[sender], organizations[receiver]
        self.task = bytes.fromhex(vector["task"])
        transcript = sha256(
            b"anchorhold/1 grant-transcript\0", bytes([1]), self.task,
            struct.pack(">II", self.sender, self.receiver),
            sender.statement.hash(), receiver.statement.hash(),
        )
        reader = Reader(data)
        signed, wrapped = Reader(reader.bytes()), reader.bytes(2048)
        reader.end()
        body, signature = signed.bytes(), signed.raw(64)
        signed.end()
        verify("grant", body, signature, sender.statement.signing)
        require(body == transcript + sha256(wrapped), "another grant")
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        try:
            secret = receiver.private.decrypt(wrapped, oaep)
        except ValueError as error:
            raise Refused("secret") from error
        require(len(secret) == 32, "secret")
        self.key = mac(transcript, secret)  # HKDF-Extract
        self.grant = sha256(to_sign("grant", body))

    def open(self, content, sequence, data):
        reader = Reader(data)
        header = reader.raw(HEADER.size)
        fields = HEADER.unpack(header)
        length = fields[-1]
        expected = (b"AHLD", 1, 1, content, self.task, self.sender, self.receiver, self.grant, sequence)
        require(fields[:-1] == expected, "header")
        require(padded(length) == length, "length")
        salt, commitment = reader.raw(32), reader.raw(32)
        header_hash = sha256(header)
        message = expand(self.key, b"anchorhold/1 message\0" + header_hash + salt)
        require(commitment == expand(message, b"anchorhold/1 commit\0"), "commitment")
        cipher = AESGCM(expand(message, b"anchorhold/1 body\0"))
        plaintext, position = b"", 0
        while length > len(plaintext):
            chunk = reader.raw(min(CHUNK, length - len(plaintext)) + 16)
            last = len(plaintext) + len(chunk) - 16 == length
            nonce = bytes(7) + struct.pack(">IB", position, last)
            try:
                plaintext += cipher.decrypt(nonce, chunk, header + salt + commitment)
            except InvalidTag as error:
                raise Refused("chunk") from error
            position += 1
        reader.end()
        salt_key = expand(self.key, b"anchorhold/1 salt\0")
        require(salt == mac(salt_key, header_hash, sha256(plaintext)), "salt")
        framed = Reader(plaintext)
        topic = framed.raw(framed.number(2)).decode()
        body = framed.raw(framed.number(8))
        require(not any(framed.data), "padding")
        return topic, body


def padded(length):
    for step in (256, 1024, 4096, 16384):
        if length <= step:
            return step
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def closing(data, key):
    reader = Reader(data)
    body, signature = reader.bytes(), reader.raw(64)
    reader.end()
    verify("closing", body, signature, key)
    reader = Reader(body)
    fields = reader.raw(32), reader.number(4), reader.number(4), reader.number(8), reader.raw(32), reader.number(1)
    reader.end()
    return fields


def mutate(mutation, data):
    if mutation == "none":
        return data
    if mutation == "append":
        return data + b"\0"
    if mutation == "swap":
        start, size = HEADER.size + 64, CHUNK + 16
        first, second = data[start : start + size], data[start + size : start + 2 * size]
        return data[:start] + second + first + data[start + 2 * size :]
    ((kind, at),) = mutation.items()
    if kind == "cut":
        return data[:at]
    out = bytearray(data)
    out[at] ^= 1
    return bytes(out)


def main(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    organizations = [
        Organization(vector, vectors["passphrase"].encode()) for vector in vectors["organizations"]
    ]
    wrong, counted, hashed = [], 0, bytes(32)

    def check(kind, vector, read):
        try:
            read()
            valid = True
        except (Refused, UnicodeDecodeError, ValueError):
            valid = False
        if valid != vector["valid"]:
            wrong.append(f"{kind}: {vector['what']}: {'read' if valid else 'refused'}")

    for vector in vectors["statements"]:
        def read(vector=vector):
            data = mutate(vector["mutation"], organizations[vector["organization"]].bytes)
            require(fingerprint(Statement(data).root) == vector["pin"], "pin")
        check("statement", vector, read)

    def channel(vector):
        data = mutate(vector["mutation"], bytes.fromhex(vector["bytes"]))
        return Channel(vector, data, organizations)

    for vector in vectors["grants"]:
        check("grant", vector, lambda vector=vector: channel(vector))
    channels = [channel(vector) if vector["valid"] else None for vector in vectors["grants"]]
    for vector in vectors["envelopes"]:
        of = vector if vector["of"] is None else vectors["envelopes"][vector["of"]]
        data = mutate(vector["mutation"], bytes.fromhex(of["bytes"]))

        def read(vector=vector, data=data):
            opened = channels[vector["grant"]].open(vector["content"], vector["sequence"], data)
            body = bytes(index % 251 for index in range(vector["length"]))
            require(opened == (vector["topic"], body), "another message")
        check("envelope", vector, read)
        if vector["valid"]:
            counted, hashed = counted + 1, sha256(b"anchorhold/1 rolling\0", hashed, sha256(data))
    rolling = {"count": counted, "hash": hashed.hex()}
    if rolling != vectors["rolling"]:
        wrong.append(f"rolling hash: {rolling}, expected {vectors['rolling']}")

    for vector in vectors["closings"]:
        def read(vector=vector):
            key = organizations[vector["organization"]].statement.signing
            fields = closing(mutate(vector["mutation"], bytes.fromhex(vector["bytes"])), key)
            task, rolling = bytes.fromhex(vector["task"]), bytes.fromhex(vector["rolling"])
            names = ["sender", "receiver", "messages"]
            require(fields == (task, *(vector[name] for name in names), rolling, vector["ending"]), "fields")
        check("closing", vector, read)

    kinds = ["statements", "grants", "envelopes", "closings"]
    print(f"{sum(len(vectors[kind]) for kind in kinds)} vectors read, {len(wrong)} wrong")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
