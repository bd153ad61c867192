#!/usr/bin/env python3
"""A second implementation of docs/protocol.md, for comparing bytes and for nothing else.

Written from the text, with Python's own library only (RFC 7748, RFC 8032, RFC 8439, HChaCha20 and
RFC 9106 by hand): slow, not constant time, never to be given real keys. Reads the input and the
output of sotto-vectors, computes every value anew and names the first that differs; a value in the
output that nothing here computed is a difference, too. X-Wing is not part of it: of suite 2 the
KEM's own values (public keys, ciphertext, shared secret) are taken as they stand; published vectors
check those.

usage: independent.py INPUT.json OUTPUT.json
"""
import hashlib
import hmac
import json
import struct
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493


# --- RFC 7748, RFC 8032 ------------------------------------------------------------------------

def x25519(scalar, point=b"\x09" + bytes(31)):
    k = int.from_bytes(scalar, "little") & ~7 & (2**255 - 1) | 2**254
    x1 = int.from_bytes(point, "little") % 2**255
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb = d * a % P, c * b % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        aa, bb = a * a % P, b * b % P
        e = aa - bb
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(k, p):
    q = (0, 1, 1, 0)
    while k:
        if k & 1:
            q = add(q, p)
        p = add(p, p)
        k >>= 1
    return q


def base_point():
    y = 4 * pow(5, P - 2, P) % P
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    x = P - x if x & 1 else x
    return (x, y, 1, x * y % P)


B = base_point()


