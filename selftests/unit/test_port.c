// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing the types of ports, on a tree of plain files. What mlx4_core does when a type is written
 * is done by kernel_put(): it remembers a wish that it refuses, wants both ports alike on firmware
 * without per-port types, and takes every interface away for a change.
 */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <unistd.h>

#include "folders.h"
#include "host/port.h"
#include "tap.h"

#define CARD "0000:04:00.0"
#define DIR  "/sys/bus/pci/devices/" CARD

enum { IB = 1, ETH = 2, BOTH = 3 };

static char top[] = "/tmp/test_port.XXXXXX";

static struct {
	unsigned int supported; /* of each port */
	bool each;		/* types for each port */
	int broken;		/* the errno that the firmware's refusal of any change becomes */
	bool lost;		/* the driver does not come back from a change */
	bool gone;		/* nor does the card */
	bool stuck;		/* after a first write the driver takes no other */
	int slow;		/* tenths of a second until the interfaces are there */
	char type[PORTS_MAX][8], wish[PORTS_MAX][8];
	unsigned int writes;
	int changes, waits;
	char log[128];
} card;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void clear(const char *path)
{
	char full[200];

	snprintf(full, sizeof(full), "%s%s", top, path);
	nftw(full, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the kernel ---- */

static void show_types(void)
{
	for (int n = 0; n < PORTS_MAX; n++) {
		char text[24];

		snprintf(text, sizeof(text), strcmp(card.wish[n], "auto") ? "%s\n" : "auto (%s)\n",
			 card.type[n]);
		put(text, "%s" DIR "/mlx4_port%d", top, n + 1);
	}
}

static void show_interfaces(void)
{
	clear(DIR "/net");
	clear(DIR "/infiniband");
	for (int n = 0; n < PORTS_MAX; n++) {
		bool ib = !strcmp(card.type[n], "ib");
		char port[16];

		snprintf(port, sizeof(port), "%d\n", n);
		put(port, "%s" DIR "/net/%s%d/dev_port", top, ib ? "cxib" : "cxeth", n);
		put(ib ? "32\n" : "1\n", "%s" DIR "/net/%s%d/type", top, ib ? "cxib" : "cxeth", n);
		put("0x1002\n", "%s" DIR "/net/%s%d/flags", top, ib ? "cxib" : "cxeth", n);
		put(ib ? "InfiniBand\n" : "Ethernet\n",
		    "%s" DIR "/infiniband/mlx4_0/ports/%d/link_layer", top, n + 1);
		put(ib ? "2: INIT\n" : "1: DOWN\n", "%s" DIR "/infiniband/mlx4_0/ports/%d/state",
		    top, n + 1);
	}
	put("0002:c903:00a1:b2c0\n", "%s" DIR "/infiniband/mlx4_0/node_guid", top);
	put("MT_1090120019\n", "%s" DIR "/infiniband/mlx4_0/board_id", top);
}

static bool knows(const char *type)
{
	return card.supported & (!strcmp(type, "ib") ? IB : ETH);
}

static int change(void)
{
	char type[PORTS_MAX][8];

	for (int n = 0; n < PORTS_MAX; n++)
		memcpy(type[n], strcmp(card.wish[n], "auto") ? card.wish[n] : card.type[n], 8);
	if (!card.each && strcmp(type[0], type[1]))
		return -EOPNOTSUPP;
	if (!strcmp(type[0], card.type[0]) && !strcmp(type[1], card.type[1]))
		return 0;
	if (card.gone)
		clear(DIR);
	if (card.broken)
		return -card.broken;
	memcpy(card.type, type, sizeof(type));
	card.changes++;
	clear(DIR "/net");
	clear(DIR "/infiniband");
	card.waits = 0;
	if (!card.slow && !card.lost)
		show_interfaces();
	return 0;
}

static int kernel_put(const struct cx_machine *m, const char *path, const char *value)
{
	int n = path[strlen(path) - 1] - '1', ret = 0;

	ok(!strcmp(m->root, top) && (n == 0 || n == 1), "a write to port %d: %s", n + 1, value);
	card.writes++;
	snprintf(card.log + strlen(card.log), sizeof(card.log) - strlen(card.log), "%d=%s ", n + 1,
		 value);
	if (strcmp(value, "auto") ? !knows(value) : card.supported != BOTH || !card.each)
		ret = -EOPNOTSUPP;
	if (card.stuck && card.writes > 1)
		return -EBUSY;
	if (!ret || !strcmp(value, "auto") || knows(value))
		snprintf(card.wish[n], sizeof(card.wish[n]), "%s", value);
	if (!ret)
		ret = change();
	if (!card.gone)
		show_types();
	return ret;
}

static void kernel_wait(const struct cx_machine *m)
{
	(void)m;
	if (++card.waits == card.slow && !card.lost)
		show_interfaces();
}

/* ---- tests ---- */

static char notes[1000], shown[500];

static void note(const char *text, void *ctx)
{
	(void)ctx;
	snprintf(notes + strlen(notes), sizeof(notes) - strlen(notes), "%s\n", text);
}

static void show(const char *path, const char *value, void *ctx)
{
	(void)ctx;
	snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%s <- %s\n",
		 strrchr(path, '/') + 1, value);
}

static const struct cx_machine machine = {.root = top};
static const struct port_options usual = {
	.put = kernel_put, .wait = kernel_wait, .note = note, .show = show};

static void start(unsigned int supported, bool each, const char *types)
{
	memset(&card, 0, sizeof(card));
	card.supported = supported;
	card.each = each;
	sscanf(types, "%7s %7s", card.wish[0], card.wish[1]);
	for (int n = 0; n < PORTS_MAX; n++)
		snprintf(card.type[n], 8, "%s", strcmp(card.wish[n], "auto") ? card.wish[n] : "ib");
	*notes = *shown = '\0';
	show_types();
	show_interfaces();
}

/* Set what @words say, like "1=ib 2=eth". */
static int set(const char *words, const struct port_options *opt, struct port_view *after,
	       struct cx_err *err)
{
	char wish[PORTS_MAX][8] = {"", ""}, copy[40], *rest = copy, *word;
	struct port_view before;

	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&rest, " ")))
		if (port_request(word, wish, err))
			return -1;
	if (port_look(&machine, CARD, &before, err))
		return -1;
	return port_set(&machine, &before, wish, opt, after, err);
}

