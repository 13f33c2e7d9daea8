// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl report: what to send when something is odd, or to tell that it works. Reads only. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "card/describe.h"
#include "card/look.h"
#include "card/vpd.h"
#include "dev/running.h"
#include "dev/trace.h"
#include "files/bundle.h"
#include "host/check.h"
#include "host/mask.h"
#include "host/names.h"
#include "host/record.h"
#include "host/show.h"
#include "host/versions.h"
#include "commands.h"
#include "ready.h"

static struct look at = {.takes = LOOK_CARD};

static struct {
	const char *output, *sysroot;
	bool identity;
} given;

static const struct opt options[] = {
	LOOK_CARD_OPTION(at),
	{"output", 'o', OPT_OUTPUT, &given.output, "F.tar.xz", "where it goes"},
	{"with-identity", 0, OPT_FLAG, &given.identity, NULL, "leave GUIDs, MACs and names in it"},
	{"sysroot", 0, OPT_TEXT, &given.sysroot, "DIR", "of a tree of files, not this machine"},
	{NULL},
};

static const char readme[] =
	"What is in this report, made by cxflashctl " CXFLASH_VERSION "\n"
	"\n"
	"versions.txt            of this tool, the modules, the kernel and the distribution\n"
	"check.txt, check.json   is the machine ready for RDMA, layer by layer\n"
	"machine/                every file that was read for it, so that the same can be seen by\n"
	"                        cxflashctl check --sysroot machine; and the ports' error "
	"counters\n"
	"query.txt, query.json   what the card's flash holds: versions, identity, board, slots\n"
	"sections.txt            the sections of the images in it, with hashes\n"
	"contact.txt             is the card understood: read twice, and both ways, and the words "
	"themselves\n"
	"cr.txt                  words of CR space that can be read without an effect\n"
	"trace.txt               the commands of the flash gateway that this reading took, "
	"without\n"
	"                        what they read of the flash\n"
	"config.hex              configuration space, without the window to the CR space\n"
	"vpd.txt                 what the maker wrote into the card: part number, revision\n"
	"\n"
	"The firmware itself is not in it. Of mounts, processes, kernel log and command line only "
	"what\n"
	"a rule of check looks at is kept. An empty folder in machine/ in the place of a file "
	"means "
	"that\n"
	"it could not be read.\n";

struct report {
	struct bundle *b;
	struct mask mask;
	struct record record;
	struct host_report host;
	struct card_vpd vpd;
	char *left_out; /* what is not in it, and why */
	size_t left_out_len;
	FILE *missing;
};

/* ---- into the archive ---- */

static int put(struct report *r, const char *name, const char *text, size_t len, struct cx_err *err)
{
	size_t masked;
	char *safe = mask_text(&r->mask, text, len, &masked);
	int ret = safe ? bundle_file(r->b, name, safe, masked, err)
		       : cx_fail(err, CX_FAILED, "out of memory");

	free(safe);
	return ret;
}

/* A text that is written in memory, and then put into the archive. */
struct page {
	FILE *to;
	char *text;
	size_t len;
};

static int page_open(struct page *p, struct cx_err *err)
{
	*p = (struct page){0};
	p->to = open_memstream(&p->text, &p->len);
	return p->to ? 0 : cx_fail(err, CX_FAILED, "out of memory");
}

/* NULL @name: it is not wanted after all. */
static int page_put(struct report *r, struct page *p, const char *name, struct cx_err *err)
{
	int ret = fclose(p->to) ? cx_fail(err, CX_FAILED, "out of memory") : 0;

	if (!ret && name)
		ret = put(r, name, p->text, p->len, err);
	free(p->text);
	return ret;
}

/* Something to print as text or as JSON. */
static int put_printed(struct report *r, const char *name, bool json,
		       void (*print)(struct out *out, struct report *r), struct cx_err *err)
{
	struct out out = {.json = json};
	struct page page;
	int ret;

	if (page_open(&page, err))
		return -1;
	out.to = page.to;
	out_begin(&out);
	print(&out, r);
	ret = out_end(&out) ? cx_fail(err, CX_FAILED, "out of memory") : 0;
	return page_put(r, &page, ret ? NULL : name, err) || ret ? -1 : 0;
}

