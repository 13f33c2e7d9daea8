// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards in sysfs, on a tree of plain files. What the kernel would do when a file is written is done
 * by kernel(), which is told of every write before it happens.
 */
#define _GNU_SOURCE /* nftw */
#include <errno.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev/openers.h"
#include "dev/pci.h"
#include "folders.h"
#include "tap.h"

static char top[] = "/tmp/test_pci.XXXXXX", sysfs[64], run[64], proc[64];
static struct cx_pci_root root = {sysfs, run, proc};

/* ---- the tree ---- */

static const char *get(const char *path)
{
	static char line[64];
	FILE *f = fopen(path, "r");

	line[0] = 0;
	if (f && fgets(line, sizeof(line), f))
		line[strcspn(line, "\n")] = 0;
	if (f)
		fclose(f);
	return f ? line : "(none)";
}

static const char *of_device(const char *name, const char *what)
{
	static char path[2][PATH_MAX];
	static int i;

	i = !i;
	snprintf(path[i], PATH_MAX, "%s/bus/pci/devices/%s/%s", sysfs, name, what);
	return path[i];
}

static void bind(const char *name, const char *driver)
{
	char target[PATH_MAX];

	unlink(of_device(name, "driver"));
	if (!*driver)
		return;
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	if (symlink(target, of_device(name, "driver")))
		abort();
}

static void make_driver(const char *driver)
{
	put("", "%s/bus/pci/drivers/%s/unbind", sysfs, driver);
}

static void make_device(const char *name, const char *vendor, const char *device,
			const char *driver)
{
	put(vendor, "%s", of_device(name, "vendor"));
	put(device, "%s", of_device(name, "device"));
	put("0x1014\n", "%s", of_device(name, "subsystem_vendor"));
	put("0x0415\n", "%s", of_device(name, "subsystem_device"));
	put("0xb0\n", "%s", of_device(name, "revision"));
	put("(null)\n", "%s", of_device(name, "driver_override"));
	bind(name, driver);
}

#define CX2 "0000:04:00.0"
#define CX3 "0000:41:00.0"
#define REC "0001:03:00.0"

