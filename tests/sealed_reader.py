#!/usr/bin/python3
"""A second reader of sealed files, written from docs/reference/sealed-format.md alone: no line of it comes from Nightjar's own.

  sealed_reader.py vectors FOLDER              check the published test vectors
  sealed_reader.py open FILE SECRETKEY BOXID   print what is in a file, as JSON (keys in hex)
  sealed_reader.py verify FILE DEVICEKEY       print what can be said of it without the vault's key

Needs Debian's python3-nacl and python3-cryptography.
"""

import base64
import hashlib
import hmac
import json
import re
import struct
import sys
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, SealedBox
from nacl.secret import SecretBox
from nacl.signing import VerifyKey

MAGIC = bytes.fromhex("4e4a5345414c1a0a")
KINDS = ["init", "media", "end"]


class Fault(Exception):
    pass


def sha256(data):
    return hashlib.sha256(data).digest()


def u32(data, at):
    return struct.unpack_from(">I", data, at)[0]


def u64(data, at):
    return struct.unpack_from(">Q", data, at)[0]


def key_id(public):
    return sha256(public)[:8]


def hkdf(secret, info):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret)


def nonce(number, mark):
    return bytes(7) + struct.pack(">I", number) + bytes([mark])


def open_chunk(key, number, mark, associated, sealed):
    try:
        return ChaCha20Poly1305(key).decrypt(nonce(number, mark), sealed, associated)
    except InvalidTag:
        return None


# head


def read_head(data):
    right = sum(a == b for a, b in zip(MAGIC, data))
    if data[:8] != MAGIC:
        raise Fault("damaged-header" if right >= 6 else "not-sealed")
    if len(data) < 16:
        raise Fault("damaged-header")
    version, recipients, zero, length = struct.unpack_from(">HBBI", data, 8)
    if version != 1 or zero != 0:
        raise Fault("newer-version")
    if not 1 <= recipients <= 8 or not 2 <= length <= 65536:
        raise Fault("damaged-header")
    bound_to = 16 + length + recipients * 88
    end = bound_to + 16 + 8
    if len(data) < end or sha256(data[: end - 8])[:8] != data[end - 8 : end]:
        raise Fault("damaged-header")
    try:
        header = json.loads(data[16 : 16 + length].decode("utf-8"))
    except ValueError:
        raise Fault("damaged-header")
    boxes = []
    for i in range(recipients):
        at = 16 + length + i * 88
        boxes.append((data[at : at + 8], data[at + 8 : at + 88]))
    return {
        "header": header,
        "recipients": boxes,
        "hash": sha256(data[:bound_to]),
        "tag": data[bound_to : bound_to + 16],
        "bytes": end,
    }


def data_key(head, secret, box_id):
    private = PrivateKey(secret)
    mine = key_id(bytes(private.public_key))
    for recipient, box in head["recipients"]:
        if recipient != mine:
            continue
        try:
            key = SealedBox(private).decrypt(box)
        except CryptoError:
            raise Fault("damaged-header")
        if open_chunk(key, 0xFFFFFFFF, 2, head["hash"], head["tag"]) is None:
            raise Fault("damaged-header")
        return key
    raise Fault("another-box" if head["header"]["boxId"] != box_id else "wrong-key")


# frames


def frame_header(data, at):
    if at + 32 > len(data) or data[at : at + 4] != b"NJCH":
        return None
    kind, flags, moved, zero = data[at + 8 : at + 12]
    frame = {
        "at": at,
        "number": u32(data, at + 4),
        "last": bool(flags & 1),
        "key": bool(flags & 2),
        "moved": None if moved == 255 else moved,
        "length": u32(data, at + 12),
        "fromMs": u32(data, at + 16),
        "toMs": u32(data, at + 20),
        "before": u64(data, at + 24),
    }
    if kind > 2 or flags & ~3 or (moved > 100 and moved != 255) or zero:
        return None
    if not 16 <= frame["length"] <= 16777216 or frame["toMs"] < frame["fromMs"]:
        return None
    frame["kind"] = KINDS[kind]
    frame["end"] = at + 32 + frame["length"] + 8
    return frame


def counts(data, at, to, after):
    frame = frame_header(data, at)
    if frame is None or frame["number"] <= after or frame["end"] > to:
        return None
    check = data[frame["end"] - 8 : frame["end"]]
    return frame if sha256(data[at : frame["end"] - 8])[:8] == check else None


