// SPDX-License-Identifier: GPL-2.0-only
/* A card through the kernel module: include/uapi/cxflash.yaml, client side. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netlink/genl/genl.h>

#include "netlink.h"
#include "clock.h"
#include "link.h"
#include "openers.h"

#define ATTR_SIZE    32768u /* an attribute holds less than 64 KiB */
#define READ_PIECE   65536u /* one dump; what is read again if a write crosses it */
#define CR_WORDS     64u    /* of one cr-read */
#define SEMAPHORE_MS 15000u /* for what waits for a semaphore itself, at most 10 s */

struct card {
	struct cx_flash f;
	char name[32];
	struct link link;
	uint32_t session;
};

static struct card *of(struct cx_flash *f)
{
	return (struct card *)f;
}

static int get_info(struct link *l, const char *name, struct cx_flash_info *info,
		    struct cx_err *err);

/*
 * What keeps a card busy may be another program, which can be named where it is one of this machine
 * that has the registers open. False if none has.
 */
static bool blame_openers(const char *name, struct cx_err *err)
{
	char openers[512];

	cx_pci_openers(&cx_pci_system, name, openers, sizeof(openers));
	if (*openers)
		cx_fail_after(err, "; %s", openers);
	return *openers;
}

/*
 * Why a request to an open card failed. One that cxflash serves no more has been let go of by its
 * driver, which is another thing than a card that is served and does not answer.
 */
static int fail(struct card *c, struct cx_err *err)
{
	const struct cx_flash_info *info = &c->f.info;
	bool beside = !strcmp(info->binding, "beside");
	struct cx_flash_info now = {0};
	struct cx_err unused;

	if (c->link.error == ENOTCONN ||
	    (c->link.error == ENODEV && get_info(&c->link, info->name, &now, &unused) &&
	     c->link.error == ENODEV))
		cx_fail(err, CX_NOT_FOUND, "%s; to go on: cxflashctl attach -d %s",
			beside ? "the driver that it was served beside has let go of it"
			       : "it was taken from cxflash, which serves it no more",
			info->name);
	if (err->status == CX_BUSY)
		blame_openers(info->name, err);
	return cx_fail_in(err, info->name);
}

struct reading {
	const char *name;
	uint8_t *to;
	uint32_t addr, len, done;
};

static int take_read(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	struct reading *r = ctx;
	struct nlattr *a;
	int rest;

	if (!tb[CXFLASH_A_DATA])
		return 0; /* the first message only repeats the request */
	if (link_u32(tb, CXFLASH_A_ADDR) != r->addr + r->done)
		return cx_fail(err, CX_FAILED, "flash at 0x%" PRIx32 ": the answer has a gap",
			       r->addr + r->done);
	nlmsg_for_each_attr(a, h, GENL_HDRLEN, rest) {
		uint32_t n = nla_len(a);

		if (nla_type(a) != CXFLASH_A_DATA)
			continue;
		if (n > r->len - r->done)
			return cx_fail(err, CX_FAILED,
				       "flash at 0x%" PRIx32 ": the answer is too long",
				       r->addr + r->done);
		memcpy(r->to + r->done, nla_data(a), n);
		r->done += n;
	}
	return 0;
}

static struct nl_msg *begin_read(struct link *l, void *ctx, struct cx_err *err)
{
	struct reading *r = ctx;
	struct nl_msg *msg = link_request(l, CXFLASH_CMD_FLASH_READ, NLM_F_DUMP, r->name, 0, err);

	r->done = 0;
	if (msg) {
		nla_put_u32(msg, CXFLASH_A_ADDR, r->addr);
		nla_put_u32(msg, CXFLASH_A_LEN, r->len);
	}
	return msg;
}

static int read_piece(struct card *c, uint32_t addr, uint8_t *to, uint32_t len, struct cx_err *err)
{
	struct reading r = {.name = c->f.info.name, .to = to, .addr = addr, .len = len};

	if (link_dump(&c->link, begin_read, take_read, &r, err))
		return -1;
	if (r.done != len)
		return cx_fail(err, CX_FAILED, "flash at 0x%" PRIx32 ": the answer is cut short",
			       addr + r.done);
	return 0;
}

