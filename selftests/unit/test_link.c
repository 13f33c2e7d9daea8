// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conversation with the module, whose side is played here: these functions of libnl are the
 * test's own. Dumps that are crossed or lose messages are asked for again, an errno is never all
 * that is said, and no deadline goes by a clock that somebody sets.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "dev/link.h"
#include "dev/netlink.h"
#include "dev/running.h"
#include "tap.h"

#define FAMILY 42
#define CARD   "0000:04:00.0"

/* ---- the kernel ---- */

/* What comes to the socket, one after the other. */
static struct {
	unsigned char *bytes;
	int len; /* or the number of an error of libnl */
} inbox[64];
static unsigned int inbox_first, inbox_last, asked;
static uint32_t seq;
static void (*kernel)(uint8_t cmd); /* answers a request */

static void post(struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	inbox[inbox_last].bytes = malloc(h->nlmsg_len);
	memcpy(inbox[inbox_last].bytes, h, h->nlmsg_len);
	inbox[inbox_last++].len = h->nlmsg_len;
	nlmsg_free(msg);
}

static void post_failure(int number)
{
	inbox[inbox_last++].len = -number;
}

static struct nl_msg *message(uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, seq, FAMILY, 0, flags, cmd, 1);
	return msg;
}

/* An acknowledgement is error 0. */
static void post_error(int error, const char *sentence)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsghdr *h = nlmsg_put(msg, 0, seq, NLMSG_ERROR, 0,
				       sentence ? NLM_F_CAPPED | NLM_F_ACK_TLVS : NLM_F_CAPPED);
	struct nlmsgerr e = {.error = -error};

	(void)h;
	nlmsg_append(msg, &e, sizeof(e), NLMSG_ALIGNTO);
	if (sentence)
		nla_put_string(msg, NLMSGERR_ATTR_MSG, sentence);
	post(msg);
}

static void post_done(void)
{
	struct nl_msg *msg = nlmsg_alloc();
	int zero = 0;

	nlmsg_put(msg, 0, seq, NLMSG_DONE, 0, NLM_F_MULTI);
	nlmsg_append(msg, &zero, sizeof(zero), NLMSG_ALIGNTO);
	post(msg);
}

static void post_info(void)
{
	struct nl_msg *msg = message(CXFLASH_CMD_CARD_GET, 0);

	nla_put_string(msg, CXFLASH_A_NAME, CARD);
	nla_put_u32(msg, CXFLASH_A_FLASH_SIZE, 0x200000);
	nla_put_u32(msg, CXFLASH_A_BINDING, CXFLASH_BINDING_BESIDE);
	post(msg);
	post_error(0, NULL);
}

/* Words of CR space, each its own address; @crossed: something has changed meanwhile. */
static void post_range(uint32_t addr, bool crossed)
{
	struct nl_msg *msg =
		message(CXFLASH_CMD_CR_READ, NLM_F_MULTI | (crossed ? NLM_F_DUMP_INTR : 0));
	uint8_t word[] = {0, 0, addr >> 8, addr};

	nla_put_u32(msg, CXFLASH_A_ADDR, addr);
	nla_put(msg, CXFLASH_A_DATA, sizeof(word), word);
	post(msg);
}

int genl_connect(struct nl_sock *sk)
{
	(void)sk;
	return 0;
}

int genl_ctrl_resolve(struct nl_sock *sk, const char *name)
{
	(void)sk;
	(void)name;
	return FAMILY;
}

int nl_socket_set_buffer_size(struct nl_sock *sk, int rx, int tx)
{
	(void)sk;
	(void)rx;
	(void)tx;
	return 0;
}

/* One that is readable as long as the kernel has something to say. */
int nl_socket_get_fd(const struct nl_sock *sk)
{
	static int full = -1, empty = -1;

	(void)sk;
	if (full < 0) {
		full = eventfd(1, EFD_CLOEXEC);
		empty = eventfd(0, EFD_CLOEXEC);
	}
	return inbox_first < inbox_last ? full : empty;
}

int nl_send_auto(struct nl_sock *sk, struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	(void)sk;
	h->nlmsg_seq = ++seq;
	asked++;
	kernel(genlmsg_hdr(h)->cmd);
	return h->nlmsg_len;
}

int nl_recv(struct nl_sock *sk, struct sockaddr_nl *from, unsigned char **buf, struct ucred **creds)
{
	(void)sk;
	(void)creds;
	if (inbox_first == inbox_last)
		return -NLE_FAILURE;
	memset(from, 0, sizeof(*from));
	*buf = inbox[inbox_first].bytes;
	return inbox[inbox_first++].len;
}