def compress(p):
    z = pow(p[2], P - 2, P)
    x, y = p[0] * z % P, p[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


class Ed25519:
    def __init__(self, seed):
        digest = hashlib.sha512(seed).digest()
        self.a = int.from_bytes(digest[:32], "little") & ~7 & (2**254 - 1) | 2**254
        self.prefix = digest[32:]
        self.public = compress(times(self.a, B))

    def sign(self, message):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L
        R = compress(times(r, B))
        k = int.from_bytes(hashlib.sha512(R + self.public + message).digest(), "little") % L
        return R + ((r + k * self.a) % L).to_bytes(32, "little")


# --- XChaCha20-Poly1305 ------------------------------------------------------------------------

def chacha_rounds(state):
    x = list(state)

    def quarter(a, b, c, d):
        for i, j, k, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[i] = (x[i] + x[j]) & 0xFFFFFFFF
            v = x[k] ^ x[i]
            x[k] = (v << n | v >> 32 - n) & 0xFFFFFFFF

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return x


SIGMA = struct.unpack("<4I", b"expand 32-byte k")


def aead(key, nonce, ad, plain):
    hchacha = chacha_rounds(SIGMA + struct.unpack("<8I", key) + struct.unpack("<4I", nonce[:16]))
    sub = tuple(hchacha[:4] + hchacha[12:])
    tail = (0,) + struct.unpack("<2I", nonce[16:])

    def block(counter):
        state = SIGMA + sub + (counter,) + tail
        mixed = chacha_rounds(state)
        return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(mixed, state)))

    out = bytes(
        a ^ b for i in range(0, len(plain), 64) for a, b in zip(plain[i:i + 64], block(1 + i // 64)))

    def fill(data):
        return data + bytes(-len(data) % 16)

    one_time = block(0)
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    text = fill(ad) + fill(out) + struct.pack("<QQ", len(ad), len(out))
    tag = 0
    for i in range(0, len(text), 16):
        tag = (tag + int.from_bytes(text[i:i + 16] + b"\x01", "little")) * r % (2**130 - 5)
    tag = (tag + int.from_bytes(one_time[16:32], "little")) % 2**128
    return out + tag.to_bytes(16, "little")


# --- Argon2id (RFC 9106), one lane ---------------------------------------------------------------

M64 = 2**64 - 1


def long_hash(size, data):
    if size <= 64:
        return hashlib.blake2b(u32(size) + data, digest_size=size).digest()
    v = hashlib.blake2b(u32(size) + data).digest()
    out = v[:32]
    while size - len(out) > 64:
        v = hashlib.blake2b(v).digest()
        out += v[:32]
    return out + hashlib.blake2b(v, digest_size=size - len(out)).digest()


def permute(v, at):
    def mix(i, j, k, n):
        a, b, c, d = v[at[i]], v[at[j]], v[at[k]], v[at[n]]
        for first, second in ((32, 24), (16, 63)):
            a = (a + b + 2 * (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF)) & M64
            d ^= a
            d = (d >> first | d << 64 - first) & M64
            c = (c + d + 2 * (c & 0xFFFFFFFF) * (d & 0xFFFFFFFF)) & M64
            b ^= c
            b = (b >> second | b << 64 - second) & M64
        v[at[i]], v[at[j]], v[at[k]], v[at[n]] = a, b, c, d

    for i in range(4):
        mix(i, 4 + i, 8 + i, 12 + i)
    for i in range(4):
        mix(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)


def compress_blocks(x, y):
    r = [a ^ b for a, b in zip(x, y)]
    z = list(r)
    for row in range(8):
        permute(z, range(16 * row, 16 * row + 16))
    for column in range(8):
        permute(z, [16 * i + 2 * column + j for i in range(8) for j in range(2)])
    return [a ^ b for a, b in zip(z, r)]


def argon2id(password, salt, passes, memory):
    kib = memory // 1024
    h0 = hashlib.blake2b(
        b"".join(u32(n) for n in (1, 32, kib, passes, 0x13, 2, len(password))) + password +
        u32(len(salt)) + salt + u32(0) + u32(0)).digest()
    length = kib // 4 * 4
    quarter = length // 4
    blocks = [None] * length
    for i in range(2):
        blocks[i] = list(struct.unpack("<128Q", long_hash(1024, h0 + u32(i) + u32(0))))
    zero = [0] * 128
    for turn in range(passes):
        for part in range(4):
            for n in range(2 if turn == part == 0 else 0, quarter):
                at = part * quarter + n
                before = blocks[at - 1]
                if turn == 0 and part < 2:  # where to look does not depend on the password
                    counted = [turn, 0, part, length, passes, 2, n // 128 + 1] + [0] * 121
                    word = compress_blocks(zero, compress_blocks(zero, counted))[n % 128]
                else:
                    word = before[0]
                area = (at if turn == 0 else length - quarter + n) - 1
                back = area * ((word & 0xFFFFFFFF) ** 2 >> 32) >> 32
                start = 0 if turn == 0 else (part + 1) % 4 * quarter
                fresh = compress_blocks(before, blocks[(start + area - 1 - back) % length])
                if turn > 0:
                    fresh = [a ^ b for a, b in zip(fresh, blocks[at])]
                blocks[at] = fresh
    return long_hash(32, struct.pack("<128Q", *blocks[-1]))


# --- docs/protocol.md 2.1 ----------------------------------------------------------------------

def u8(n): return struct.pack("<B", n)
def u16(n): return struct.pack("<H", n)
def u32(n): return struct.pack("<I", n)
def u64(n): return struct.pack("<Q", n)


def enc(label, *fields):
    return u8(len(label)) + label.encode() + b"".join(u32(len(f)) + f for f in fields)


def H(label, *fields): return hashlib.blake2b(enc(label, *fields), digest_size=32).digest()
def H512(label, *fields): return hashlib.blake2b(enc(label, *fields), digest_size=64).digest()


def KH(key, label, *fields):
    return hashlib.blake2b(enc(label, *fields), key=key, digest_size=32).digest()


def extract(salt, ikm): return hmac.new(salt or bytes(64), ikm, hashlib.sha512).digest()


def expand(prk, info, size):
    out = block = b""
    while len(out) < size:
        block = hmac.new(prk, block + info + u8(len(out) // 64 + 1), hashlib.sha512).digest()
        out += block
    return out[:size]


def hkdf(salt, ikm, info, size): return expand(extract(salt, ikm), info, size)
def chain(ck, n): return hmac.new(ck, u8(n), hashlib.sha256).digest()


# --- comparing ---------------------------------------------------------------------------------

class Comparison:
    def __init__(self):
        self.checked = 0

    def same(self, what, got, expected):
        got = got.hex() if isinstance(got, bytes) else got
        if got != expected:
            sys.exit(f"{what} differs:\n  computed {got}\n  given    {expected}")
        self.checked += 1

    def nothing_left_out(self, out, taken_as_given):
        """Each value of the output was compared once, but for so many that have no second source."""
        def count(part):
            if isinstance(part, (dict, list)):
                return sum(map(count, part.values() if isinstance(part, dict) else part))
            return 1

        there = count(out)
        if self.checked + taken_as_given != there:
            sys.exit(f"{there} values in the output, {self.checked} compared")


check = Comparison()


def hexed(part): return {k: bytes.fromhex(v) if isinstance(v, str) else v for k, v in part.items()}


class Person:
    def __init__(self, given):
        g = hexed(given)
        self.given = g
        self.amk, self.dsk = Ed25519(g["amk_seed"]), Ed25519(g["dsk_seed"])
        self.account, self.dik = self.amk.public, g["dik"]
        self.dik_public = x25519(g["dik"])
        body = (u8(1) + self.account + g["device_id"] + self.dsk.public + self.dik_public +
                u16(g["suites"]) + u8(g["min_suite"]) + u64(g["created_ms"]))
        self.cert = (body + self.amk.sign(enc("PM1/cert", body)) +
                     self.dsk.sign(enc("PM1/certpop", body)))
        self.ch = H("PM1/certhash", self.cert)
        listed = (u8(1) + self.account + u64(1) + u64(g["created_ms"]) +
                  u64(g["created_ms"] + 90 * 86400000) + bytes(32) + u8(1) + g["device_id"] +
                  self.ch + u8(1))
        self.list = listed + self.amk.sign(enc("PM1/devlist", listed))

    def compare(self, name, out):
        check.same(name + " account_id", self.account, out["account_id"])
        check.same(name + " dsk", self.dsk.public, out["dsk"])
        check.same(name + " dik", self.dik_public, out["dik"])
        check.same(name + " cert", self.cert, out["cert"])
        check.same(name + " cert_hash", self.ch, out["cert_hash"])
        check.same(name + " dev_list", self.list, out["dev_list"])
        check.same(name + " dev_list_hash", H("PM1/devlisthash", self.list), out["dev_list_hash"])


def prekeys(bob, out):
    """Checks the records and returns the KEM key to be used; PQ keys are taken as given."""
    g = bob.given
    pq = bytes.fromhex(out["prerec"])[279:]
    if "pqspk" in g:
        check.same("pqspk_hash", H("PM1/pqpk", pq), out["pqspk_hash"])
    pq_hash = H("PM1/pqpk", pq) if pq else bytes(32)
    body = (u8(1) + bob.account + g["device_id"] + bob.ch + u64(g["prerec_seq"]) +
            u8(g["suite_floor"]) + u32(g["spk_id"]) + x25519(g["spk"]) + u32(g["mbk_id"]) +
            x25519(g["mbk"]) + u8(1 if pq else 0) + u32(g["pqspk_id"] if pq else 0) + pq_hash +
            u64(g["created_ms"]) + u64(g["created_ms"] + 21 * 86400000))
    check.same("spk", x25519(g["spk"]), out["spk"])
    check.same("mbk", x25519(g["mbk"]), out["mbk"])
    check.same("prerec", body + bob.dsk.sign(enc("PM1/prerec", body)) + pq, out["prerec"])
    if "opk" not in g:
        return pq
    one_pq = bytes.fromhex(out["opk_rec"])[166:]
    body = (u8(1) + bob.ch + u32(g["opk_id"]) + x25519(g["opk"]) + u8(1 if one_pq else 0) +
            (H("PM1/pqpk", one_pq) if one_pq else bytes(32)))
    check.same("opk", x25519(g["opk"]), out["opk"])
    check.same("opk_rec", body + bob.dsk.sign(enc("PM1/opk", body)) + one_pq, out["opk_rec"])
    return one_pq or pq


def handshake(alice, bob, pq_public, given, out):
    g, b = hexed(given), bob.given
    has_opk = "opk" in b
    suite = 2 if alice.given["suites"] & b["suites"] & 2 and "pqspk" in b else 1
    check.same("suite", suite, out["suite"])
    ek = x25519(g["ek"])
    kem = hexed(out) if suite == 2 else {"pq_public": b"", "kem_ciphertext": b"", "kem_shared": b""}
    if suite == 2:
        check.same("pq_public", pq_public, out["pq_public"])
    one_time_pq = suite == 2 and "pqopk" in b
    pq_id = 0 if suite == 1 else b["opk_id"] if one_time_pq else b["pqspk_id"]
    flags = (1 if has_opk else 0) | (2 if one_time_pq else 0)
    dh = [x25519(b["spk"], alice.dik_public), x25519(b["dik"], ek), x25519(b["spk"], ek)]
    if has_opk:
        dh.append(x25519(b["opk"], ek))
    check.same("ek", ek, out["ek"])
    for n, value in enumerate(dh):
        check.same(f"dh{n + 1}", value, out[f"dh{n + 1}"])
    t = enc("PM1/hs", u8(suite), u8(flags), alice.account, alice.ch, alice.dik_public, bob.account,
            bob.ch, bob.dik_public, ek, u32(b["spk_id"]), x25519(b["spk"]),
            u32(b["opk_id"] if has_opk else 0), x25519(b["opk"]) if has_opk else b"", u32(pq_id),
            kem["pq_public"], kem["kem_ciphertext"])
    th = hashlib.blake2b(t, digest_size=64).digest()
    ikm = b"".join(dh) + kem["kem_shared"]
    prk, info = extract(bytes(64), ikm), enc("PM1/hs/keys", th)
    keys = expand(prk, info, 112)
    secrets = {"sk": keys[:32], "hk_a": keys[32:64], "nhk_b": keys[64:96], "sid": keys[96:],
               "ad": th[:32]}
    prefix = (u8(1) + u8(suite) + u8(flags) + alice.cert + u16(len(alice.list)) + alice.list + ek +
              u32(b["spk_id"]) + u32(b["opk_id"] if has_opk else 0) + u32(pq_id) +
              kem["kem_ciphertext"])
    for name, value in {"flags": flags, "t": t, "th": th, "ikm": ikm, "prk": prk, "info": info,
                        "init_prefix": prefix, **secrets}.items():
        check.same("handshake " + name, value, out[name])
    return secrets, prefix


BUCKETS = [512, 1024, 2048, 4096, 8192, 16384, 32768, 61440]


def ratchet(bob, suite, secrets, first_dhs, messages, out):
    """Both sides at once: each message is delivered before the next, so they agree."""
    def step(root, dh):
        k = hkdf(root, dh, enc("PM1/dr/rk", u8(suite)), 96)
        return k[:32], k[32:64], k[64:]

    other = {"alice": "bob", "bob": "alice"}
    own = {"alice": first_dhs, "bob": bob.given["spk"]}
    dh = x25519(first_dhs, x25519(bob.given["spk"]))
    root, ck, nhk = step(secrets["sk"], dh)
    begun = {"dhs": x25519(first_dhs), "dh": dh, "rk": root, "ck": ck, "nhk": nhk}
    chain_key, header_key = {"alice": ck}, {"alice": secrets["hk_a"], "bob": None}
    next_header = {"alice": nhk, "bob": secrets["nhk_b"]}
    sent, previous = {"alice": 0, "bob": 0}, {"alice": 0, "bob": 0}
    sealed = []
    for n, (given, expected) in enumerate(zip(messages, out, strict=True)):
        g, who = hexed({k: v for k, v in given.items() if k != "from"}), given["from"]
        check.same(f"message {n} from", who, expected["from"])
        if "dhs" in g:
            own[who] = g["dhs"]
            dh = x25519(g["dhs"], x25519(own[other[who]]))
            root, chain_key[who], fresh = step(root, dh)
            header_key[who], next_header[who] = next_header[who], fresh
            previous[who], sent[who] = sent[who], 0
            begun = {"dhs": x25519(g["dhs"]), "dh": dh, "rk": root, "ck": chain_key[who],
                     "nhk": fresh}
        for name, value in begun.items():
            check.same(f"message {n} {name}", value, expected["dh_step"][name])
        begun = {}
        header = u8(0) + x25519(own[who]) + u32(previous[who]) + u32(sent[who])
        sent[who] += 1
        eh = g["header_nonce"] + aead(header_key[who], g["header_nonce"],
                                      enc("PM1/dr/h", secrets["ad"]), header)
        mk = chain(chain_key[who], 1)
        chain_key[who] = chain(chain_key[who], 2)
        key = hkdf(b"", mk, enc("PM1/dr/mk"), 32)
        room = next(b for b in BUCKETS if len(g["content"]) < b - 140) - 140
        padded = g["content"] + b"\x80" + bytes(room - len(g["content"]) - 1)
        message = (u8(1) + secrets["sid"] + u16(len(eh)) + eh + g["body_nonce"] +
                   aead(key, g["body_nonce"], enc("PM1/dr/m", secrets["ad"], eh), padded))
        for name, value in {"header_key": header_key[who], "header": header, "eh": eh, "mk": mk,
                            "body_key": key, "message": message}.items():
            check.same(f"message {n} {name}", value, expected[name])
        sealed.append(message)
    return sealed


def seal(alice, bob, given, init, out):
    g, b = hexed(given), bob.given
    e, mbk = x25519(g["e"]), x25519(b["mbk"])
    shared = x25519(g["e"], mbk)
    key = hkdf(b"", shared, enc("PM1/seal", u32(b["mbk_id"]), e, mbk, b["device_id"]), 32)
    front = u8(1) + u32(b["mbk_id"]) + e + g["nonce"]
    plain = u8(1) + alice.account + alice.given["device_id"] + init
    item = b["device_id"] + front + aead(key, g["nonce"], front + b["device_id"], plain)
    for name, value in {"e": e, "shared": shared, "key": key, "item": item}.items():
        check.same("seal " + name, value, out[name])


# The header's mac is over its first 109 bytes; 2.15.
def vault(given, out):
    g = hexed(given)
    stretched = argon2id(g["passphrase"], g["salt"], g["ops"], g["memory"])
    kek = hkdf(b"", stretched, enc("PM1/vault/kek"), 32)
    mac_key = hkdf(b"", g["dbk"], enc("PM1/vault/epochkey"), 32)
    front = b"SOTTOVLT" + u8(1) + u32(g["ops"]) + u64(g["memory"]) + g["salt"] + g["nonce"]
    wrapped = front + aead(kek, g["nonce"], front, g["dbk"])
    epoch = u64(g["state_epoch"])
    header = wrapped + epoch + KH(mac_key, "PM1/vault/epoch", wrapped, epoch)
    for name, value in {"argon2id": stretched, "kek": kek, "mac_key": mac_key,
                        "header": header}.items():
        check.same("vault " + name, value, out[name])


def login(side, given, out):
    g = hexed({k: v for k, v in given.items() if k != "username"})
    server, client = x25519(g["server_curve"]), x25519(g["client_curve"])
    name = given["username"].encode()
    salt = H("PM1/pwsalt", server, name)[:16]
    lk = Ed25519(argon2id(g["password"], salt, g["ops"], g["memory"]))
    fresh = Ed25519(g["new_lk_seed"])
    new_lk = fresh.public
    device, nonces = side.given["device_id"], (g["cnonce"], u64(g["ts_ms"]), g["snonce"])

    def signed(key, label, *subject, purpose):
        return key.sign(enc(label, server, client, *subject, u8(purpose), *nonces))

    values = {
        "server_curve": server, "client_curve": client, "salt": salt, "lk": lk.public,
        "new_lk": new_lk,
        "challenge_mac": KH(g["k_srv"], "PM1/challenge", client, u8(1), name, *nonces),
        "challenge_mac_device": KH(g["k_srv"], "PM1/challenge", client, u8(2), side.account, device,
                                   *nonces),
        "pwlogin": signed(lk, "PM1/pwlogin", name, purpose=g["purpose"]),
        "devlogin": signed(side.dsk, "PM1/devlogin", side.account, device, purpose=g["purpose"]),
        "pwchange": signed(lk, "PM1/pwchange", name, new_lk, purpose=3),
        "pwchangepop": signed(fresh, "PM1/pwchangepop", name, new_lk, purpose=3)}
    for what, value in values.items():
        check.same("login " + what, value, out[what])


def digits(amk):
    h = hashlib.sha512(bytes(2) + b"PM1" + amk).digest()
    for _ in range(5199):
        h = hashlib.sha512(h + amk).digest()
    return [f"{int.from_bytes(h[i:i + 5], 'big') % 100000:05}" for i in range(0, 30, 5)]


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        given = json.load(file)
    with open(sys.argv[2], encoding="ascii") as file:
        out = json.load(file)
    for example, expected in zip(given["enc"], out["enc"], strict=True):
        fields = [bytes.fromhex(f) for f in example["fields"]]
        check.same("label", example["label"], expected["label"])
        for one, same in zip(example["fields"], expected["fields"], strict=True):
            check.same("field", one, same)
        check.same("enc", enc(example["label"], *fields), expected["enc"])
        check.same("h", H(example["label"], *fields), expected["h"])
        check.same("h512", H512(example["label"], *fields), expected["h512"])
    alice, bob = Person(given["alice"]), Person(given["bob"])
    alice.compare("alice", out["alice"])
    bob.compare("bob", out["bob"])
    pq_public = prekeys(bob, out["prekeys"])
    check.same("conversation_id", H("PM1/conv", *sorted([alice.account, bob.account])),
               out["conversation_id"])
    number = " ".join(sum(sorted([digits(alice.account), digits(bob.account)]), []))
    check.same("safety_number", number, out["safety_number"])
    secrets, prefix = handshake(alice, bob, pq_public, given["handshake"], out["handshake"])
    first_dhs = bytes.fromhex(given["handshake"]["dhs"])
    messages = ratchet(bob, out["handshake"]["suite"], secrets, first_dhs, given["messages"],
                       out["messages"])
    check.same("init_message", prefix + messages[0], out["init_message"])
    seal(alice, bob, given["seal"], prefix + messages[0], out["seal"])
    vault(given["vault"], out["vault"])
    login(alice, given["login"], out["login"])
    check.nothing_left_out(out, taken_as_given=2 if out["handshake"]["suite"] == 2 else 0)
    print(f"{check.checked} values agree")


if __name__ == "__main__":
    main()