def walk(data, at, to):
    """Frames that count, and the holes between and after them."""
    frames, holes, after = [], [], -1
    while at < to:
        frame = counts(data, at, to, after)
        if frame is None:
            start = at
            while frame is None:
                at = data.find(b"NJCH", at + 1, to)
                if at < 0:
                    holes.append((start, to))
                    return frames, holes
                frame = counts(data, at, to, after)
            holes.append((start, at))
        frames.append(frame)
        at, after = frame["end"], frame["number"]
        if frame["last"]:
            if at < to:
                holes.append((at, to))
            break
    return frames, holes


def read_end(body):
    """Summary, table, and how much of the body is readable."""
    size = u32(body, 0)
    if size > len(body) - 24:
        return None
    try:
        summary = json.loads(body[4 : 4 + size].decode("utf-8"))
    except ValueError:
        return None
    count = u32(body, 4 + size)
    start = 8 + size
    if start + count * 24 + 16 > len(body):
        return None
    table = []
    for i in range(count):
        at = start + i * 24
        table.append(
            {
                "number": u32(body, at),
                "kind": KINDS[body[at + 4]] if body[at + 4] < 3 else None,
                "key": bool(body[at + 5] & 2),
                "moved": None if body[at + 6] == 255 else body[at + 6],
                "at": u64(body, at + 8),
                "fromMs": u32(body, at + 16),
                "toMs": u32(body, at + 20),
            }
        )
    return summary, table, start + count * 24


def open_frame(data, frame, head, key):
    """(plaintext, end), or None when it is not true."""
    start = frame["at"]
    body = data[start + 32 : frame["end"] - 8]
    end = None
    readable = 0
    if frame["kind"] == "end":
        end = read_end(body)
        if end is None:
            return None
        readable = end[2]
    associated = head["hash"] + data[start : start + 32] + body[:readable]
    plain = open_chunk(key, frame["number"], 1 if frame["last"] else 0, associated, body[readable:])
    return None if plain is None else (plain, end)


# record


def read_record(data, what="record"):
    if len(data) < 88 or data[-4:] != b"NJEN":
        return None
    whole = u32(data, len(data) - 8)
    if whole > len(data) or whole < 82 or whole > 65536 + 80:
        return None
    raw = data[len(data) - whole :]
    length = u32(raw, 4)
    if raw[:4] != b"NJRC" or length != whole - 80:
        return None
    text, signature = raw[8 : 8 + length], raw[8 + length : 72 + length]
    try:
        record = json.loads(text.decode("utf-8"))
        key = VerifyKey(bytes.fromhex(record["deviceKey"]))
    except (ValueError, KeyError, TypeError):
        return None
    try:
        key.verify(b"nightjar " + what.encode() + b" v1\n" + text, signature)
        true = True
    except BadSignatureError:
        true = False
    link = sha256(b"nightjar link v1\n" + text + signature).hex()
    return {"record": record, "true": true, "link": link, "bytes": whole}


# opening


def contents(data, head, key):
    """The chunks that should be there with their places (None: gone), how many numbers were used, and how it ends."""
    record = read_record(data)
    to = len(data) - (record["bytes"] if record else 0)
    if record and isinstance(record["record"].get("endAt"), int):
        frame = frame_header(data, record["record"]["endAt"])
        if frame and frame["last"] and frame["end"] == to:
            opened = open_frame(data, frame, head, key)
            if opened and frame["kind"] == "end":
                return opened[1][1], frame["number"], "finished", opened[1][0], opened[0]
    frames, _ = walk(data, head["bytes"], to)
    chunks = [frame for frame in frames if frame["kind"] != "end"]
    last = frames[-1] if frames and frames[-1]["last"] else None
    opened = open_frame(data, last, head, key) if last else None
    if opened and last["kind"] == "end":
        found = {frame["number"]: frame["at"] for frame in chunks}
        table = [dict(entry, at=found.get(entry["number"])) for entry in opened[1][1]]
        return table, last["number"], "finished", opened[1][0], opened[0]
    if opened and last["number"] == 0:
        return chunks, 1, "finished", None, b""
    total = chunks[-1]["number"] + 1 if chunks else 0
    recovered = record and record["true"] and record["record"]["state"] == "recovered"
    return chunks, total, "recovered" if recovered else "torn", None, b""


