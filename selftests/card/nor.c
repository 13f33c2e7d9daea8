// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SPI NOR part, byte by byte: chip select falls, bytes go in and out, chip select rises. Erase,
 * program and status writes begin when chip select rises, as on the real parts.
 */
#include "card.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OP_WRSR = 0x01,
	OP_PROGRAM = 0x02,
	OP_READ = 0x03,
	OP_WRDI = 0x04,
	OP_RDSR = 0x05,
	OP_WREN = 0x06,
	OP_ERASE_4K = 0x20,
	OP_RDID = 0x9f,
	OP_RES = 0xab,
	OP_ERASE_64K = 0xd8,
};

enum { SR_WIP = 0x01, SR_WEL = 0x02, SR_BP_SHIFT = 2, SR_SRWD = 0x80 };

static bool fill_ff(int fd, uint64_t size)
{
	uint8_t buf[65536];

	memset(buf, 0xff, sizeof(buf));
	for (uint64_t at = 0; at < size; at += sizeof(buf))
		if (pwrite(fd, buf, sizeof(buf), (off_t)at) != (ssize_t)sizeof(buf))
			return false;
	return true;
}

static int pick_part(struct card *c, uint64_t size, char *err, size_t errlen)
{
	struct nor *n = &c->nor;

	n->part = c->conf.part ? part_by_name(c->conf.part) : part_default(c->conf.chip, size);
	if (!n->part && c->conf.part)
		snprintf(err, errlen, "part=%s is not a known part, see --help", c->conf.part);
	else if (!n->part)
		snprintf(err, errlen, "%s: no part has %llu bytes; sizes are 1, 2, 4, 8, 16 MiB",
			 c->conf.flash, (unsigned long long)size);
	else if (n->part->size != size)
		snprintf(err, errlen, "%s: %llu bytes, but part %s has %u", c->conf.flash,
			 (unsigned long long)size, n->part->name, n->part->size);
	else
		return 0;
	return -1;
}