static int card_read(struct cx_flash *f, uint32_t addr, void *buf, uint32_t len, struct cx_err *err)
{
	uint8_t *to = buf;

	while (len) {
		uint32_t n = len < READ_PIECE ? len : READ_PIECE;

		if (read_piece(of(f), addr, to, n, err))
			return fail(of(f), err);
		addr += n;
		to += n;
		len -= n;
	}
	return 0;
}

static struct nl_msg *session_request(struct card *c, uint8_t cmd, size_t payload,
				      struct cx_err *err)
{
	struct nl_msg *msg = link_request(&c->link, cmd, 0, c->f.info.name, payload, err);

	if (msg)
		nla_put_u32(msg, CXFLASH_A_SESSION, c->session);
	return msg;
}

static int card_write(struct cx_flash *f, uint32_t addr, const void *buf, uint32_t len,
		      unsigned int flags, struct cx_write_result *res, struct cx_err *err)
{
	struct card *c = of(f);
	size_t room = len + NLA_HDRLEN * (len / ATTR_SIZE + 1);
	struct nl_msg *msg = session_request(c, CXFLASH_CMD_FLASH_WRITE, room, err);
	struct link_op op = {.holds = CX_HOLDS_UNKNOWN};
	bool started = false;
	int ret = 0;

	*res = (struct cx_write_result){.holds = CX_HOLDS_OLD};
	if (!msg)
		return -1;
	nla_put_u32(msg, CXFLASH_A_ADDR, addr);
	nla_put_u32(msg, CXFLASH_A_FLAGS,
		    (flags & CX_WRITE_NO_ERASE ? CXFLASH_WRITE_FLAGS_NO_ERASE : 0) |
			    (flags & CX_WRITE_DISCARD ? CXFLASH_WRITE_FLAGS_DISCARD : 0));
	for (uint32_t at = 0; !ret && at < len; at += ATTR_SIZE)
		ret = nla_put(msg, CXFLASH_A_DATA, len - at < ATTR_SIZE ? len - at : ATTR_SIZE,
			      (const uint8_t *)buf + at);
	if (ret) {
		nlmsg_free(msg);
		return cx_fail(err, CX_FAILED, "%s: out of memory", f->info.name);
	}
	ret = link_operate(&c->link, f->info.name, msg, &op, &started, err);
	if (started)
		*res = (struct cx_write_result){
			.holds = op.holds,
			.erases = op.erases,
			.programs = op.programs,
			.attempts = op.attempts,
		};
	return ret ? fail(c, err) : 0;
}

static int card_set_boot(struct cx_flash *f, uint32_t addr, struct cx_err *err)
{
	struct nl_msg *msg = session_request(of(f), CXFLASH_CMD_BOOT_SET, 0, err);
	struct link_op op;
	bool started;

	if (!msg)
		return -1;
	nla_put_u32(msg, CXFLASH_A_ADDR, addr);
	return link_operate(&of(f)->link, f->info.name, msg, &op, &started, err) ? fail(of(f), err)
										 : 0;
}

static uint32_t be32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

struct words {
	uint32_t *word;
	unsigned int count, done;
};

static int take_words(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	struct words *w = ctx;
	const uint8_t *b;

	(void)h;
	if (!tb[CXFLASH_A_DATA] || nla_len(tb[CXFLASH_A_DATA]) != (int)(w->count * 4))
		return cx_fail(err, CX_FAILED, "the answer to a CR read has the wrong length");
	b = nla_data(tb[CXFLASH_A_DATA]);
	for (; w->done < w->count; w->done++, b += 4)
		w->word[w->done] = be32(b);
	return 0;
}

/* @window: not by the card's own way. */
static int read_words(struct cx_flash *f, bool window, uint32_t addr, uint32_t *word,
		      unsigned int count, struct cx_err *err)
{
	struct card *c = of(f);

	while (count) {
		struct words w = {.word = word, .count = count < CR_WORDS ? count : CR_WORDS};
		struct nl_msg *msg =
			link_request(&c->link, CXFLASH_CMD_CR_READ, 0, f->info.name, 0, err);

		if (!msg)
			return -1;
		nla_put_u32(msg, CXFLASH_A_ADDR, addr);
		nla_put_u32(msg, CXFLASH_A_LEN, w.count * 4);
		if (window)
			nla_put_u32(msg, CXFLASH_A_ACCESS, CXFLASH_ACCESS_CONFIG);
		if (link_talk(&c->link, msg, take_words, &w, err))
			return fail(c, err);
		if (w.done != w.count)
			return cx_fail(err, CX_FAILED, "%s: CR 0x%" PRIx32 " was not answered",
				       f->info.name, addr);
		addr += w.count * 4;
		word += w.count;
		count -= w.count;
	}
	return 0;
}