def open_file(data, secret, box_id):
    try:
        head = read_head(data)
        key = data_key(head, secret, box_id)
    except Fault as fault:
        return {"fault": str(fault)}
    entries, total, ending, summary, private = contents(data, head, key)
    chunks, gaps = [], []
    shown, following, damaged = 0, 0, False

    def gap(upto_ms, upto_number):
        fault = "damaged-chunk" if damaged else "missing-chunk"
        gaps.append({"fault": fault, "fromMs": shown, "toMs": upto_ms, "chunks": upto_number - following})

    for entry in entries:
        frame = None if entry["at"] is None else frame_header(data, entry["at"])
        opened = None
        if frame and frame["end"] <= len(data) and (frame["number"], frame["kind"]) == (entry["number"], entry["kind"]):
            opened = open_frame(data, frame, head, key)
        if opened is None:
            damaged = damaged or entry["at"] is not None
            continue
        if entry["number"] > following:
            gap(entry["fromMs"], entry["number"])
        line = {name: entry[name] for name in ("number", "kind", "key", "moved", "fromMs", "toMs")}
        chunks.append(dict(line, bytes=len(opened[0]), sha256=sha256(opened[0]).hex()))
        shown, following, damaged = entry["toMs"], entry["number"] + 1, False
    if total > following:
        gap(summary["durationMs"] if summary else max([shown] + [e["toMs"] for e in entries[-1:]]), total)
    found = {"header": head["header"], "chunks": chunks, "gaps": gaps, "ending": ending}
    if summary is not None:
        found["summary"] = summary
    if private:
        found["secret"] = json.loads(private)
    return found


# verifying


def verify_file(data, device):
    try:
        head = read_head(data)
    except Fault:
        return {"findings": ["unreadable"], "link": None}
    header, findings = head["header"], set()
    record = read_record(data)
    to = len(data) - (record["bytes"] if record else 0)
    frames, holes = walk(data, head["bytes"], to)
    last = frames[-1] if frames and frames[-1]["last"] else None
    if header["boxId"] != key_id(device).hex():
        findings.add("another-box")
    if record is None:
        findings.add("unsigned" if last and not holes else "cut")
        if any(end < len(data) for _, end in holes):
            findings.add("changed")
        return {"findings": sorted(findings), "link": None}
    said = record["record"]
    whole = sha256(data[: head["bytes"]])
    for frame in frames:
        whole = sha256(whole + sha256(data[frame["at"] : frame["end"] - 8]))
    if said["deviceKey"] != device.hex():
        findings.add("another-box")
    if len(frames) < said["frames"]:
        findings.add("cut")
    right = record["true"] and said["hash"] == whole.hex() and said["bytes"] == to
    right = right and all(said[name] == header[name] for name in ("fileId", "kind", "cameraId", "stream", "bootId"))
    right = right and said["endAt"] == (last["at"] if last else None) and (frames[-1]["end"] if frames else 0) == to
    if not right or (holes and said["state"] != "recovered"):
        findings.add("changed")
    if said["state"] == "recovered":
        findings.add("recovered")
    return {"findings": sorted(findings), "link": record["link"]}


# people and the recovery key