static void print_check(struct out *out, struct report *r)
{
	host_show(out, &r->host);
}

/* ---- the machine ---- */

static bool is_file_or_link(const struct record *record, const char *path)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->entry[i].kind != 'd' && !strcmp(record->entry[i].path, path))
			return true;
	return false;
}

/* Paths have names of targets in them, and of interfaces that are called by their MAC. */
static int put_entry(struct report *r, const struct record_entry *e, struct cx_err *err)
{
	size_t len;
	char *path = mask_text(&r->mask, e->path, strlen(e->path), &len), *target = NULL;
	char *name = NULL;
	int ret = -1;

	if (!path || asprintf(&name, "machine%s", path) < 0) {
		name = NULL;
		cx_fail(err, CX_FAILED, "out of memory");
	} else if (e->kind == 'f') {
		ret = put(r, name, e->bytes, e->len, err);
	} else if (e->kind == 'l') {
		target = mask_text(&r->mask, e->bytes, e->len, &len);
		ret = target ? bundle_link(r->b, name, target, err)
			     : cx_fail(err, CX_FAILED, "out of memory");
	} else {
		ret = is_file_or_link(&r->record, e->path) ? 0 : bundle_folder(r->b, name, err);
	}
	if (!ret && e->error)
		fprintf(r->missing, "%s: %s\n", name, strerror(e->error));
	free(path);
	free(target);
	free(name);
	return ret;
}

/* A tree has what was in the flash in a file of its own. */
static int put_flash_version(struct report *r, struct cx_err *err)
{
	const char *version = fact_value(&r->host.facts, "flash", 0);
	char name[64], line[64];

	snprintf(name, sizeof(name), "machine/ask/flash/%s", r->host.card);
	if (!*version || is_file_or_link(&r->record, name + strlen("machine")))
		return 0;
	snprintf(line, sizeof(line), "%.62s\n", version);
	return put(r, name, line, strlen(line), err);
}

static int put_machine(struct report *r, const struct cx_machine *m, struct cx_err *err)
{
	record_settle(&r->record, m);
	if (r->record.lost)
		return cx_fail(err, CX_FAILED, "out of memory");
	for (size_t i = 0; i < r->record.count; i++)
		if (put_entry(r, &r->record.entry[i], err))
			return -1;
	return put_flash_version(r, err);
}

/* Nobody's identity is in them; the checksum of a module's source only looks like one. */
static int put_versions(struct report *r, const struct cx_machine *m, struct cx_err *err)
{
	const struct cx_machine unrecorded = {.root = m->root};
	struct page page;
	int ret;

	if (page_open(&page, err))
		return -1;
	host_versions(&unrecorded, &r->host.facts, page.to);
	ret = fclose(page.to) ? cx_fail(err, CX_FAILED, "out of memory")
			      : bundle_file(r->b, "versions.txt", page.text, page.len, err);
	free(page.text);
	return ret;
}

/* ---- configuration space ---- */

/*
 * Without 0x58 to 0x5f: who reads the data word of the window reads whatever CR word the address
 * word is left at, and some have an effect.
 */
static size_t read_config(int fd, unsigned char byte[256])
{
	if (pread(fd, byte, 0x40, 0) != 0x40)
		return 0;
	if (pread(fd, byte + 0x40, 0x18, 0x40) != 0x18 ||
	    pread(fd, byte + 0x60, 0xa0, 0x60) != 0xa0)
		return 0x40;
	memset(byte + 0x58, 0, 8);
	return 256;
}

