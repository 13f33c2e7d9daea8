# SPDX-License-Identifier: GPL-2.0-only
"""
What the flash log of the card model (selftests/card/log.c) says about each run: counts, modelled time, and how both
are shared out among the passes of a burn.

The rule of modelled time: a CR read through BAR0 takes 1 us, a CR write 0.1 us, a configuration cycle 1.5 us (two for
each access through the window), a byte on the SPI bus 8 clocks at 25 MHz; an erase and a program take what is typical
by the part's data sheet. What the host does besides, and what it sleeps too long, is not in it.

The passes are told from the log alone, so that the same run always gives the same split:

    a hold      from taking the flash semaphore to its release, or to the end of the run
    first       the first hold in which the flash is changed; what lies before it only reads
    survey      reads before that: places of signatures (no more than 4 KiB at once), and what lies where an image was
                found or is to go
    contact     reads before that of bytes that were read already
    backup      all other reads before that
    compare     from the first hold on to the last that erases, or programs more than the 16 bytes of a signature:
                what is read before the 4 KiB around it were changed
    erase       write enable, erase, and the status polls that follow
    program     the same of a page
    read-back   what is read after that, in the same hold or in one that goes on after it
    verify      holds without a change between those and the finish
    finish      from the first hold after those that changes the flash: signature, boot address, old signature
"""

READ_US, WRITE_US, CYCLE_US, BYTE_US = 1.0, 0.1, 1.5, 8 / 25
COUNTS = ("commands", "cr_reads", "cr_writes", "window_reads", "window_writes", "config_cycles", "spi_bytes")
PASSES = ("contact", "survey", "backup", "compare", "erase", "program", "read-back", "verify", "finish")
BURN = ("compare", "erase", "program", "read-back", "finish")
BLOCK = 16
SECTOR = 4096


class Line:
    def __init__(self, words):
        self.what = words[1]
        self.addr = int(words[2], 16)
        self.len, self.at, self.busy = (int(w) for w in words[3:6])
        self.counts = [int(w) for w in words[6:13]]

    def access_us(self):
        _, reads, writes, _, _, cycles, spi = self.counts
        return reads * READ_US + writes * WRITE_US + cycles * CYCLE_US + spi * BYTE_US

    def changes(self):
        return self.what in ("erase", "program")


def read_log(path):
    """The cards' parts, and {card: [(program, item, lines)]}."""
    parts, runs, open_run = {}, {}, {}
    with open(path) as log:
        for text in log:
            words = text.split()
            card = words[0]
            if words[1] == "part":
                parts[card] = words[2:]
            elif words[1] == "mark" and words[2] == "begin":
                open_run[card] = (words[3], words[4], [])
            elif words[1] == "mark":
                runs.setdefault(card, []).append(open_run.pop(card))
            elif card in open_run:
                open_run[card][2].append(Line(words))
    return parts, runs


def split_holds(lines):
    holds = [[]]
    for line in lines:
        if line.what == "take" and holds[-1]:
            holds.append([])
        holds[-1].append(line)
    return holds


def is_content(hold):
    return any(l.what == "erase" or (l.what == "program" and l.len > BLOCK) for l in hold)