static int map_file(struct card *c, char *err, size_t errlen)
{
	struct nor *n = &c->nor;
	const char *path = c->conf.flash;
	struct stat st;

	if (fstat(n->fd, &st)) {
		snprintf(err, errlen, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (!st.st_size && !c->conf.size) {
		snprintf(err, errlen, "%s is empty: give size= to make a blank flash", path);
		return -1;
	}
	if (st.st_size && c->conf.size && (uint64_t)st.st_size != c->conf.size) {
		snprintf(err, errlen, "%s has %lld bytes, not size=%llu", path,
			 (long long)st.st_size, (unsigned long long)c->conf.size);
		return -1;
	}
	if (pick_part(c, st.st_size ? (uint64_t)st.st_size : c->conf.size, err, errlen))
		return -1;
	if (!st.st_size && !fill_ff(n->fd, n->part->size)) {
		snprintf(err, errlen, "%s: cannot write: %s", path, strerror(errno));
		return -1;
	}
	n->mem = mmap(NULL, n->part->size, PROT_READ | PROT_WRITE, MAP_SHARED, n->fd, 0);
	if (n->mem != MAP_FAILED)
		return 0;
	n->mem = NULL;
	snprintf(err, errlen, "%s: mmap: %s", path, strerror(errno));
	return -1;
}

/* What was opened is closed by nor_close(), after a failure too. */
int nor_open(struct card *c, char *err, size_t errlen)
{
	struct nor *n = &c->nor;

	n->fd = open(c->conf.flash, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (n->fd < 0) {
		snprintf(err, errlen, "%s: %s", c->conf.flash, strerror(errno));
		return -1;
	}
	if (flock(n->fd, LOCK_EX | LOCK_NB)) {
		snprintf(err, errlen, "%s is the flash of another card that runs", c->conf.flash);
		return -1;
	}
	return map_file(c, err, errlen);
}

void nor_close(struct card *c)
{
	if (c->nor.mem)
		munmap(c->nor.mem, c->nor.part->size);
	if (c->nor.fd >= 0)
		close(c->nor.fd);
	c->nor.mem = NULL;
	c->nor.fd = -1;
}

void nor_power_on(struct card *c)
{
	struct nor *n = &c->nor;

	n->wel = n->selected = false;
	n->bp |= n->part->power_on_bp;
	nor_settle(c);
}

/* Whatever was being erased or programmed has had the time to finish. */
void nor_settle(struct card *c)
{
	c->nor.held = false;
	c->nor.busy_polls = 0;
	c->nor.busy_until = 0;
}

bool nor_wip(const struct card *c)
{
	return c->fault.wip_stuck || c->nor.held || c->nor.busy_polls > 0 ||
	       (c->nor.busy_until && now_us() < c->nor.busy_until);
}

static unsigned int time_of(const struct card *c, const struct span *span)
{
	return c->fault.slow ? span->longest : span->typical;
}

static void begin_busy(struct card *c, unsigned int us)
{
	c->nor.wel = false;
	c->log.busy = us;
	clock_busy(c, us);
	if (c->fault.busy < 0)
		c->nor.busy_until = now_us() + us;
	else
		c->nor.busy_polls = c->fault.busy;
}

/*
 * Block protection counts from the top of the part in powers of two of 64 KiB; 7 is everything.
 * This fits M25P80 to M25P64 and their successors.
 */
static bool protected(struct card *c, uint32_t addr)
{
	unsigned int bp = c->fault.write_protected ? 7 : (unsigned int)c->fault.bp | c->nor.bp;
	uint64_t bytes = bp ? 0x10000ull << (bp - 1) : 0;

	if (bp == 7 || bytes > c->nor.part->size)
		bytes = c->nor.part->size;
	return addr >= c->nor.part->size - bytes;
}

static uint8_t status(struct card *c)
{
	unsigned int bp = c->fault.write_protected ? 7 : (unsigned int)c->fault.bp | c->nor.bp;
	bool wip = nor_wip(c);

	if (c->nor.busy_polls > 0)
		c->nor.busy_polls--;
	if (!wip)
		clock_ready(c);
	return (uint8_t)(bp << SR_BP_SHIFT | (wip ? SR_WIP : 0) | (c->nor.wel ? SR_WEL : 0) |
			 (c->nor.srwd || c->fault.write_protected ? SR_SRWD : 0));
}

/*
 * One more erase or program is about to be done to `bytes` bytes. Returns how many of them really
 * are, and in the last case takes the power away.
 */
static uint32_t operation(struct card *c, uint32_t bytes)
{
	count(c, COUNT_OPERATIONS);
	if (!fault_countdown(&c->fault.cut))
		return bytes;
	c->off = true;
	trace(c, "power cut in flash operation %llu",
	      (unsigned long long)c->st.count[COUNT_OPERATIONS]);
	return (uint32_t)((uint64_t)bytes * (uint64_t)c->fault.cut_done / 100);
}

/* After the operation: a fault may prolong it, pull the card, or reset it behind the driver's back.
 */
static void after_operation(struct card *c)
{
	if (fault_countdown(&c->fault.hold_at)) {
		c->nor.held = true;
		count(c, COUNT_HOLDS);
	}
	if (fault_countdown(&c->fault.vanish_at))
		c->fault.vanish = 1;
	if (fault_countdown(&c->fault.reset_at))
		card_reset_unasked(c);
}

static bool may_change(struct card *c, const char *what)
{
	if (!c->nor.wel) {
		violation(c, "flash: %s at %06x without WREN", what, c->nor.addr);
		return false;
	}
	if (c->nor.addr >= c->nor.part->size) {
		violation(c, "flash: %s at %06x, beyond the end of the part", what, c->nor.addr);
		return false;
	}
	if (protected(c, c->nor.addr)) {
		c->st.refused++;
		c->nor.wel = false;
		return false;
	}
	return true;
}

static void erase(struct card *c, uint32_t size, bool supported, const struct span *ms)
{
	uint32_t base = c->nor.addr & ~(size - 1), done;

	if (!supported) {
		violation(c, "flash: %s has no %u KiB erase", c->nor.part->name, size / 1024);
		return;
	}
	if (c->nor.count != 3) {
		violation(c, "flash: erase with %u bytes after the opcode, not 3", c->nor.count);
		return;
	}
	if (!may_change(c, "erase"))
		return;
	trace(c, "erase %06x %x", base, size);
	*(size == 4096 ? &c->st.erase_4k : &c->st.erase_64k) += 1;
	done = operation(c, size);
	if (!fault_spend(&c->fault.erase_fails))
		memset(c->nor.mem + base, 0xff, done);
	begin_busy(c, time_of(c, ms) * 1000);
	after_operation(c);
}

static void program(struct card *c)
{
	uint32_t page = c->nor.addr & ~255u, first = c->nor.addr & 255, bytes;
	bool flip = false, weak = false;
	uint8_t old, new;

	if (c->nor.count < 4) {
		violation(c, "flash: program without data at %06x", c->nor.addr);
		return;
	}
	if (!may_change(c, "program"))
		return;
	flip = fault_spend(&c->fault.program_flip);
	weak = fault_spend(&c->fault.program_weak);
	c->st.pages++;
	bytes = c->nor.count - 3 < 256 ? c->nor.count - 3 : 256;
	trace(c, "program %06x %x", c->nor.addr, bytes);
	bytes = operation(c, bytes);
	for (uint32_t i = 0; i < bytes; i++) {
		uint32_t at = (first + i) & 255;

		if (!c->nor.latched[at])
			continue;
		old = c->nor.mem[page + at];
		new = old & c->nor.page[at];
		if (flip && new) {
			new &= new - 1;
			flip = false;
		}
		if (weak && (old & ~new)) {
			new |= (old & ~new) & -(old & ~new);
			weak = false;
		}
		c->nor.mem[page + at] = new;
		c->st.page_bytes++;
	}
	begin_busy(c, time_of(c, &c->nor.part->us_program));
	after_operation(c);
}

static void write_status(struct card *c)
{
	if (c->nor.count != 1 || !c->nor.wel) {
		violation(c, "flash: WRSR with %u bytes%s", c->nor.count,
			  c->nor.wel ? "" : " and without WREN");
		return;
	}
	if (!c->fault.write_protected) {
		c->nor.bp = c->nor.page[0] >> SR_BP_SHIFT & 7;
		c->nor.srwd = c->nor.page[0] & SR_SRWD;
		c->fault.bp = 0;
	}
	/* where protection is set at power-on it is volatile, and written at once */
	if (c->nor.part->power_on_bp)
		c->nor.wel = false;
	else
		begin_busy(c, 5000);
}

void nor_select(struct card *c)
{
	struct nor *n = &c->nor;

	n->selected = true;
	n->ignored = n->begun = n->blamed = false;
	n->count = 0;
	n->addr = 0;
	memset(n->latched, 0, sizeof(n->latched));
}

static void opcode(struct card *c, uint8_t in)
{
	struct nor *n = &c->nor;

	n->opcode = in;
	n->begun = true;
	c->st.opcode[in]++;
	if (in == OP_RDSR) {
		c->st.rdsr++;
		n->page[0] = status(c);
		return;
	}
	if (nor_wip(c)) {
		n->ignored = true;
		if (!c->fault.wip_stuck)
			violation(c, "flash: opcode %02x while an erase or program is under way",
				  in);
	}
}

/* Blames a transaction once, not every byte of it. */
static void blame(struct card *c, const char *what, uint32_t addr)
{
	if (!c->nor.blamed)
		violation(c, "flash: %s at %06x", what, addr);
	c->nor.blamed = true;
}

static uint8_t read_memory(struct card *c, uint32_t addr)
{
	uint8_t val = c->nor.mem[addr % c->nor.part->size];
	long flip = c->fault.read_flip - 1;

	if (addr >= c->nor.part->size)
		blame(c, "read beyond the end of the part", addr);
	if (flip >= 0 && (uint32_t)(flip >> 3) == addr)
		val ^= (uint8_t)(1u << (flip & 7));
	return val;
}

static void latch(struct card *c, uint8_t in)
{
	struct nor *n = &c->nor;
	uint32_t at = (n->addr + n->count - 3) & 255;

	if (n->part->byte_program && n->count > 3) {
		blame(c, "more than one byte for a part that programs one at a time", n->addr);
		n->count--; /* the part takes the first byte only */
		return;
	}
	if (n->count > 3 && at == 0)
		blame(c, "program over the end of its page", n->addr);
	n->page[at] = in;
	n->latched[at] = true;
}

static uint8_t jedec_byte(const struct card *c, unsigned int i)
{
	if (i > 2)
		return 0;
	if (c->fault.jedec)
		return (uint8_t)(c->fault.jedec >> (16 - 8 * i));
	return c->nor.part->jedec[i];
}

/* A byte after the opcode; count is its number, from 0. */
static uint8_t data(struct card *c, uint8_t in)
{
	struct nor *n = &c->nor;

	switch (n->opcode) {
	case OP_RDSR:
		return n->page[0];
	case OP_RDID:
		return jedec_byte(c, n->count);
	case OP_RES:
		return n->count >= 3 && n->part->res ? n->part->res : 0xff;
	case OP_WRSR:
		n->page[0] = in;
		return 0xff;
	case OP_READ:
	case OP_PROGRAM:
	case OP_ERASE_4K:
	case OP_ERASE_64K:
		if (n->count < 3) {
			n->addr = n->addr << 8 | in;
			return 0xff;
		}
		if (n->opcode == OP_READ)
			return read_memory(c, n->addr + n->count - 3);
		if (n->opcode == OP_PROGRAM)
			latch(c, in);
		return 0xff;
	default:
		return 0xff;
	}
}

uint8_t nor_byte(struct card *c, uint8_t in)
{
	uint8_t out = 0xff;

	if (!c->nor.begun) {
		opcode(c, in);
		return out;
	}
	if (!c->nor.ignored)
		out = data(c, in);
	c->nor.count++;
	return out;
}

static void carry_out(struct card *c)
{
	struct nor *n = &c->nor;

	switch (n->opcode) {
	case OP_WREN:
	case OP_WRDI:
		if (n->count)
			violation(c, "flash: opcode %02x with data", n->opcode);
		else
			n->wel = n->opcode == OP_WREN;
		break;
	case OP_WRSR:
		write_status(c);
		break;
	case OP_PROGRAM:
		program(c);
		break;
	case OP_ERASE_4K:
		erase(c, 4096, n->part->erase_4k, &n->part->ms_4k);
		break;
	case OP_ERASE_64K:
		erase(c, 65536, n->part->erase_64k, &n->part->ms_64k);
		break;
	case OP_READ:
	case OP_RDSR:
	case OP_RDID:
	case OP_RES:
		break;
	default:
		violation(c, "flash: opcode %02x is not known to these parts", n->opcode);
	}
}

static void log_transaction(struct card *c)
{
	const struct nor *n = &c->nor;
	uint32_t bytes = n->count > 3 ? n->count - 3 : 0;

	switch (n->opcode) {
	case OP_READ:
		log_done(c, "read", n->addr, bytes);
		break;
	case OP_RDSR:
		log_done(c, "status", 0, 1);
		break;
	case OP_WREN:
		log_done(c, "enable", 0, 0);
		break;
	case OP_PROGRAM:
		log_done(c, "program", n->addr, bytes);
		break;
	case OP_ERASE_4K:
		log_done(c, "erase", n->addr, 4096);
		break;
	case OP_ERASE_64K:
		log_done(c, "erase", n->addr, 65536);
		break;
	default:
		log_done(c, "other", 0, 0);
	}
}

void nor_deselect(struct card *c)
{
	struct nor *n = &c->nor;

	if (!n->selected)
		return;
	n->selected = false;
	if (!n->ignored && n->begun)
		carry_out(c);
	log_transaction(c);
}

/* The flash is taken out and read or written by another machine. Returns 0, or -1 with errno. */
int nor_exchange(struct card *c, const char *path, bool load)
{
	FILE *f = fopen(path, load ? "re" : "we");
	size_t n;
	int bad;

	if (!f)
		return -1;
	if (load)
		n = fread(c->nor.mem, 1, c->nor.part->size, f);
	else
		n = fwrite(c->nor.mem, 1, c->nor.part->size, f);
	bad = n != c->nor.part->size;
	if (fclose(f) || bad) {
		errno = bad && load ? EINVAL : errno;
		return -1;
	}
	return 0;
}