static int put_config(struct report *r, struct cx_err *err)
{
	char path[PATH_MAX];
	unsigned char byte[256];
	struct page page;
	size_t got = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/config",
		 given.sysroot ? given.sysroot : "", r->host.card);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		got = read_config(fd, byte);
	if (!got)
		fprintf(r->missing, "config.hex: %s: %s\n", path,
			fd < 0 ? strerror(errno) : "it does not have 64 bytes");
	else if (got < sizeof(byte))
		fprintf(r->missing, "config.hex: all but the first 64 bytes, which root has\n");
	if (fd >= 0)
		close(fd);
	if (!got)
		return 0;
	if (page_open(&page, err))
		return -1;
	fprintf(page.to, "%s as lspci -F reads it\n", r->host.card);
	for (size_t i = 0; i < got; i++) {
		if (i % 16 == 0)
			fprintf(page.to, "%s%02zx:", i ? "\n" : "", i);
		fprintf(page.to, " %02x", byte[i]);
	}
	fputc('\n', page.to);
	return page_put(r, &page, "config.hex", err);
}

static void print_vpd(struct out *out, struct report *r)
{
	describe_vpd(out, &r->vpd, true);
}

/* Its part number says which board it is, its serial number whose. */
static int put_vpd(struct report *r, struct cx_err *err)
{
	struct cx_pci_tree tree;
	const char *serial;

	if (cx_pci_tree(&tree, given.sysroot ? given.sysroot : "", err))
		return -1;
	card_vpd_read(&r->vpd, &tree.root, r->host.card);
	cx_pci_tree_free(&tree);
	if (!r->vpd.bytes && r->vpd.why.status != CX_NOT_FOUND)
		fprintf(r->missing, "vpd.txt: %s\n", r->vpd.why.text);
	if (!r->vpd.bytes)
		return 0;
	serial = fw_vpd_get(&r->vpd.vpd, "SN");
	if (serial)
		mask_word(&r->mask, serial, "SERIAL");
	return put_printed(r, "vpd.txt", false, print_vpd, err);
}

/* What cables and optics did to the ports since the driver started; it is read into the record. */
static void read_counters(const struct report *r, const struct cx_machine *m)
{
	const char *ib = fact_value(&r->host.facts, "ib", 0);
	struct cx_names names;
	char folder[PATH_MAX], path[PATH_MAX + 300], line[64];

	for (unsigned int port = 1; *ib && port <= 2; port++) {
		snprintf(folder, sizeof(folder),
			 "/sys/bus/pci/devices/%s/infiniband/%s/ports/%u/counters", r->host.card,
			 ib, port);
		if (cx_machine_names(m, folder, &names))
			continue;
		for (size_t i = 0; i < names.count; i++) {
			snprintf(path, sizeof(path), "%s/%s", folder, names.name[i]);
			cx_machine_line(m, path, line, sizeof(line));
		}
		free(names.name);
	}
}

/* ---- the card, where cxflash serves it ---- */

static void print_word(uint32_t addr, uint32_t value, void *ctx)
{
	fprintf(ctx, "0x%05" PRIx32 "  0x%08" PRIx32 "\n", addr, value);
}

static int put_cr(struct report *r, struct cx_flash *flash, struct cx_err *err)
{
	struct cx_err why;
	struct page page;
	int ret;

	if (page_open(&page, err))
		return -1;
	ret = flash->ops->cr_dump(flash, print_word, page.to, &why);
	if (ret)
		fprintf(r->missing, "cr.txt: %s\n", why.text);
	return page_put(r, &page, ret ? NULL : "cr.txt", err);
}

typedef int cr_read_fn(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
		       struct cx_err *err);

/* What the card is, and what it runs. */
static void print_way(FILE *to, const char *way, struct cx_flash *flash, cr_read_fn *read)
{
	static const uint32_t addrs[] = {CX_DEVICE_ID, CX_VERSION_WORDS, CX_VERSION_WORDS + 4,
					 CX_VERSION_WORDS + 8, CX_VERSION_WORDS + 12};
	struct cx_err why;
	uint32_t word;

	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		if (read(flash, addrs[i], &word, 1, &why)) {
			fprintf(to, "%s: %s\n", way, why.text);
			return;
		}
		fprintf(to, "%s: 0x%05" PRIx32 "  0x%08" PRIx32 "\n", way, addrs[i], word);
	}
}