static void make_tree(void)
{
	make_driver("mlx4_core");
	make_driver("cxflash");
	put("", "%s/bus/pci/drivers_probe", sysfs);
	make_device(CX3, "0x15b3\n", "0x1003\n", "");
	make_device(CX2, "0x15b3\n", "0x673c\n", "mlx4_core");
	put("0x1003\n", "%s", of_device(CX2, "net/ib0/flags"));
	put("0x1002\n", "%s", of_device(CX2, "net/ib1/flags"));
	put("DEL09A0000009\n", "%s", of_device(CX2, "infiniband/mlx4_0/board_id"));
	put("2.9.1000\n", "%s", of_device(CX2, "infiniband/mlx4_0/fw_ver"));
	put("b0\n", "%s", of_device(CX2, "infiniband/mlx4_0/hw_rev"));
	make_device(REC, "0x15b3\n", "0x01f6\n", "cxflash");
	make_device("0000:41:00.1", "0x15b3\n", "0x1004\n", "");
	make_device("0000:41:00.2", "0x15b3\n", "0x1003\n", "");
	make_dirs(of_device("0000:41:00.2", "physfn/"));
	make_device("0000:05:00.0", "0x8086\n", "0x1003\n", "");
	make_device("0000:06:00.0", "0x15b3\n", "0x1013\n", "mlx5_core");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* ---- the kernel ---- */

struct writes {
	unsigned int count;
	char unbinding[16]; /* an unbind takes effect after its write */
	bool refuses;	    /* cxflash does not take the card */
	bool gone;	    /* mlx4_core does not take it back */
	bool dry;
	char log[2048];
};

static void settle(struct writes *w)
{
	if (*w->unbinding && !w->dry)
		bind(w->unbinding, "");
	w->unbinding[0] = 0;
}

static void kernel(const char *path, const char *value, void *ctx)
{
	struct writes *w = ctx;
	const char *last = strrchr(path, '/') + 1;
	const char *driver;

	settle(w);
	w->count++;
	strncat(w->log, last, sizeof(w->log) - strlen(w->log) - 1);
	strncat(w->log, " ", sizeof(w->log) - strlen(w->log) - 1);
	if (!strcmp(last, "unbind"))
		snprintf(w->unbinding, sizeof(w->unbinding), "%s", value);
	if (strcmp(last, "drivers_probe") || w->dry)
		return;
	driver = get(of_device(value, "driver_override"));
	if (!*driver || !strcmp(driver, "(null)"))
		driver = "mlx4_core";
	if (!strcmp(driver, "cxflash") ? !w->refuses : !w->gone)
		bind(value, driver);
}

static struct cx_pci_options options(struct writes *w)
{
	*w = (struct writes){0};
	return (struct cx_pci_options){.show = kernel, .ctx = w};
}

static const char *driver_of(const char *name)
{
	static struct cx_pci_card card;
	static struct cx_err err;

	return cx_pci_find(&root, name, &card, &err) ? err.text : card.driver;
}

static const char *recorded(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", run, CX2);
	return get(path);
}

/* ---- tests ---- */

static void listing(void)
{
	struct cx_pci_card *cards;
	struct cx_pci_root nowhere = {"/nonexistent", run, proc};
	struct cx_err err;
	size_t count;

	ok(!cx_pci_list(&root, &cards, &count, &err), "cards are listed");
	is_int(count, 3, "physical functions of the right generation only");
	if (count == 3) {
		is_str(cards[0].name, CX2, "by address");
		is_str(cards[1].name, CX3, "the second");
		is_str(cards[2].name, REC, "the third");
		is_str(cards[0].driver, "mlx4_core", "its driver");
		is_str(cards[0].board_id, "DEL09A0000009", "its board, as the driver tells");
		is_str(cards[0].fw_version, "2.9.1000", "its firmware");
		is_str(cards[0].version_by, "mlx4_0", "by whom");
		is_int(cards[0].silicon, 0xb0, "and the revision of its silicon");
		is_int(cards[1].silicon, -1, "which is not known without a driver");
		is_str(cards[0].up, "ib0", "the interface that is up");
		ok(strstr(cards[0].interfaces, "ib0") && strstr(cards[0].interfaces, "ib1"),
		   "all interfaces");
		ok(cards[0].subsystem_vendor == 0x1014 && cards[0].subsystem_device == 0x415 &&
			   cards[0].revision == 0xb0,
		   "subsystem and revision");
		is_str(cards[1].driver, "", "a card without a driver");
		is_str(cards[1].chip, "ConnectX-3", "its chip");
		ok(cards[2].recovery && !cards[0].recovery, "recovery is seen by the id");
	}
	free(cards);
	is_int(cx_pci_list(&nowhere, &cards, &count, &err), -1, "without sysfs there is an error");
	has_str(err.text, "/nonexistent", "that names the place");
}

static void finding(void)
{
	static const struct {
		const char *name;
		enum cx_status status;
	} bad[] = {
		{NULL, CX_USAGE},
		{"04:00", CX_USAGE},
		{"04:00.0 ", CX_USAGE},
		{"mlx4_0", CX_USAGE},
		{"../../../etc", CX_USAGE},
		{"0000:04:00.0/../x", CX_USAGE},
		{"77:00.0", CX_NOT_FOUND},
		{"0000:05:00.0", CX_NOT_FOUND},
		{"0000:06:00.0", CX_REFUSED},
		{"0000:41:00.1", CX_NOT_FOUND},
		{"0000:41:00.2", CX_NOT_FOUND},
	};
	struct cx_pci_card card;
	struct cx_err err;
	char full[16];

	ok(!cx_pci_find(&root, "04:00.0", &card, &err) && !strcmp(card.name, CX2),
	   "a short address is enough");
	ok(!cx_pci_full_name("0A:1F.7", full, &err) && !strcmp(full, "0000:0a:1f.7"),
	   "upper case is taken");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		is_int(cx_pci_find(&root, bad[i].name, &card, &err), -1, "%s is no card",
		       bad[i].name ? bad[i].name : "nothing");
		is_int(err.status, bad[i].status, "with its status: %s", err.text);
	}
}