def sectors(line):
    return range(line.addr // SECTOR, (line.addr + max(line.len, 1) - 1) // SECTOR + 1)


def split_content(hold, changed):
    """(line, pass) for a hold of the content; @changed: the sectors changed so far."""
    doing = "compare"
    for i, line in enumerate(hold):
        if line.changes():
            doing = line.what
            changed.update(sectors(line))
        elif line.what == "enable":
            coming = [l.what for l in hold[i + 1:] if l.changes()]
            doing = coming[0] if coming else doing
        elif line.what == "read":
            doing = "read-back" if changed.intersection(sectors(line)) else "compare"
        elif line.what not in ("status", "release"):
            doing = "compare"
        yield line, doing


def name_reading(hold, seen, surveyed):
    """The pass of a hold before the first change, by the bytes it reads."""
    reads = [l for l in hold if l.what == "read"]
    blocks = [a for l in reads for a in range(l.addr, l.addr + l.len, BLOCK)]
    again = bool(blocks) and all(b in seen for b in blocks)
    seen.update(blocks)
    if again:
        return "contact"
    return "survey" if len(blocks) * BLOCK <= SECTOR or any(surveyed(b) for b in blocks) else "backup"


def split_passes(lines, surveyed):
    """[(line, pass)]. @surveyed: whether an address is of interest before a backup."""
    holds = split_holds(lines)
    changing = [i for i, h in enumerate(holds) if any(l.changes() for l in h)]
    if not changing:
        return [(line, "survey") for line in lines]
    content = [i for i in changing if is_content(holds[i])]
    last = content[-1] if content else changing[0] - 1
    finish = min((i for i in changing if i > last), default=len(holds))
    seen, changed, out = set(), set(), []
    for i, hold in enumerate(holds):
        if i < changing[0]:
            name = name_reading(hold, seen, surveyed)
            out += [(line, name) for line in hold]
        elif i >= finish:
            out += [(line, "finish") for line in hold]
        elif i <= last:
            out += split_content(hold, changed)
        else:
            out += [(line, "verify") for line in hold]
    return out


def empty():
    return dict.fromkeys(COUNTS, 0) | {"access_ms": 0.0, "busy_ms": 0.0}


def total(lines):
    """Counts and modelled time of some lines."""
    t = empty()
    for line in lines:
        for name, n in zip(COUNTS, line.counts):
            t[name] += n
        t["access_ms"] += line.access_us() / 1000
        t["busy_ms"] += line.busy / 1000
    t["modelled_ms"] = t["access_ms"] + t["busy_ms"]
    t["accesses"] = t["cr_reads"] + t["cr_writes"]
    return t


def lateness(lines, what):
    """How much later than the part was free that was seen, as a share of the busy time (by the host's clock)."""
    busy = late = 0
    for line, following in zip(lines, lines[1:]):
        if line.what == what and following.what == "status" and line.busy:
            busy += line.busy
            late += max(0, following.at - line.at - line.busy)
    return late / busy if busy else None


def describe(lines, surveyed):
    """Everything about one run."""
    run = total(lines)
    run["erases"] = {str(size): sum(1 for l in lines if l.what == "erase" and l.len == size) for size in (4096, 65536)}
    run["pages"] = sum(1 for l in lines if l.what == "program")
    run["takes"] = sum(1 for l in lines if l.what == "take")
    run["status_polls"] = sum(l.len for l in lines if l.what == "status")
    run["erase_ms"] = sum(l.busy for l in lines if l.what == "erase") / 1000
    run["program_ms"] = sum(l.busy for l in lines if l.what == "program") / 1000
    run["late"] = {what: lateness(lines, what) for what in ("erase", "program")}
    split = split_passes(lines, surveyed)
    run["passes"] = {p: total(l for l, of in split if of == p) for p in PASSES if any(of == p for _, of in split)}
    return run


def union_ms(spans):
    """How much time the spans, in us, cover."""
    union = end = 0.0
    for start, stop in sorted(spans):
        union += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return union / 1000


def clock_union_ms(lines_of_cards):
    """How long any part was busy by the clock of the run, whose one processor makes all accesses."""
    return union_ms([(l.at, l.at + l.busy) for lines in lines_of_cards for l in lines if l.busy])


def erases_together(lines_of_cards):
    """Erases in all, and those that began while another card's part was busy, by the clock of the run."""
    spans = [(card, l.at, l.at + l.busy) for card, lines in enumerate(lines_of_cards) for l in lines if l.busy]
    erases = [(card, l.at) for card, lines in enumerate(lines_of_cards) for l in lines if l.what == "erase"]
    return len(erases), sum(any(of != card and start <= at < end for of, start, end in spans) for card, at in erases)


def overlap(lines_of_cards):
    """
    Cards at work at once: how long any of their parts is busy, against the longest of one card, if each card's driver
    runs at the modelled speed from the same moment on. Returns (union, one card) in ms.
    """
    spans, one = [], 0.0
    for lines in lines_of_cards:
        now = busy = 0.0
        for line in lines:
            now += line.access_us()
            if line.busy:
                spans.append((now, now + line.busy))
                now += line.busy
                busy += line.busy
        one = max(one, busy)
    return union_ms(spans), one / 1000