static int put_contact(struct report *r, const struct subject *s, struct cx_err *err)
{
	char text[sizeof(err->text)];
	struct cx_err why;
	struct page page;

	if (page_open(&page, err))
		return -1;
	if (burn_contact(&s->survey, text, sizeof(text), &why))
		fprintf(page.to, "not understood: %s\n", why.text);
	else
		fprintf(page.to, "understood: %s\n", text);
	print_way(page.to, "as the module reads it", s->flash, s->flash->ops->cr_read);
	print_way(page.to, "by configuration space", s->flash, s->flash->ops->cr_read_window);
	return page_put(r, &page, "contact.txt", err);
}

static void print_sections(FILE *to, const struct fw_slot *slot)
{
	const struct fw_image *img = &slot->img;
	char sum[SHA256_DIGEST_STRING_LENGTH];

	fprintf(to, "slot at 0x%" PRIx32 ": %s\n", slot->start,
		slot->state ? slot->why.text : fw_image_psid(img));
	if (slot->state)
		return;
	SHA256Data(img->bytes, img->size, sum);
	fprintf(to, "  sha256 of all: %s\n", sum);
	for (size_t i = 0; i < img->sections; i++) {
		const struct fw_section *section = &img->section[i];

		SHA256Data(img->bytes + section->data, section->size, sum);
		fprintf(to, "  0x%08" PRIx32 " 0x%06" PRIx32 " %-12s sha256 %s\n", section->addr,
			section->size, fw_section_name(section->type), sum);
	}
}

static int put_sections(struct report *r, const struct subject *s, struct cx_err *err)
{
	struct page page;

	if (page_open(&page, err))
		return -1;
	for (size_t i = 0; i < s->dump->slots; i++)
		print_sections(page.to, &s->dump->slot[i]);
	return page_put(r, &page, "sections.txt", err);
}

static int put_query(struct report *r, const struct subject *s, struct cx_err *err)
{
	char *text, *json;
	size_t text_len, json_len;
	int ret;

	if (describe_to_memory(s, &text, &text_len, &json, &json_len, err))
		return -1;
	ret = put(r, "query.txt", text, text_len, err) || put(r, "query.json", json, json_len, err);
	free(text);
	free(json);
	return ret ? -1 : 0;
}

#define GW_ADDRESS 0x8 /* flash-access 4: the command has an address, so it reads the flash */

/* One event of this card; the firmware is not in the report, not even every fourth word of it. */
static void print_event(FILE *to, const char *line, size_t len)
{
	const char *command = memmem(line, len, "command=", 8);
	const char *data = memmem(line, len, " data=", 6);
	const char *rest = data ? data + 6 + strspn(data + 6, "0123456789abcdef") : NULL;

	if (command && data && strtoul(command + 8, NULL, 16) & GW_ADDRESS)
		fprintf(to, "%.*s%.*s\n", (int)(data - line), line, (int)(line + len - rest), rest);
	else
		fprintf(to, "%.*s\n", (int)len, line);
}