static void refusals(void)
{
	struct writes w;
	struct cx_pci_options opt = options(&w);
	struct cx_err err;

	is_int(cx_pci_attach(&root, CX2, &opt, &err), -1, "a driver's card is not taken unasked");
	is_int(err.status, CX_BUSY, "it is busy");
	has_str(err.text, "--takeover", "the way is named");
	opt.takeover = true;
	is_int(cx_pci_attach(&root, CX2, &opt, &err), -1, "nor one with an interface up");
	is_int(err.status, CX_REFUSED, "it is refused");
	has_str(err.text, "ib0", "the interface is named");
	put("0x1002\n", "%s", of_device(CX2, "net/ib0/flags"));
	put("4\n", "%s", of_device(CX2, "sriov_numvfs"));
	is_int(cx_pci_attach(&root, CX2, &opt, &err), -1, "nor one with virtual functions");
	has_str(err.text, "4 virtual", "they are counted");
	is_int(w.count, 0, "nothing was written for all that");
	is_str(recorded(), "(none)", "nothing was recorded");

	opt.force = opt.dry_run = w.dry = true;
	ok(!cx_pci_attach(&root, CX2, &opt, &err), "a dry run with force goes through");
	is_str(w.log, CX2 " driver_override unbind drivers_probe ", "it shows every write");
	is_str(driver_of(CX2), "mlx4_core", "and does none");
	is_str(recorded(), "(none)", "and records nothing");
	put("0\n", "%s", of_device(CX2, "sriov_numvfs"));
}

static void takeover(void)
{
	struct writes w;
	struct cx_pci_options opt = options(&w);
	struct cx_err err;

	opt.takeover = true;
	if (!ok(!cx_pci_attach(&root, CX2, &opt, &err), "a card is taken over"))
		diag("%s", err.text);
	is_str(driver_of(CX2), "cxflash", "cxflash has it");
	is_str(recorded(), "mlx4_core", "who had it is recorded");
	is_str(w.log, CX2 " driver_override unbind drivers_probe ", "recorded before it is taken");
	w.count = 0;
	ok(!cx_pci_attach(&root, CX2, &opt, &err) && !w.count, "taking it again does nothing");

	opt = options(&w);
	if (!ok(!cx_pci_detach(&root, CX2, &opt, &err), "it is given back"))
		diag("%s", err.text);
	is_str(driver_of(CX2), "mlx4_core", "its driver has it");
	is_str(recorded(), "(none)", "the record is gone");
	is_str(get(of_device(CX2, "driver_override")), "", "and the override too");
	is_int(cx_pci_detach(&root, CX2, &opt, &err), -1, "giving it back again does nothing");
	is_int(err.status, CX_NOTHING, "as it says");
}

static void failures(void)
{
	struct writes w;
	struct cx_pci_options opt = options(&w);
	struct cx_err err;
	char path[PATH_MAX], away[PATH_MAX];

	opt.takeover = w.refuses = true;
	is_int(cx_pci_attach(&root, CX2, &opt, &err), -1, "cxflash refuses the card");
	has_str(err.text, "dmesg", "the log is named");
	is_str(driver_of(CX2), "mlx4_core", "the former driver has it again");
	is_str(recorded(), "(none)", "nothing is left behind");

	opt = options(&w);
	opt.takeover = w.refuses = w.gone = true;
	is_int(cx_pci_attach(&root, CX2, &opt, &err), -1, "and nobody else takes it either");
	has_str(err.text, "modprobe mlx4_core", "what to do is named");
	is_str(driver_of(CX2), "", "it is without a driver");
	is_str(recorded(), "mlx4_core", "but who had it is still known");
	opt = options(&w);
	ok(!cx_pci_detach(&root, CX2, &opt, &err), "detach mends it later");
	is_str(driver_of(CX2), "mlx4_core", "its driver has it");

	snprintf(path, sizeof(path), "%s/bus/pci/drivers/cxflash", sysfs);
	snprintf(away, sizeof(away), "%s/bus/pci/away", sysfs);
	if (rename(path, away))
		abort();
	opt.takeover = true;
	is_int(cx_pci_attach(&root, CX2, &opt, &err), -1, "without the module nothing is taken");
	is_int(err.status, CX_NOT_FOUND, "it is not found");
	has_str(err.text, "modprobe cxflash", "what to do is named");
	ok(!cx_pci_module_loaded(&root), "the module is missing");
	if (rename(away, path))
		abort();
}