static int card_cr_read(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
			struct cx_err *err)
{
	return read_words(f, false, addr, word, count, err);
}

static int card_cr_read_window(struct cx_flash *f, uint32_t addr, uint32_t *word,
			       unsigned int count, struct cx_err *err)
{
	if (f->info.config_access)
		return cx_fail(err, CX_REFUSED, "%s: the window is the only way to this card",
			       f->info.name);
	return read_words(f, true, addr, word, count, err);
}

/* The ranges of a CR dump, kept until it is known to be whole. */
struct cr_dump {
	const char *name;
	struct cr_word {
		uint32_t addr, value;
	} * word;
	size_t count;
};

static struct nl_msg *begin_cr_dump(struct link *l, void *ctx, struct cx_err *err)
{
	struct cr_dump *d = ctx;

	d->count = 0;
	return link_request(l, CXFLASH_CMD_CR_READ, NLM_F_DUMP, d->name, 0, err);
}

static int take_range(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	struct cr_dump *d = ctx;
	struct cr_word *more;
	const uint8_t *b;
	size_t words;

	(void)h;
	if (!tb[CXFLASH_A_ADDR] || !tb[CXFLASH_A_DATA])
		return cx_fail(err, CX_FAILED, "a message of the CR dump has no words");
	b = nla_data(tb[CXFLASH_A_DATA]);
	words = nla_len(tb[CXFLASH_A_DATA]) / 4;
	if (!words)
		return 0;
	more = reallocarray(d->word, d->count + words, sizeof(*more));
	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory");
	d->word = more;
	for (size_t i = 0; i < words; i++)
		d->word[d->count++] =
			(struct cr_word){link_u32(tb, CXFLASH_A_ADDR) + 4 * i, be32(b + 4 * i)};
	return 0;
}

static int card_cr_dump(struct cx_flash *f, void (*word)(uint32_t addr, uint32_t value, void *ctx),
			void *ctx, struct cx_err *err)
{
	struct cr_dump d = {.name = f->info.name};
	int ret = link_dump(&of(f)->link, begin_cr_dump, take_range, &d, err);

	for (size_t i = 0; !ret && i < d.count; i++)
		word(d.word[i].addr, d.word[i].value, ctx);
	free(d.word);
	return ret ? fail(of(f), err) : 0;
}

/* ---- cards ---- */

static void take_info(struct nlattr **tb, struct cx_flash_info *info)
{
	static const char *const binding[] = {
		[CXFLASH_BINDING_RECOVERY] = "recovery",
		[CXFLASH_BINDING_TAKEOVER] = "takeover",
		[CXFLASH_BINDING_BESIDE] = "beside",
	};
	uint32_t b = link_u32(tb, CXFLASH_A_BINDING);

	*info = (struct cx_flash_info){
		.name = info->name,
		.pci_device =
			tb[CXFLASH_A_PCI_DEVICE_ID] ? nla_get_u16(tb[CXFLASH_A_PCI_DEVICE_ID]) : 0,
		.chip_id = tb[CXFLASH_A_CHIP_ID] ? nla_get_u16(tb[CXFLASH_A_CHIP_ID]) : 0,
		.chip_rev = tb[CXFLASH_A_CHIP_REV] ? nla_get_u8(tb[CXFLASH_A_CHIP_REV]) : 0,
		.recovery = tb[CXFLASH_A_RECOVERY],
		.jedec = link_u32(tb, CXFLASH_A_JEDEC_ID),
		.size = link_u32(tb, CXFLASH_A_FLASH_SIZE),
		.erase_sizes = link_u32(tb, CXFLASH_A_ERASE_SIZES),
		.page_size = link_u32(tb, CXFLASH_A_PAGE_SIZE),
		.erase_4k_ms = link_u32(tb, CXFLASH_A_ERASE_4K_MS),
		.erase_64k_ms = link_u32(tb, CXFLASH_A_ERASE_64K_MS),
		.program_us = link_u32(tb, CXFLASH_A_PROGRAM_US),
		.status = tb[CXFLASH_A_STATUS] ? nla_get_u8(tb[CXFLASH_A_STATUS]) : 0,
		.protect_bits =
			tb[CXFLASH_A_PROTECT_BITS] ? nla_get_u8(tb[CXFLASH_A_PROTECT_BITS]) : 0,
		.write_protected = tb[CXFLASH_A_WRITE_PROTECTED],
		.config_access = link_u32(tb, CXFLASH_A_ACCESS) == CXFLASH_ACCESS_CONFIG,
	};
	link_text(tb, CXFLASH_A_PART, info->part, sizeof(info->part));
	snprintf(info->binding, sizeof(info->binding), "%s",
		 b < sizeof(binding) / sizeof(*binding) ? binding[b] : "unknown");
}

