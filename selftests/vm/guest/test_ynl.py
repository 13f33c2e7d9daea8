#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The netlink family, driven by the kernel's own ynl with nothing but the YAML.

usage: test_ynl.py YNL SPEC CARD

YNL is tools/net/ynl of the kernel's source, SPEC the YAML, CARD a card that nobody serves and that may be written.
"""
import errno
import select
import struct
import subprocess
import sys

sys.path.insert(0, sys.argv[1])
from lib import NlError, YnlFamily  # noqa: E402

SPEC, CARD = sys.argv[2:4]
UNIT = 0x10000
CHIP_ID = 0xf0014  # and revision
tests = []


def test(name):
    return lambda function: tests.append((name, function))


class InTurn:
    """The socket of a family whose events wait until a request is answered.

    ynl of Linux 6.12 does not know any more what it had asked for when an event comes between the answer and its
    acknowledgment.
    """
    ENDS = 2, 3  # NLMSG_ERROR, which is the acknowledgment too, and NLMSG_DONE

    def __init__(self, sock):
        self.sock, self.asked, self.events = sock, False, []

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def send(self, *message):
        self.asked = True
        return self.sock.send(*message)

    def recv(self, *how):
        while self.asked or not self.events:
            data = self.sock.recv(*how)
            number = struct.unpack_from("I", data, 8)[0]  # none has an event
            if self.asked and not number:
                self.events.append(data)
                continue
            self.asked = self.asked and last(data) not in self.ENDS
            return data
        return self.events.pop(0)


def last(data):
    """The type of the last message."""
    while data:
        length, kind = struct.unpack_from("IH", data)
        data = data[length + 3 & ~3:]
    return kind


def family():
    made = YnlFamily(SPEC, "")
    made.sock = InTurn(made.sock)
    return made


def events(of, wanted):
    """What has been heard, up to the first that WANTED says is the one."""
    heard = []
    while True:
        while of.async_msg_queue:
            heard.append(of.async_msg_queue.pop(0))
            if wanted(heard[-1]):
                return heard
        of.sock.events or select.select([of.sock], [], [])
        of.check_ntf()


def refused(operation, attributes, error, word):
    """The operation fails so, and the kernel says why."""
    try:
        ynl.do(operation, attributes)
    except NlError as why:
        assert why.error == error, why
        assert word in str(why.nl_msg.extack), why.nl_msg.extack
        return
    raise AssertionError("it worked")


def sysfs(file, text):
    with open("/sys/bus/pci/" + file, "w", encoding="utf-8") as attribute:
        attribute.write(text)


@test("there is no card before one is bound")
def none():
    assert ynl.dump("card-get", {}) == []


@test("a card that comes is told of")
def bind():
    listener.ntf_subscribe("events")
    sysfs(f"devices/{CARD}/driver_override", "cxflash")
    sysfs("drivers_probe", CARD)
    said = events(listener, lambda e: e["msg"]["event"] == "came")[-1]
    assert said["name"] == "changed" and said["msg"]["name"] == CARD, said
    assert said["msg"]["binding"] == "takeover", said


@test("the card, by its enums' names")
def card():
    (found,) = ynl.dump("card-get", {})
    assert found["access"] == "bar0" and found["binding"] == "takeover", found
    assert found == ynl.do("card-get", {"name": CARD})
    assert found["flash-size"] % UNIT == 0 and found["erase-sizes"] & UNIT, found


@test("CR space, in big-endian words as they lie there")
def cr():
    (found,) = ynl.dump("card-get", {})
    (word,) = ynl.do("cr-read", {"name": CARD, "addr": CHIP_ID, "len": 4})["data"]
    assert int.from_bytes(word, "big") == found["chip-rev"] << 16 | found["chip-id"], word


@test("a refusal has the driver's sentence")
def sentence():
    refused("cr-read", {"name": CARD, "addr": 2, "len": 4}, errno.EINVAL, "")
    refused("card-get", {"name": "0000:00:1f.7"}, errno.ENODEV, "")


def flash(addr, length):
    parts = ynl.dump("flash-read", {"name": CARD, "addr": addr, "len": length})
    return b"".join(data for part in parts for data in part.get("data", []))


def done(cookie):
    """How the operation ended, which is told to who asked for it."""
    heard = events(ynl, lambda e: e["name"] == "op-done" and e["msg"]["cookie"] == cookie)
    assert heard[-1]["msg"]["op-state"] == "done" and heard[-1]["msg"]["error"] == 0, heard
    return heard[-1]["msg"]


@test("a unit is written under the lock, its end is told, and it reads back")
def write():
    lock = ynl.do("lock", {"name": CARD})
    done(lock["cookie"])
    key = {"name": CARD, "session": lock["session"]}
    data = bytes(range(256)) * (UNIT // 256)
    halves = [data[:UNIT // 2], data[UNIT // 2:]]  # as one attribute does not hold a unit
    work = done(ynl.do("flash-write", {**key, "addr": UNIT, "data": halves})["cookie"])
    assert work["erases"] == 1 and work["programs"] == len(data) // 256, work
    assert flash(UNIT, len(data)) == data
    ynl.do("unlock", key)
    heard = events(listener, lambda e: e["msg"]["event"] == "session-ended")
    assert {"session-begun", "flash-changed"} <= {e["msg"]["event"] for e in heard}, heard


@test("flags go by their names")
def flags():
    lock = ynl.do("lock", {"name": CARD})
    done(lock["cookie"])
    key = {"name": CARD, "session": lock["session"]}
    done(ynl.do("flash-erase", {**key, "addr": UNIT, "len": UNIT})["cookie"])
    work = done(ynl.do("flash-write", {**key, "addr": UNIT, "flags": ["no-erase"],
                                      "data": [b"sixteen bytes .."]})["cookie"])
    assert work["erases"] == 0 and work["programs"] == 1, work
    assert flash(UNIT, 16) == b"sixteen bytes .."
    ynl.do("unlock", key)


@test("without the lock nothing is written")
def unlocked():
    refused("flash-write", {"name": CARD, "session": 1, "addr": UNIT, "data": [bytes(16)]}, errno.ENOLCK, "lock")


@test("a card that goes is told of, and is gone")
def unbind():
    sysfs("drivers/cxflash/unbind", CARD)
    events(listener, lambda e: e["msg"]["event"] == "went")
    assert ynl.dump("card-get", {}) == []


subprocess.run(["modprobe", "cxflash"], check=True)
ynl, listener = family(), family()
failed = 0
for number, (name, function) in enumerate(tests, 1):
    try:
        function()
        print(f"ok {number} - {name}", flush=True)
    except Exception as why:  # whatever it is, it is told, and the others run
        failed += 1
        print(f"not ok {number} - {name}\n# {type(why).__name__}: {why}", flush=True)
print(f"1..{len(tests)}")
sys.exit(failed > 0)