/* A takeover killed after each of its writes. */
static void cut_short(void)
{
	struct writes w;
	struct cx_pci_options opt;
	struct cx_err err;

	for (int after = 1; after <= 4; after++) {
		put("mlx4_core", "%s/%s", run, CX2);
		put(after >= 2 ? "cxflash" : "\n", "%s", of_device(CX2, "driver_override"));
		bind(CX2, after < 3 ? "mlx4_core" : after < 4 ? "" : "cxflash");
		opt = options(&w);
		if (!ok(!cx_pci_detach(&root, CX2, &opt, &err), "killed after write %d: detach",
			after))
			diag("%s", err.text);
		is_str(driver_of(CX2), "mlx4_core", "its driver has it");
		is_str(recorded(), "(none)", "nothing is left behind");
		is_str(get(of_device(CX2, "driver_override")), "", "no override either");
	}

	put("mlx4_core", "%s/%s", run, CX2);
	bind(CX2, "");
	opt = options(&w);
	ok(!cx_pci_attach(&root, CX2, &opt, &err), "a takeover cut short can be taken up again");
	is_str(recorded(), "mlx4_core", "and still knows who had it");
	opt = options(&w);
	ok(!cx_pci_detach(&root, CX2, &opt, &err), "it is given back");
	is_str(driver_of(CX2), "mlx4_core", "to its driver");
}

static void free_card(void)
{
	struct writes w;
	struct cx_pci_options opt = options(&w);
	struct cx_err err;

	ok(!cx_pci_attach(&root, CX3, &opt, &err), "a card without a driver needs no flag");
	is_str(driver_of(CX3), "cxflash", "cxflash has it");
	opt = options(&w);
	ok(!cx_pci_detach(&root, CX3, &opt, &err), "it is given back");
	settle(&w);
	is_str(driver_of(CX3), "", "to nobody");
}

/* A card in use is not taken, whatever uses it; the refusal names the user. */
static void users(void)
{
	static const struct {
		const char *text, *file, *said;
		bool line; /* of a file under proc */
	} use[] = {
		{"0x1003\n", "net/ib0/flags", "ib0 is up", false},
		{"", "net/ib1/upper_bond0/x", "ib1 belongs to bond0", false},
		{"", "net/ib1/upper_br0/x", "ib1 belongs to br0", false},
		{"server:/x /mnt nfs4 rw,proto=rdma,port=20049 0 0\n", "mounts",
		 "NFS over RDMA is mounted at /mnt", true},
		{"//server/x /smb cifs rw,vers=3.1.1,rdma,cache=none 0 0\n", "mounts",
		 "SMB over RDMA is mounted at /smb", true},
	};
	struct writes w;
	struct cx_pci_options opt = options(&w);
	struct cx_err err;
	char path[PATH_MAX];

	opt.takeover = true;
	for (size_t i = 0; i < sizeof(use) / sizeof(*use); i++) {
		if (use[i].line)
			put(use[i].text, "%s/%s", proc, use[i].file);
		else
			put(use[i].text, "%s", of_device(CX2, use[i].file));
		is_int(cx_pci_attach(&root, CX2, &opt, &err), -1, "not taken: %s", use[i].said);
		is_int(err.status, CX_REFUSED, "it is refused");
		has_str(err.text, use[i].said, "with its reason");
		snprintf(path, sizeof(path), "%s/%s", proc, use[i].file);
		if (use[i].line)
			unlink(path);
		else if (strstr(use[i].file, "upper"))
			nftw(dirname(strdupa(of_device(CX2, use[i].file))), remove_one, 4,
			     FTW_DEPTH | FTW_PHYS);
		else
			put("0x1002\n", "%s", of_device(CX2, use[i].file));
	}
	is_int(w.count, 0, "nothing was written for all that");
}

/* A program that has a file open. */
static void open_file(const char *pid, const char *program, const char *target)
{
	char path[PATH_MAX];

	put(program, "%s/%s/comm", proc, pid);
	put("", "%s/%s/fd/x", proc, pid);
	snprintf(path, sizeof(path), "%s/%s/fd/5", proc, pid);
	if (symlink(target, path))
		abort();
}

static void open_device(const char *pid, const char *program, const char *name)
{
	char target[64];

	snprintf(target, sizeof(target), "/dev/infiniband/%s", name);
	open_file(pid, program, target);
}