static int keep_info(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	(void)h;
	(void)err;
	take_info(tb, ctx);
	return 0;
}

static int get_info(struct link *l, const char *name, struct cx_flash_info *info,
		    struct cx_err *err)
{
	struct nl_msg *msg = link_request(l, CXFLASH_CMD_CARD_GET, 0, name, 0, err);

	if (!msg || link_talk(l, msg, keep_info, info, err))
		return -1;
	if (info->size)
		return 0;
	cx_fail(err, CX_BUSY, "its flash part could not be asked which it is");
	if (blame_openers(name, err))
		return -1;
	return cx_fail(err, CX_FAILED,
		       "its flash part is not known; does another program hold the flash "
		       "semaphore? cxflashctl semaphore show -d %s",
		       name);
}

static int card_unlock(struct cx_flash *f, struct cx_err *err)
{
	struct card *c = of(f);
	struct nl_msg *msg;

	if (!c->session)
		return 0;
	msg = session_request(c, CXFLASH_CMD_UNLOCK, 0, err);
	c->session = 0;
	if (!msg || link_talk(&c->link, msg, NULL, NULL, err))
		return fail(c, err);
	return 0;
}

struct session {
	uint32_t session, cookie;
};

static int keep_session(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	struct session *s = ctx;

	(void)h;
	*s = (struct session){link_u32(tb, CXFLASH_A_SESSION), link_u32(tb, CXFLASH_A_COOKIE)};
	return s->session && s->cookie ? 0 : cx_fail(err, CX_FAILED, "the module gave no session");
}

static int card_lock(struct cx_flash *f, struct cx_err *err)
{
	struct card *c = of(f);
	struct nl_msg *msg = link_request(&c->link, CXFLASH_CMD_LOCK, 0, f->info.name, 0, err);
	struct session s = {0};
	struct cx_err unused;
	struct link_op op;

	if (!msg)
		return -1;
	c->link.event = (struct link_op){0};
	if (link_talk(&c->link, msg, keep_session, &s, err))
		return fail(c, err);
	c->session = s.session;
	/* The part was identified anew: what is known of it may have changed. */
	if (link_wait(&c->link, f->info.name, s.cookie, f->stop, &op, err) ||
	    get_info(&c->link, f->info.name, &f->info, err)) {
		fail(c, err);
		card_unlock(f, &unused);
		return -1;
	}
	return 0;
}

static void card_close(struct cx_flash *f)
{
	link_close(&of(f)->link); /* a lock falls with its socket */
	free(f);
}

/* The module has read back what it wrote. */
static int card_sync(struct cx_flash *f, struct cx_err *err)
{
	(void)f;
	(void)err;
	return 0;
}

static const struct cx_flash_ops card_ops = {
	.read = card_read,
	.write = card_write,
	.set_boot = card_set_boot,
	.cr_read = card_cr_read,
	.cr_read_window = card_cr_read_window,
	.cr_dump = card_cr_dump,
	.sync = card_sync,
	.lock = card_lock,
	.unlock = card_unlock,
	.close = card_close,
};

int cx_flash_open_card(const char *name, struct cx_flash **f, struct cx_err *err)
{
	struct card *c = calloc(1, sizeof(*c));

	if (!c)
		return cx_fail(err, CX_FAILED, "%s: out of memory", name);
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->f.info.name = c->name;
	c->f.ops = &card_ops;
	if (link_open(&c->link, err) || get_info(&c->link, name, &c->f.info, err)) {
		card_close(&c->f);
		return cx_fail_in(err, name);
	}
	*f = &c->f;
	return 0;
}