SPACES = re.compile("[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def passphrase_bytes(typed):
    return SPACES.sub(" ", unicodedata.normalize("NFKC", typed)).strip(" ").encode("utf-8")


def open_sealed(boxes, secret):
    box = SealedBox(PrivateKey(secret))
    return {name: box.decrypt(bytes.fromhex(sealed)).hex() for name, sealed in boxes.items()}


def unlock(keyring, person_id, typed):
    person = next(person for person in keyring["people"] if person["id"] == person_id)
    wrapped = person["wrapped"]
    stretched = hashlib.scrypt(
        passphrase_bytes(typed),
        salt=bytes.fromhex(wrapped["salt"]),
        n=wrapped["n"],
        r=wrapped["r"],
        p=wrapped["p"],
        maxmem=512 * 1024 * 1024,
        dklen=32,
    )
    unwrap = hkdf(stretched, b"nightjar unwrap v1\n" + person_id.encode())
    sign_in = hkdf(stretched, b"nightjar sign-in v1\n" + person_id.encode())
    secret = SecretBox(unwrap).decrypt(bytes.fromhex(wrapped["box"]))
    return open_sealed(person["sealed"], secret), sign_in.hex()


def vouch(keyring, secret):
    lines = ["nightjar roster v1", "device " + keyring["deviceKey"], "recovery " + keyring["recovery"]["publicKey"]]
    for person in sorted(keyring["people"], key=lambda person: person["id"]):
        lines.append("person %s %s %s" % (person["id"], person["role"], person["publicKey"]))
    for key in keyring["vaultKeys"]:
        lines.append("vault %s %s %d" % (key["id"], key["publicKey"], key["createdAtMs"]))
    text = "".join(line + "\n" for line in lines).encode()
    return hmac.new(hkdf(secret, b"nightjar roster v1\n"), text, hashlib.sha256).hexdigest()


def times(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x400:
            a ^= 0x409  # x^10 + x^3 + 1
        b >>= 1
    return product


def sums(numbers):
    """Both check sums, by Horner's rule in alpha = x and its square."""
    first = second = 0
    for number in numbers:
        first, second = times(first, 2) ^ number, times(second, 4) ^ number
    return first, second


def recovery_key(typed, words):
    tight = re.sub("[\\s-]", "", typed).upper()
    if tight.startswith("NIGHTJAR1:"):
        digits = tight[len("NIGHTJAR1:") :]
        if not re.fullmatch("[0-9A-F]{40}", digits):
            return None
        key, check = bytes.fromhex(digits[:32]), bytes.fromhex(digits[32:])
        return key if sha256(b"nightjar recovery v1\n" + key)[:4] == check else None
    numbers = []
    for given in re.findall("[a-z]+", typed.lower()):
        fits = [i for i, word in enumerate(words) if word == given or (len(given) >= 4 and word.startswith(given))]
        if len(fits) != 1:
            return None
        numbers.append(fits[0])
    if len(numbers) != 15 or sums(numbers) != (0, 0):
        return None
    bits = "".join(format(number, "010b") for number in numbers[:13])
    return int(bits[:128], 2).to_bytes(16, "big") if bits[128:] == "00" else None


def check_vectors(folder):
    with open(folder + "/vectors.json", encoding="utf-8") as file:
        vectors = json.load(file)
    with open(folder + "/words.txt", encoding="ascii") as file:
        words = file.read().split()
    wrong, checked = [], 0

    def same(what, found, expected):
        nonlocal checked
        checked += 1
        if found != expected:
            wrong.append("%s\n  found    %s\n  expected %s" % (what, found, expected))

    secret = bytes.fromhex(vectors["vault"]["secretKey"])
    device = bytes.fromhex(vectors["device"]["publicKey"])
    box_id = vectors["device"]["boxId"]
    public = bytes(PrivateKey(secret).public_key)
    same("vault key", [public.hex(), key_id(public).hex()], [vectors["vault"]["publicKey"], vectors["vault"]["keyId"]])
    same("box id", key_id(device).hex(), box_id)
    box = vectors["sealedBox"]
    same("sealed box", SealedBox(PrivateKey(secret)).decrypt(bytes.fromhex(box["sealed"])).hex(), box["message"])
    links = {}
    for file in vectors["files"]:
        data = base64.b64decode(file["base64"])
        same(file["name"], open_file(data, secret, box_id), file["expect"])
        same(file["name"] + ": verify", verify_file(data, device), file["verify"])
        links[file["name"]] = read_record(data)
    second, third = links["second of the chain"], links["third of the chain, after a restart"]
    same("chain", second["record"]["follows"]["link"], links["whole"]["link"])
    same("chain", third["record"]["follows"]["link"], second["link"])
    same("chain", [links[name]["record"]["sequence"] for name in vectors["chain"]["files"]], [1, 3])
    note = read_record(bytes.fromhex(vectors["chain"]["note"]), "removal")
    same("note", [note["true"], note["record"]["from"], note["record"]["to"]], [True, 2, 2])
    for line in vectors["passphrases"]:
        same("passphrase", passphrase_bytes(line["typed"]).hex(), line["bytes"])
    keyring = vectors["keyring"]
    for person in vectors["people"]:
        secrets, sign_in = unlock(keyring, person["id"], person["passphrase"])
        same("secrets of " + person["id"], secrets, person["secrets"])
        same("sign-in of " + person["id"], sign_in, person["signIn"])
    recovered = bytes.fromhex(vectors["recovery"][0]["key"])
    pair = hkdf(recovered, b"nightjar recovery v1\n")
    secrets = open_sealed(keyring["recovery"]["sealed"], pair)
    same("recovery opens", secrets, vectors["recoverySecrets"])
    for key in keyring["vaultKeys"]:
        same("vouch", vouch(keyring, bytes.fromhex(secrets[key["id"]])), key["vouch"])
    for line in vectors["recovery"]:
        key = bytes.fromhex(line["key"])
        same("recovery words", recovery_key(line["words"], words), key)
        same("recovery text", recovery_key(line["text"], words), key)
        same("recovery public key", bytes(PrivateKey(hkdf(key, b"nightjar recovery v1\n")).public_key).hex(), line["publicKey"])
    for line in vectors["recoveryTyped"]:
        key = recovery_key(line["typed"], words)
        same("typed", key and key.hex(), line["key"])
    print("\n".join(wrong + ["%d checked, %d wrong" % (checked, len(wrong))]))
    return 1 if wrong or checked < 60 else 0


def main(argv):
    if argv[:1] == ["vectors"]:
        return check_vectors(argv[1])
    with open(argv[1], "rb") as file:
        data = file.read()
    if argv[0] == "open":
        print(json.dumps(open_file(data, bytes.fromhex(argv[2]), argv[3])))
    else:
        print(json.dumps(verify_file(data, bytes.fromhex(argv[2]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