/* Who can hold the flash semaphore: he reaches the registers without the driver. */
static void openers(void)
{
	static const struct {
		const char *target, *said;
	} files[] = {
		{"/sys/devices/pci0000:00/0000:00:02.0/" CX2 "/config", "its configuration space"},
		{"/sys/devices/pci0000:00/0000:00:02.0/" CX2 "/resource0", "its BAR 0"},
		{"/proc/bus/pci/04/00.0", "its configuration space"},
		{"/proc/bus/pci/0000:04/00.0", "its configuration space"},
		{"/dev/mem", "/dev/mem"},
		{"/sys/devices/pci0000:00/0000:00:02.0/" CX3 "/config", NULL},
		{"/sys/devices/pci0000:00/0000:00:02.0/" CX2 "/resource2", NULL},
		{"/sys/devices/pci0000:00/0000:00:02.0/1" CX2 "/config", NULL},
		{"/proc/bus/pci/04/00.1", NULL},
		{"/proc/bus/pci/0001:04/00.0", NULL},
		{"/sys/config", NULL},
		{"config", NULL},
		{"", NULL},
	};
	char text[256], want[80];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (*files[i].target)
			open_file("4711", "mstflint", files[i].target);
		cx_pci_openers(&root, CX2, text, sizeof(text));
		snprintf(want, sizeof(want), "process 4711 (mstflint) has %s open", files[i].said);
		is_str(text, files[i].said ? want : "", "%s", files[i].target);
		nftw(proc, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}

	put("mstflint", "%s/4712/comm", proc);
	put("7f0000000000-7f0000100000 r-xp 00000000 08:01 131 /lib/libc.so.6\n"
	    "7f0000200000-7f0000300000 rw-s fe000000 00:16 7142 "
	    "/sys/devices/pci0000:00/" CX2 "/resource0\n",
	    "%s/4712/maps", proc);
	open_file("4713", "flashrom", "/dev/mem");
	cx_pci_openers(&root, CX2, text, sizeof(text));
	has_str(text, "process 4712 (mstflint) has its BAR 0 open", "mapped is as good as open");
	has_str(text, "process 4713 (flashrom) has /dev/mem open", "all of them are told");
	has_str(text, "; ", "one after the other");
	cx_pci_openers(&root, CX2, text, 20);
	is_int(strlen(text), 19, "as much as fits");
	nftw(proc, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What is open, routed, or on a disk over RDMA. */
static void deep_users(void)
{
	struct writes w;
	struct cx_pci_options opt = options(&w);
	struct cx_err err;
	char path[PATH_MAX];

	opt.takeover = true;
	put("0x1003\n", "%s", of_device(CX2, "net/ib0/flags"));
	put("Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
	    "ib0 00000000 0102A8C0 0003 0 0 0 00000000 0 0 0\n",
	    "%s/net/route", proc);
	put("", "%s", of_device(CX2, "infiniband_verbs/uverbs0/dev"));
	put("", "%s", of_device(CX2, "infiniband_mad/umad1/dev"));
	open_device("4711", "ib_send_bw", "uverbs0");
	open_device("4712", "opensm", "umad1");
	open_device("4713", "ibdump", "uverbs3");
	put("rdma\n", "%s/class/nvme/nvme3/transport", sysfs);
	put("pcie\n", "%s/class/nvme/nvme0/transport", sysfs);
	put("ib_srp\n", "%s/class/scsi_host/host7/proc_name", sysfs);
	put("mlx4_0\n", "%s/class/scsi_host/host7/local_ib_device", sysfs);
	put("ib_srp\n", "%s/class/scsi_host/host8/proc_name", sysfs);
	put("mlx5_0\n", "%s/class/scsi_host/host8/local_ib_device", sysfs);
	put("iscsi_iser\n", "%s/class/scsi_host/host9/proc_name", sysfs);
	is_int(cx_pci_attach(&root, CX2, &opt, &err), -1, "not taken");
	has_str(err.text, "ib0 is up and carries the default route", "the default route is named");
	has_str(err.text, "process 4711 (ib_send_bw) has uverbs0 open", "a program is named");
	has_str(err.text, "process 4712 (opensm) has umad1 open", "a subnet manager too");
	ok(!strstr(err.text, "4713"), "but none of another card");
	has_str(err.text, "nvme3 is NVMe over RDMA", "an NVMe controller");
	has_str(err.text, "host7 is SCSI over RDMA (SRP) through mlx4_0", "an SRP host");
	has_str(err.text, "host9 is iSCSI over RDMA", "an iSER host");
	ok(!strstr(err.text, "nvme0") && !strstr(err.text, "host8"), "and nothing of others");
	is_int(w.count, 0, "nothing was written for all that");
	opt.force = true;
	ok(!cx_pci_attach(&root, CX2, &opt, &err), "with force it is taken all the same");
	opt = options(&w);
	ok(!cx_pci_detach(&root, CX2, &opt, &err), "and given back");
	put("0x1002\n", "%s", of_device(CX2, "net/ib0/flags"));
	nftw(proc, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	snprintf(path, sizeof(path), "%s/class", sysfs);
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A card that its owner keeps by driver_override goes back to him. (A plain file keeps what a
 * shorter word does not cover.) */
static void kept_by_override(void)
{
	struct writes w;
	struct cx_pci_options opt = options(&w);
	struct cx_err err;

	make_driver("pciback");
	put("pciback\n", "%s", of_device(CX2, "driver_override"));
	bind(CX2, "pciback");
	opt.takeover = true;
	if (!ok(!cx_pci_attach(&root, CX2, &opt, &err), "a card of pciback is taken over"))
		diag("%s", err.text);
	is_str(driver_of(CX2), "cxflash", "cxflash has it");
	opt = options(&w);
	ok(!cx_pci_detach(&root, CX2, &opt, &err), "and given back");
	is_str(driver_of(CX2), "pciback", "pciback has it again");
	is_str(get(of_device(CX2, "driver_override")), "pciback", "by its override");
	put("(null)\n", "%s", of_device(CX2, "driver_override"));
	bind(CX2, "mlx4_core");
}

/* The types that ports were given at run time, which a probe of the driver forgets. */
static void port_types(void)
{
	struct writes w;
	struct cx_pci_options opt = options(&w);
	struct cx_err err;

	put("eth\n", "%s", of_device(CX2, "mlx4_port1"));
	put("auto (ib)\n", "%s", of_device(CX2, "mlx4_port2"));
	opt.takeover = true;
	ok(!cx_pci_attach(&root, CX2, &opt, &err), "a card whose ports were set is taken over");
	put("ib\n", "%s", of_device(CX2, "mlx4_port1"));
	put("auto (ib)\n", "%s", of_device(CX2, "mlx4_port2"));
	opt = options(&w);
	ok(!cx_pci_detach(&root, CX2, &opt, &err), "and given back");
	is_str(get(of_device(CX2, "mlx4_port1")), "eth", "with the type that was set");
	is_str(get(of_device(CX2, "mlx4_port2")), "auto (ib)", "and what did not change");
	ok(strstr(w.log, "mlx4_port1") && !strstr(w.log, "mlx4_port2"), "which is left alone");

	opt = options(&w);
	opt.takeover = true;
	ok(!cx_pci_attach(&root, CX2, &opt, &err), "once more");
	unlink(of_device(CX2, "mlx4_port1"));
	make_dirs(of_device(CX2, "mlx4_port1/"));
	opt = options(&w);
	is_int(cx_pci_detach(&root, CX2, &opt, &err), -1, "a port that does not take its type");
	has_str(err.text, "port 1 was eth and is gone", "is told");
	has_str(err.text, "cxflashctl port set -d " CX2 " 1=eth", "with what to run");
	is_str(driver_of(CX2), "mlx4_core", "the card is back all the same");
	is_str(recorded(), "(none)", "and nothing is left to do for detach");
	rmdir(of_device(CX2, "mlx4_port1"));
	unlink(of_device(CX2, "mlx4_port2"));
}

int main(void)
{
	if (!mkdtemp(top))
		return 1;
	snprintf(sysfs, sizeof(sysfs), "%s/sys", top);
	snprintf(run, sizeof(run), "%s/run", top);
	snprintf(proc, sizeof(proc), "%s/proc", top);
	make_tree();
	listing();
	finding();
	refusals();
	takeover();
	failures();
	cut_short();
	port_types();
	free_card();
	users();
	deep_users();
	openers();
	kept_by_override();
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