struct list {
	struct cx_served *card;
	size_t count;
};

static int add_card(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	struct list *list = ctx;
	struct cx_served *more = realloc(list->card, (list->count + 1) * sizeof(*more));

	(void)h;
	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory");
	list->card = more;
	more[list->count] = (struct cx_served){0};
	link_text(tb, CXFLASH_A_NAME, more[list->count].name, sizeof(more->name));
	take_info(tb, &more[list->count].info);
	more[list->count++].lock_owner = link_u32(tb, CXFLASH_A_LOCK_OWNER);
	return 0;
}

static struct nl_msg *begin_list(struct link *l, void *ctx, struct cx_err *err)
{
	((struct list *)ctx)->count = 0;
	return link_request(l, CXFLASH_CMD_CARD_GET, NLM_F_DUMP, NULL, 0, err);
}

int cx_netlink_cards(struct cx_served **cards, size_t *count, struct cx_err *err)
{
	struct list list = {0};
	struct link l;
	int ret;

	if (link_open(&l, err))
		return -1;
	ret = link_dump(&l, begin_list, add_card, &list, err);
	link_close(&l);
	if (ret) {
		free(list.card);
		return -1;
	}
	for (size_t i = 0; i < list.count; i++)
		list.card[i].info.name = list.card[i].name;
	*cards = list.card;
	*count = list.count;
	return 0;
}

static int simple(uint8_t cmd, const char *name, link_answer_fn fn, void *ctx, struct cx_err *err)
{
	struct nl_msg *msg;
	struct link l;
	int ret;

	if (link_open(&l, err))
		return cx_fail_in(err, name);
	msg = link_request(&l, cmd, 0, name, 0, err);
	ret = msg ? link_talk(&l, msg, fn, ctx, err) : -1;
	link_close(&l);
	return ret ? cx_fail_in(err, name) : 0;
}

int cx_netlink_attach(const char *name, struct cx_err *err)
{
	struct link_op op = {0};
	struct nl_msg *msg;
	struct link l;
	bool started;
	int ret;

	if (link_open(&l, err))
		return cx_fail_in(err, name);
	msg = link_request(&l, CXFLASH_CMD_ATTACH, 0, name, 0, err);
	ret = msg ? link_operate(&l, name, msg, &op, &started, err) : -1;
	link_close(&l);
	/* A part that could not be identified is served all the same; the next lock tries again. */
	return ret && !op.error ? cx_fail_in(err, name) : 0;
}

int cx_netlink_detach(const char *name, struct cx_err *err)
{
	return simple(CXFLASH_CMD_DETACH, name, NULL, NULL, err);
}

static int take_semaphores(struct nlattr **tb, const struct nlmsghdr *h, void *ctx,
			   struct cx_err *err)
{
	static const enum cx_semaphore states[] = {
		[CXFLASH_SEMAPHORE_STATE_ABSENT] = CX_SEMAPHORE_ABSENT,
		[CXFLASH_SEMAPHORE_STATE_FREE] = CX_SEMAPHORE_FREE,
		[CXFLASH_SEMAPHORE_STATE_HELD] = CX_SEMAPHORE_HELD,
	};
	enum cx_semaphore *state = ctx;

	(void)h;
	for (int i = 0; i < 2; i++) {
		uint32_t s = link_u32(tb, i ? CXFLASH_A_SEMAPHORE2 : CXFLASH_A_SEMAPHORE);

		if (s >= sizeof(states) / sizeof(*states))
			return cx_fail(err, CX_FAILED, "a semaphore is in an unknown state");
		state[i] = states[s];
	}
	return 0;
}

int cx_netlink_semaphore(const char *name, bool clear, enum cx_semaphore state[2],
			 struct cx_err *err)
{
	uint8_t cmd = clear ? CXFLASH_CMD_SEMAPHORE_CLEAR : CXFLASH_CMD_SEMAPHORE_GET;
	uint64_t end = cx_now_ms() + SEMAPHORE_MS;
	int ret;

	while ((ret = simple(cmd, name, take_semaphores, state, err)) && err->status == CX_BUSY &&
	       cx_now_ms() < end)
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	return ret;
}