static void changing(void)
{
	static const struct {
		const char *name;
		unsigned int supported;
		bool each;
		const char *from, *words;
		enum cx_status status;
		const char *to, *writes;
		int changes;
	} rows[] = {
		{"both to Ethernet", BOTH, true, "ib ib", "1=eth 2=eth", CX_OK, "eth eth",
		 "2=eth 1=eth ", 2},
		{"one of two", BOTH, true, "ib ib", "2=eth", CX_OK, "ib eth", "2=eth ", 1},
		{"what it is", BOTH, true, "eth ib", "1=eth 2=ib", CX_NOTHING, "eth ib", "", 0},
		{"what was sensed, pinned", BOTH, true, "auto auto", "1=ib", CX_OK, "ib auto",
		 "1=ib ", 0},
		{"sensing again", BOTH, true, "ib eth", "1=auto 2=auto", CX_OK, "auto auto",
		 "2=auto 1=auto ", 0},
		{"both, of firmware that wants them alike", BOTH, false, "ib ib", "1=eth 2=eth",
		 CX_OK, "eth eth", "2=eth 1=eth ", 1},
		{"one, of such firmware", BOTH, false, "ib ib", "1=eth", CX_FAILED, "ib ib",
		 "1=eth 2=ib 1=ib ", 0},
		{"auto, of such firmware", BOTH, false, "ib ib", "1=auto", CX_FAILED, "ib ib",
		 "1=auto 2=ib 1=ib ", 0},
		{"InfiniBand, of Ethernet firmware", ETH, true, "eth eth", "1=ib 2=ib", CX_FAILED,
		 "eth eth", "2=ib 1=ib 2=eth 1=eth ", 0},
		{"Ethernet, of InfiniBand firmware", IB, true, "ib ib", "1=eth", CX_FAILED, "ib ib",
		 "1=eth 2=ib 1=ib ", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct port_view after;
		struct cx_err err = {0};
		char now[24];

		start(rows[i].supported, rows[i].each, rows[i].from);
		is_int(set(rows[i].words, &usual, &after, &err), rows[i].status ? -1 : 0, "%s: %s",
		       rows[i].name, err.text);
		is_int(err.status, rows[i].status, "its status");
		snprintf(now, sizeof(now), "%s %s", after.port[0].wished, after.port[1].wished);
		is_str(now, rows[i].to, "the ports as they are then");
		is_str(card.log, rows[i].writes, "what was written");
		is_int(card.changes, rows[i].changes, "how often the interfaces went");
		ok(*after.port[0].netdev && *after.port[1].netdev, "the interfaces are there");
		if (rows[i].status == CX_FAILED)
			has_str(err.text, "it was put back", "and it says so");
	}
}

static void failing(void)
{
	struct port_view after;
	struct cx_err err;

	start(BOTH, true, "ib ib");
	card.slow = 7;
	is_int(set("1=eth 2=eth", &usual, &after, &err), 0, "slow interfaces are waited for");
	is_int(card.waits, 7, "as long as it takes");

	start(BOTH, true, "ib ib");
	card.broken = EIO;
	is_int(set("1=eth 2=eth", &usual, &after, &err), -1, "the firmware's refusal is told");
	has_str(err.text, "port 2 does not become eth: Input/output error", "with port and reason");
	is_str(card.log, "2=eth 2=ib 1=ib ", "it is not tried further, but put back");
	is_str(after.port[1].type, "ib", "to what it was");

	start(BOTH, true, "ib ib");
	card.broken = EACCES;
	is_int(set("1=eth", &usual, &after, &err), -1, "a file that may not be written is told");
	is_int(err.status, CX_REFUSED, "as a refusal");
	has_str(err.text, "root, and no SR-IOV", "with what it takes");

	start(BOTH, true, "ib auto");
	card.broken = EIO;
	card.stuck = true;
	is_int(set("2=eth", &usual, &after, &err), -1, "what cannot be put back is told");
	has_str(err.text, "it could not be put back: port 1 ib, port 2 ib", "with what is there");
	is_str(after.port[1].wished, "ib", "which is no longer auto");

	start(BOTH, true, "ib ib");
	card.lost = true;
	is_int(set("1=eth", &usual, &after, &err), -1, "an interface that stays away is a failure");
	has_str(err.text, "cxflashctl check", "with the next step");
	is_int(card.waits, 100, "after ten seconds");
}

static void make_card(void)
{
	put("0x15b3\n", "%s" DIR "/vendor", top);
	put("0x1003\n", "%s" DIR "/device", top);
	if (symlink("../../drivers/mlx4_core", strcat(strcpy((char[200]){0}, top), DIR "/driver")))
		abort();
}

static void vanishing(void)
{
	struct port_view after;
	struct cx_err err;

	start(BOTH, true, "ib ib");
	card.gone = true;
	card.broken = EIO;
	is_int(set("1=eth", &usual, &after, &err), -1, "a card that vanishes meanwhile is told");
	has_str(err.text, CARD ": there is no such PCI function", "by its address");
	is_int(card.writes, 1, "nothing more is written to it");
	make_card();
}

static void refusing(void)
{
	static const char *const bad[] = {"3=ib", "ib", "1=infiniband", "1=", "=ib", "1=ib 1=eth"};
	struct port_options opt = usual;
	struct port_view after;
	struct cx_err err;

	start(BOTH, true, "ib ib");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(set(bad[i], &usual, &after, &err) && err.status == CX_USAGE, "no wish: %s",
		   bad[i]);
	put("0x1003\n", "%s" DIR "/net/cxib1/flags", top);
	is_int(set("1=eth", &usual, &after, &err), -1, "what is in use is left alone");
	is_int(err.status, CX_REFUSED, "it is refused");
	has_str(err.text, "cxib1 is up", "also for the other port's interface");
	has_str(err.text, "--force", "and the flag is named");
	is_int(set("1=auto", &usual, &after, &err), -1, "auto may change the type too");
	is_int(card.writes, 0, "nothing was written for all that");

	opt.dry_run = true;
	is_int(set("1=eth 2=eth", &opt, &after, &err), 0, "a dry run goes through");
	has_str(notes, "cxib1 is up", "it says what would fall");
	is_str(shown, "mlx4_port2 <- eth\nmlx4_port1 <- eth\n", "it shows the writes");
	is_int(card.writes, 0, "and does none");

	opt = usual;
	opt.force = true;
	is_int(set("1=eth", &opt, &after, &err), 0, "force is force");
	has_str(notes, "is unusual", "Ethernet before InfiniBand is remarked");

	start(BOTH, true, "ib ib");
	clear("/sys/module/mlx4_en");
	is_int(set("1=eth", &usual, &after, &err), -1, "a type whose module is missing is refused");
	has_str(err.text, "has no mlx4_en", "by name");
	put("kernel/drivers/mlx4_en.ko:\n", "%s/lib/modules/6.1.0/modules.dep", top);
	put("blacklist mlx4_en\n", "%s/etc/modprobe.d/x.conf", top);
	is_int(set("1=eth", &usual, &after, &err), -1, "and one whose module is blacklisted");
	has_str(err.text, "/etc/modprobe.d/x.conf, line 1", "with the place");
	clear("/etc/modprobe.d");
	is_int(set("1=eth", &usual, &after, &err), 0, "one that can be loaded will do");
	put("0\n", "%s/sys/module/mlx4_en/refcnt", top);

	start(BOTH, true, "ib ib");
	put("", "%s" DIR "/virtfn0", top);
	clear(DIR "/virtfn0");
	if (symlink("../0000:04:00.1", strcat(strcpy((char[200]){0}, top), DIR "/virtfn0")))
		abort();
	is_int(set("1=eth", &usual, &after, &err), -1, "SR-IOV fixes the types");
	has_str(err.text, "virtual functions are on", "as it says");
	clear(DIR "/virtfn0");
	clear(DIR "/mlx4_port2");
	is_int(set("2=eth", &usual, &after, &err), -1, "a port that is not there is refused");
	has_str(err.text, "no port 2", "as it says");
}

static const char *rules(void)
{
	static char text[2000];
	char path[200];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s" PORT_RULES, top);
	f = fopen(path, "r");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = '\0';
	if (f)
		fclose(f);
	return text;
}

static void persisting(void)
{
	static const char other[] = "ACTION==\"add|bind\", KERNEL==\"0000:05:00.0\", "
				    "RUN+=\"/bin/sh -c 'echo ib >%S%p/mlx4_port1'\"";
	char wish[PORTS_MAX][8] = {"eth", "eth"}, first[2000];
	struct port_view v;
	struct cx_err err;

	start(BOTH, true, "ib ib");
	if (port_look(&machine, CARD, &v, &err))
		abort();
	is_int(port_persist(&machine, &v, wish, &usual, &err), -1, "no folder, no rule");
	has_str(err.text, PORT_RULES, "the file is named");
	put("# mine\n", "%s" PORT_RULES, top);
	put(other, "%s" PORT_RULES, top);
	is_int(port_persist(&machine, &v, wish, &usual, &err), 0, "a rule is written");
	has_str(rules(), other, "that of another card stays");
	has_str(rules(),
		"ACTION==\"add|bind\", SUBSYSTEM==\"pci\", DRIVER==\"mlx4_core\", "
		"KERNEL==\"0000:04:00.0\", RUN+=\"/bin/sh -c "
		"'echo eth >%S%p/mlx4_port2; echo eth >%S%p/mlx4_port1'\"\n",
		"port 2 first");
	has_str(rules(), "# 0000:04:00.0 PSID MT_1090120019, node GUID 0002:c903:00a1:b2c0",
		"whose card it is");
	snprintf(first, sizeof(first), "%s", rules());
	is_int(port_persist(&machine, &v, wish, &usual, &err), 0, "once more");
	is_str(rules(), first, "changes nothing");
	if (port_look(&machine, CARD, &v, &err))
		abort();
	is_str(v.port[1].reboot, "eth", "it is seen to be so after a reboot");
	put("options mlx4_core port_type_array=1,1\n", "%s/etc/modprobe.d/mlx4.conf", top);
	put(CARD " ib ib\n", "%s/etc/rdma/mlx4.conf", top);
	port_look(&machine, CARD, &v, &err);
	is_int(v.sources, 3, "others want something else");
	is_str(v.port[1].reboot, "eth", "our rule comes last and wins");
	ok(v.source[1].but, "mlx4.conf has no say where nothing reads it");
	put("install mlx4_core /usr/libexec/mlx4-setup.sh\n", "%s/etc/modprobe.d/lib.conf", top);
	port_look(&machine, CARD, &v, &err);
	ok(!v.source[1].but, "and has one where rdma-core's script does");
	is_str(v.port[1].reboot, "eth", "but our rule still comes last");
	clear("/etc/udev");
	port_look(&machine, CARD, &v, &err);
	is_str(v.port[1].reboot, "ib", "without it they do");
	put("options mlx4_core port_type_array=0000:04:00.0-2;2\n", "%s/etc/modprobe.d/mlx4.conf",
	    top);
	port_look(&machine, CARD, &v, &err);
	ok(v.source[0].broken, "another driver's option is seen to stop this one");
}

int main(void)
{
	if (!mkdtemp(top))
		abort();
	make_card();
	put("6.1.0\n", "%s/proc/sys/kernel/osrelease", top);
	put("0\n", "%s/sys/module/mlx4_en/refcnt", top);
	put("0\n", "%s/sys/module/mlx4_ib/refcnt", top);
	changing();
	failing();
	vanishing();
	refusing();
	persisting();
	clear("");
	return tap_done();
}