static int put_trace(struct report *r, const struct cx_trace *t, struct cx_err *err)
{
	struct cx_err why;
	struct page page;
	char *events;

	if (!t->folder)
		return 0; /* the reason is told already */
	if (cx_trace_read(t, &events, &why)) {
		fprintf(r->missing, "trace.txt: %s\n", why.text);
		return 0;
	}
	if (page_open(&page, err)) {
		free(events);
		return -1;
	}
	for (const char *line = events; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (memmem(line, strcspn(line, "\n"), r->host.card, strlen(r->host.card)))
			print_event(page.to, line, strcspn(line, "\n"));
	free(events);
	return page_put(r, &page, "trace.txt", err);
}

static int put_card(struct report *r, struct cli *cli, struct cx_err *err)
{
	const struct fw_image *img;
	struct progress progress;
	struct cx_trace trace = {0};
	struct subject s;
	struct cx_err why;
	int ret;

	progress_begin(&progress, cli, true);
	if (!given.sysroot && cx_trace_begin(&trace, &why))
		fprintf(r->missing, "trace.txt: %s\n", why.text);
	if (given.sysroot || subject_open(&s, r->host.card, NULL, false, &progress, &why)) {
		fprintf(r->missing, "query, sections.txt, contact.txt, cr.txt: %s\n",
			given.sysroot ? "made from a tree of files" : why.text);
		cx_trace_end(&trace);
		return 0;
	}
	if (!subject_image(&s, &img, &why))
		mask_word(&r->mask, img->info.vsd, "VSD");
	ret = put_query(r, &s, err) || put_sections(r, &s, err) || put_contact(r, &s, err) ||
	      put_cr(r, s.flash, err) || put_trace(r, &trace, err);
	subject_close(&s);
	cx_trace_end(&trace);
	return ret ? -1 : 0;
}

/* ---- together ---- */

static int put_readme(struct report *r, struct cx_err *err)
{
	int bad = fclose(r->missing);
	struct page page;

	r->missing = NULL;
	if (bad)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (page_open(&page, err))
		return -1;
	fprintf(page.to, "%s%s%s%s", readme,
		given.identity ? "GUIDs, MACs and names are those of the card and the machine.\n"
			       : "GUIDs, MACs, addresses and names are masked, each by the same"
				 " everywhere.\n",
		*r->left_out ? "\nLeft out:\n" : "", r->left_out);
	return page_put(r, &page, "README", err);
}

static int fill(struct report *r, struct cli *cli, const struct cx_machine *m, struct cx_err *err)
{
	read_counters(r, m);
	mask_names(&r->mask, &r->record, &r->host.facts);
	/* The card first: what it is called has to be masked everywhere. */
	if (put_vpd(r, err) || put_card(r, cli, err) || put_versions(r, m, err) ||
	    put_printed(r, "check.txt", false, print_check, err) ||
	    put_printed(r, "check.json", true, print_check, err) || put_machine(r, m, err) ||
	    put_config(r, err))
		return -1;
	return put_readme(r, err);
}

static int write_report(struct cli *cli, struct report *r, struct cx_err *err)
{
	struct cx_machine machine = {.root = given.sysroot ? given.sysroot : "",
				     .patient = true,
				     .seen = record_seen,
				     .ctx = &r->record};
	struct cx_err why;
	int ret;

	if (ready_check(&machine, at.card, 0, &r->host, err))
		return -1;
	ret = bundle_open(given.output, "cxflash-report", &r->b, err);
	if (ret)
		goto free_host;
	ret = fill(r, cli, &machine, err);
	if (bundle_close(r->b, !ret, ret ? &why : err))
		ret = -1;
free_host:
	host_report_free(&r->host);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct report r = {0};
	int ret;

	(void)argc;
	(void)argv;
	if (!given.output)
		return cx_fail(err, CX_USAGE, "-o F.tar.xz is needed: where the report goes");
	ret = mask_begin(&r.mask);
	if (ret)
		return cx_fail(err, CX_FAILED, "no random numbers: %s", strerror(-ret));
	r.mask.off = given.identity;
	r.missing = open_memstream(&r.left_out, &r.left_out_len);
	if (!r.missing)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = write_report(cli, &r, err);
	if (r.missing)
		fclose(r.missing);
	if (!ret) {
		out_text(&cli->out, "report", "Report", "%s", given.output);
		out_flag(&cli->out, "masked", !given.identity);
		if (*r.left_out)
			out_note(&cli->out, "left out: %s", r.left_out);
	}
	free(r.left_out);
	card_vpd_free(&r.vpd);
	mask_free(&r.mask);
	record_free(&r.record);
	return ret;
}

const struct command report_commands[] = {
	{
		.name = "report",
		.args = "[CARD]",
		.what = "Put what is known of a card into an archive, to be sent",
		.options = options,
		.look = &at,
		.run = run,
	},
	{},
};