/* Somebody sets the wall clock by a year whenever it is looked at. */
time_t time(time_t *t)
{
	static time_t now;

	now += 365 * 24 * 3600;
	if (t)
		*t = now;
	return now;
}

static struct cx_flash *open_card(void)
{
	struct cx_flash *f;
	struct cx_err err;

	if (cx_flash_open_card(CARD, &f, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return f;
}

/* The kernel says nothing more, and nothing of before is left. */
static void begin(void (*answers)(uint8_t cmd))
{
	while (inbox_first < inbox_last)
		free(inbox[inbox_first++].bytes);
	inbox_first = inbox_last = asked = 0;
	kernel = answers;
}

/* ---- dumps ---- */

static unsigned int bad_dumps; /* so many, then a whole one */
static bool loses;

static void dumps(uint8_t cmd)
{
	if (cmd == CXFLASH_CMD_CARD_GET) {
		post_info();
		return;
	}
	post_range(0x14, false);
	if (bad_dumps && loses)
		post_failure(NLE_NOMEM);
	else
		post_range(0x18, bad_dumps > 0);
	bad_dumps -= bad_dumps > 0;
	post_done();
}

static uint32_t sum;
static unsigned int words;

static void add_word(uint32_t addr, uint32_t value, void *ctx)
{
	(void)ctx;
	sum += addr + value;
	words++;
}

static void dump(const char *name, unsigned int bad, bool lost, int want)
{
	struct cx_flash *f;
	struct cx_err err;

	begin(dumps);
	f = open_card();
	bad_dumps = bad;
	loses = lost;
	sum = words = asked = 0;
	is_int(f->ops->cr_dump(f, add_word, NULL, &err), want, "CR dump, %s", name);
	is_int(words, want ? 0 : 2, "%s: every word is told once, or none", name);
	is_int(sum, want ? 0 : 2 * (0x14 + 0x18), "%s: and is right", name);
	is_int(asked, want ? 16 : bad + 1, "%s: asked for as often as it takes", name);
	if (want) {
		is_int(err.status, CX_BUSY, "%s: its status", name);
		has_str(err.text, CARD ": what is read changes all the time", "%s: why", name);
	}
	f->ops->close(f);
}

/* ---- refusals ---- */

static int error;
static const char *sentence;
static bool served; /* does the module still know the card? */

static void refuses(uint8_t cmd)
{
	if (cmd == CXFLASH_CMD_CARD_GET && served)
		post_info();
	else
		post_error(cmd == CXFLASH_CMD_CARD_GET ? ENODEV : error, sentence);
}

/* What a person reads when a request to an open card is refused so. */
static void refusal(int number, const char *says, bool known, enum cx_status status,
		    const char *want)
{
	struct cx_flash *f;
	struct cx_err err;
	uint8_t bytes[16];
	uint32_t word;

	begin(refuses);
	served = true;
	f = open_card();
	error = number;
	sentence = says;
	served = known;
	is_int(f->ops->cr_read(f, 0xf0014, &word, 1, &err), -1, "errno %d: CR space", number);
	has_str(err.text, want, "errno %d: what happened, and what to run", number);
	is_int(err.status, status, "errno %d: its status", number);
	is_int(f->ops->read(f, 0, bytes, 16, &err), -1, "errno %d: flash", number);
	has_str(err.text, want, "errno %d: the same", number);
	ok(strcmp(err.text, strerror(number)) && !strstr(err.text, ": No such") &&
		   !strstr(err.text, "Protocol not supported"),
	   "errno %d: is not its text", number);
	f->ops->close(f);
}

static void refusals(void)
{
	refusal(ENOENT, NULL, false, CX_NOT_FOUND,
		"the kernel module has been removed: run modprobe cxflash");
	refusal(EPROTONOSUPPORT, NULL, false, CX_NOT_FOUND,
		"the kernel module has been removed: run modprobe cxflash");
	refusal(ENODEV, "No such card is served by cxflash", false, CX_NOT_FOUND,
		"the driver that it was served beside has let go of it; to go on: "
		"cxflashctl attach -d " CARD);
	refusal(ENOTCONN, "The driver that held the card has just left", true, CX_NOT_FOUND,
		"has let go of it; to go on: cxflashctl attach -d " CARD);
	refusal(ENODEV, "The card is gone: its device id register reads all ones", true,
		CX_NOT_FOUND, "device id register reads all ones");
	refusal(EOPNOTSUPP, NULL, true, CX_REFUSED, "tool and module differ in version");
	refusal(ENOMEM, NULL, true, CX_FAILED, "no memory");
	refusal(EBUSY, NULL, true, CX_BUSY, "try again");
	for (int n = 1; n < 134; n++) {
		struct cx_flash *f;
		struct cx_err err;
		uint32_t word;

		begin(refuses);
		served = true;
		f = open_card();
		error = n;
		sentence = NULL;
		f->ops->cr_read(f, 0xf0014, &word, 1, &err);
		if (strlen(err.text) < strlen(CARD ": ") + strlen(strerror(n)) + 20 &&
		    strstr(err.text, strerror(n)))
			ok(false, "errno %d alone: %s", n, err.text);
		f->ops->close(f);
	}
}

/* ---- waiting ---- */

static unsigned int looks; /* until the operation has ended */
static volatile sig_atomic_t stop;

static void operates(uint8_t cmd)
{
	struct nl_msg *msg;

	if (cmd == CXFLASH_CMD_CARD_GET) {
		post_info();
		return;
	}
	if (cmd == CXFLASH_CMD_LOCK) {
		msg = message(cmd, 0);
		nla_put_u32(msg, CXFLASH_A_SESSION, 7);
		nla_put_u32(msg, CXFLASH_A_COOKIE, 9);
		post(msg);
		if (looks)
			post_failure(NLE_NOMEM); /* the event is lost: op-get is asked at once */
	} else if (cmd == CXFLASH_CMD_OP_GET) {
		msg = message(cmd, 0);
		nla_put_u32(msg, CXFLASH_A_COOKIE, 9);
		nla_put_u32(msg, CXFLASH_A_OP_STATE,
			    --looks ? CXFLASH_OP_STATE_RUNNING : CXFLASH_OP_STATE_DONE);
		post(msg);
		stop = 1;
		if (looks)
			post_failure(NLE_NOMEM);
	}
	post_error(0, NULL);
	if (cmd == CXFLASH_CMD_OP_GET && looks)
		post_failure(NLE_NOMEM);
}

static void waits(void)
{
	struct cx_flash *f;
	struct cx_err err = {0};

	begin(operates);
	looks = 4;
	f = open_card();
	ok(!f->ops->lock(f, &err), "a clock that is set ends no wait (%s)", err.text);
	f->ops->close(f);

	begin(operates);
	looks = 1000;
	stop = 0;
	f = open_card();
	f->stop = &stop;
	is_int(f->ops->lock(f, &err), -1, "a wait for the lock is given up when it is asked to");
	has_str(err.text, "stopped as asked", "and says so");
	f->ops->close(f);
}

/* ---- running versions ---- */

static uint32_t version_words[2];

static int cr_read(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
		   struct cx_err *err)
{
	(void)f;
	(void)err;
	is_int(addr, 0x1f064, "two words at their place");
	is_int(count, 2, "and no more");
	memcpy(word, version_words, sizeof(version_words));
	return 0;
}

static void running(void)
{
	static const struct {
		uint32_t w[2];
		bool is;
	} chip[] = {
		{{2 << 16, 9 << 16 | 1000}, true},
		{{UINT32_MAX, UINT32_MAX}, false},
		{{2 << 16, UINT32_MAX}, false},
		{{UINT32_MAX, 9 << 16}, false},
		{{0, 0}, false},
	};
	static const struct {
		const char *text;
		bool is;
	} told[] = {
		{"2.9.1000", true},	      {"2.10.0720", true}, {"0.0.0", false},
		{"65535.65535.65535", false}, {"", false},	   {"2.9", false},
		{"70000.1.1", false},
	};
	const struct cx_flash_ops ops = {.cr_read = cr_read};
	struct cx_flash f = {.ops = &ops};
	uint16_t v[3];

	for (size_t i = 0; i < sizeof(chip) / sizeof(*chip); i++) {
		memcpy(version_words, chip[i].w, sizeof(version_words));
		is_int(cx_running(&f, v), chip[i].is, "0x%08x 0x%08x: is it a version",
		       chip[i].w[0], chip[i].w[1]);
	}
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		is_int(cx_running_text(told[i].text, v), told[i].is, "'%s': is it a version",
		       told[i].text);
	ok(cx_running_text("2.10.0720", v) && v[0] == 2 && v[1] == 10 && v[2] == 720,
	   "leading zeros count nothing");
}

int main(void)
{
	dump("whole", 0, false, 0);
	dump("crossed by a change once", 1, false, 0);
	dump("of which messages are lost twice", 2, true, 0);
	dump("crossed every time", 1000, false, -1);
	dump("never whole", 1000, true, -1);
	refusals();
	waits();
	running();
	begin(NULL);
	return tap_done();
}
