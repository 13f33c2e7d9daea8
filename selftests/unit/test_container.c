// SPDX-License-Identifier: GPL-2.0-only
/* Archives in memory: what comes out of them, and what is refused. */
#include <archive.h>
#include <archive_entry.h>

#include "fw/pack/container.h"
#include "mfa_make.h"
#include "tap.h"

struct bytes {
	uint8_t *at;
	size_t len;
};

struct file {
	const char *path;
	struct bytes bytes;
};

#define TEXT(s) ((struct bytes){(uint8_t *)(s), sizeof(s) - 1})

/* How to write: a format and a filter of libarchive, options as "zip:compression=store". */
struct form {
	int (*format)(struct archive *a);
	int (*filter)(struct archive *a);
	const char *options;
};

static const struct form zip = {.format = archive_write_set_format_zip};
static const struct form stored = {.format = archive_write_set_format_zip,
				   .options = "zip:compression=store"};
static const struct form tar = {.format = archive_write_set_format_ustar};
static const struct form tgz = {.format = archive_write_set_format_ustar,
				.filter = archive_write_add_filter_gzip};
/* A small dictionary: the decoder takes as much memory each time, and the sanitizer marks all of
 * it. */
#define SMALL_XZ "xz:compression-level=0"
static const struct form txz = {.format = archive_write_set_format_ustar,
				.filter = archive_write_add_filter_xz,
				.options = SMALL_XZ};
static const struct form seven = {.format = archive_write_set_format_7zip,
				  .options = "7zip:compression-level=0"};
static const struct form gz = {.format = archive_write_set_format_raw,
			       .filter = archive_write_add_filter_gzip};
static const struct form fast_gz = {.format = archive_write_set_format_raw,
				    .filter = archive_write_add_filter_gzip,
				    .options = "gzip:compression-level=1"};
static const struct form xz = {.format = archive_write_set_format_raw,
			       .filter = archive_write_add_filter_xz,
			       .options = SMALL_XZ};
static const struct form bz2 = {.format = archive_write_set_format_raw,
				.filter = archive_write_add_filter_bzip2};

static void need(int ret, struct archive *a)
{
	if (ret >= ARCHIVE_WARN)
		return;
	printf("Bail out! libarchive: %s\n", archive_error_string(a));
	exit(1);
}

static void put(struct archive *a, const char *path, struct bytes b)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, b.len);
	need(archive_write_header(a, entry), a);
	if (b.len && archive_write_data(a, b.at, b.len) != (la_ssize_t)b.len)
		need(ARCHIVE_FATAL, a);
	archive_entry_free(entry);
}

static struct archive *begin(const struct form *form, struct bytes *out, size_t room, size_t *used)
{
	struct archive *a = archive_write_new();

	out->at = malloc(room);
	need(form->format(a), a);
	if (form->filter)
		need(form->filter(a), a);
	if (form->options)
		need(archive_write_set_options(a, form->options), a);
	need(archive_write_set_passphrase(a, "secret"), a);
	archive_write_set_bytes_in_last_block(a, 1);
	need(archive_write_open_memory(a, out->at, room, used), a);
	return a;
}

static void end(struct archive *a, struct bytes *out, const size_t *used)
{
	need(archive_write_close(a), a);
	archive_write_free(a);
	out->len = *used;
	out->at = realloc(out->at, *used);
}

static struct bytes pack(const struct form *form, const struct file *file, size_t files)
{
	size_t room = 1 << 20, used;
	struct bytes out;
	struct archive *a;

	for (size_t i = 0; i < files; i++)
		room += file[i].bytes.len * 2;
	a = begin(form, &out, room, &used);
	for (size_t i = 0; i < files; i++)
		put(a, file[i].path, file[i].bytes);
	end(a, &out, &used);
	return out;
}

static struct bytes pack_one(const struct form *form, const char *path, struct bytes b)
{
	struct file file = {path, b};

	return pack(form, &file, 1);
}

static int open_as(const char *name, struct bytes b, struct fw_container *box, struct cx_err *err)
{
	*err = (struct cx_err){0};
	return fw_container_open(name, b.at, b.len, box, err);
}

static void is_member(const struct fw_container *box, size_t i, const char *path, struct bytes b)
{
	if (!ok(i < box->members, "there is a member %zu", i))
		return;
	is_str(box->member[i].path, path, "its path");
	ok(box->member[i].len == b.len && !memcmp(box->member[i].bytes, b.at, b.len), "its bytes");
}

/* Opened, the archive has this one member; it is freed. */
static void holds(struct bytes archive, const char *what, const char *path, struct bytes b)
{
	struct fw_container box;
	struct cx_err err;

	ok(fw_is_container(archive.at, archive.len), "%s: a container", what);
	if (ok(!open_as("dir/fw.bin.gz", archive, &box, &err), "%s: opens: %s", what, err.text)) {
		is_int(box.members, 1, "%s: has one member", what);
		is_member(&box, 0, path, b);
		fw_container_free(&box);
	}
	free(archive.at);
}

static void refused(struct bytes archive, enum cx_status status, const char *part, const char *what)
{
	struct fw_container box;
	struct cx_err err;

	if (!open_as("x", archive, &box, &err)) {
		ok(false, "%s: refused", what);
		fw_container_free(&box);
	} else {
		is_int(err.status, status, "%s: refused", what);
		has_str(err.text, part, "%s: says so", what);
	}
	free(archive.at);
}

static void test_forms(void)
{
	static const struct {
		const struct form *form;
		const char *what;
	} many[] = {{&zip, "zip"},    {&stored, "stored zip"}, {&tar, "tar"},
		    {&tgz, "tar.gz"}, {&txz, "tar.xz"},	       {&seven, "7z"}};
	const struct file files[] = {{"fw/a.bin", TEXT("image a")},
				     {"fw/empty", TEXT("")},
				     {"b.ini", TEXT("[ADAPTER]\nPSID=B\n")}};
	struct fw_container box;
	struct cx_err err;

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		struct bytes b = pack(many[i].form, files, 3);

		if (ok(!open_as("x", b, &box, &err), "%s opens: %s", many[i].what, err.text)) {
			is_int(box.members, 3, "%s has its members", many[i].what);
			/* 7z keeps empty files behind the others */
			for (size_t m = 0; m < box.members; m++)
				for (size_t f = 0; f < 3; f++)
					if (!strcmp(box.member[m].path, files[f].path))
						is_member(&box, m, files[f].path, files[f].bytes);
			fw_container_free(&box);
		}
		free(b.at);
	}
	holds(pack_one(&gz, "", TEXT("image")), ".gz", "fw.bin", TEXT("image"));
	holds(pack_one(&xz, "", TEXT("image")), ".xz", "fw.bin", TEXT("image"));
	holds(pack_one(&bz2, "", TEXT("image")), ".bz2", "fw.bin", TEXT("image"));
}

/* A cabinet by hand (MS-CAB 2): one folder, one file, not packed. libarchive writes none. */
static struct bytes cabinet(void)
{
	static const char cab[] =
		"MSCF\0\0\0\0\x4f\0\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0\3\1\1\0\1\0\0\0\0\0\0\0"
		"\x42\0\0\0\1\0\0\0" /* folder: its data are at 0x42 */
		"\5\0\0\0\0\0\0\0\0\0\x21\x00\0\0\x20\0a.mlx\0"
		"\0\0\0\0\5\0\5\0image";
	struct bytes b = {malloc(sizeof(cab) - 1), sizeof(cab) - 1};

	memcpy(b.at, cab, b.len);
	return b;
}

/* Two in a row, the first with its memory freed. */
static struct bytes join(struct bytes a, struct bytes b)
{
	struct bytes both = {malloc(a.len + b.len), a.len + b.len};

	memcpy(both.at, a.at, a.len);
	memcpy(both.at + a.len, b.at, b.len);
	return both;
}

static void test_programs(void)
{
	struct bytes elf = TEXT("\177ELF a program, PK\5\6 is no archive and PK\1\2 no directory "),
		     exe = TEXT("MZ a program"), b = TEXT("image"), one, two, three;
	struct fw_container box;
	struct cx_err err;

	one = pack_one(&zip, "srcs.bin", b);
	holds(join(elf, one), "a program with a ZIP", "srcs.bin", b);
	two = join(exe, one);
	holds(join(two, TEXT("and a signature behind it")), "and with something behind", "srcs.bin",
	      b);
	three = join(two, one);
	if (ok(!open_as("x", three, &box, &err), "a program with two: %s", err.text)) {
		is_int(box.members, 2, "has both");
		is_member(&box, 0, "zip1/srcs.bin", b);
		is_member(&box, 1, "zip2/srcs.bin", b);
		fw_container_free(&box);
	}
	free(three.at);
	free(two.at);
	ok(!fw_is_container(elf.at, elf.len), "a program without one is a file like others");
	holds(pack_one(&stored, "in.zip", one), "a ZIP stored in a ZIP, once", "in.zip/srcs.bin",
	      b);
	free(one.at);
	holds(cabinet(), "a cabinet", "a.mlx", b);
}

static void test_plain(void)
{
	struct bytes b = TEXT("MTFW no container");
	struct fw_container box;
	struct cx_err err;

	ok(!fw_is_container(b.at, b.len), "an image is no container");
	ok(!fw_is_container(b.at, 0), "nothing is none");
	if (ok(!open_as("dir/x.bin", b, &box, &err), "but it is its own member")) {
		is_member(&box, 0, "x.bin", b);
		fw_container_free(&box);
	}
}

static void test_nesting(void)
{
	static const struct form *const layer[] = {&zip, &tgz, &seven, &txz, &zip};
	struct bytes b = pack_one(layer[0], "x.bin", TEXT("image")), outer;
	struct fw_container box;
	struct cx_err err;

	for (int i = 1; i <= FW_CONTAINER_NESTING; i++) {
		outer = pack_one(layer[i], "in", b);
		free(b.at);
		b = outer;
	}
	if (ok(!open_as("x", b, &box, &err), "containers three deep in one: %s", err.text)) {
		is_member(&box, 0, "in/in/in/x.bin", TEXT("image"));
		fw_container_free(&box);
	}
	refused(pack_one(&zip, "top", b), CX_REFUSED, "top/in/in/in: archives in archives",
		"four deep");
	free(b.at);
}

static void test_bundle(void)
{
	static struct make_mfa m;
	struct bytes b = TEXT("image of the board"), mfa, inner, program;

	make_board(&m, "MT_1090120019", 1);
	make_record(&m, make_toc(&m, b.at, b.len), 1, 0, "");
	make_file(&m, 4);
	mfa = (struct bytes){m.file.bytes, m.file.len};
	inner = pack_one(&zip, "srcs.mfa", mfa);
	program = join(TEXT("\177ELF updater"), inner);
	free(inner.at);
	holds(pack_one(&tgz, "mlxfwmanager", program), "a bundle in an updater in a .tgz",
	      "mlxfwmanager/srcs.mfa/MT_1090120019.bin", b);
	free(program.at);
	m.file.bytes[40] ^= 1;
	refused(pack_one(&zip, "srcs.mfa", mfa), CX_INVALID, "srcs.mfa: MFA bundle is damaged",
		"a damaged bundle");
}

/* Folders and links are no files; names do not talk to the terminal. */
static void test_entries(void)
{
	struct archive_entry *entry = archive_entry_new();
	struct bytes b;
	struct archive *a;
	size_t used;

	a = begin(&tar, &b, 1 << 20, &used);
	archive_entry_set_pathname(entry, "folder");
	archive_entry_set_filetype(entry, AE_IFDIR);
	need(archive_write_header(a, entry), a);
	archive_entry_set_pathname(entry, "link");
	archive_entry_set_filetype(entry, AE_IFLNK);
	archive_entry_set_symlink(entry, "/etc/passwd");
	need(archive_write_header(a, entry), a);
	archive_entry_free(entry);
	put(a, "../\033[2J\nx.bin", TEXT("image"));
	end(a, &b, &used);
	holds(b, "a folder, a link and a file", "../?[2J?x.bin", TEXT("image"));
}

static void test_limits(void)
{
	struct bytes zeros = {calloc(1, 33u << 20), 33u << 20}, b, packed;
	struct archive *a;
	char path[2000];
	size_t used;

	refused(pack_one(&zip, "in/bomb", zeros), CX_REFUSED, "in/bomb: unpacks to more than",
		"a ZIP that is a bomb");
	refused(pack_one(&gz, "", zeros), CX_REFUSED, "unpacks to more than", "a gzip one");
	refused(pack_one(&xz, "", zeros), CX_REFUSED, "unpacks to more than", "an xz one");
	zeros.len = 12u << 20;
	packed = pack_one(&xz, "", zeros);
	b = pack_one(&zip, "one", packed);
	free(packed.at);
	holds(b, "12 MiB", "one/one", zeros);
	const struct file three[] = {{"one", zeros}, {"two", zeros}, {"three", zeros}};

	refused(pack(&seven, three, 3), CX_REFUSED, "unpacks to more than",
		"all members count together");
	free(zeros.at);

	a = begin(&tgz, &b, 32 << 20, &used);
	for (int i = 0; i <= FW_CONTAINER_MEMBERS; i++) {
		snprintf(path, sizeof(path), "%d", i);
		put(a, path, TEXT(""));
	}
	end(a, &b, &used);
	refused(b, CX_REFUSED, "more than 10000 files", "too many members");
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	refused(pack_one(&zip, path, TEXT("x")), CX_REFUSED, "a path of more than 1024",
		"a long path");
}

/* More than 256 MiB that are no bomb by their ratio: the noise keeps it down. */
static void test_most(void)
{
	struct bytes big = {calloc(1, FW_CONTAINER_BYTES + 1), FW_CONTAINER_BYTES + 1};
	uint32_t noise = 1;

	for (size_t i = 0; i < 2u << 20; i++)
		big.at[i] = (noise = noise * 1664525 + 1013904223) >> 24;
	refused(pack_one(&fast_gz, "", big), CX_REFUSED, "unpacks to more than 256 MiB",
		"too much at all");
	free(big.at);
}

/* Down to where the signature is gone; returns how many were not refused as they should be. */
static unsigned int cut_off(struct bytes b)
{
	struct fw_container box;
	unsigned int wrong = 0;
	struct cx_err err;

	while (--b.len > 8)
		if (!open_as("x", b, &box, &err)) {
			wrong++;
			fw_container_free(&box);
		} else if (err.status != CX_INVALID || strchr(err.text, '\n')) {
			wrong++;
		}
	return wrong;
}

/* Each byte changed in turn; returns how often other bytes than @want came out. */
static unsigned int change(struct bytes b, struct bytes want)
{
	struct fw_container box;
	unsigned int wrong = 0;
	struct cx_err err;

	for (size_t i = 0; i < b.len; i++) {
		b.at[i] ^= 0x55;
		if (open_as("x", b, &box, &err)) {
			wrong += err.status == CX_OK || strchr(err.text, '\n');
		} else {
			for (size_t m = 0; m < box.members && fw_is_container(b.at, b.len); m++)
				wrong += box.member[m].len != want.len ||
					 memcmp(box.member[m].bytes, want.at, want.len);
			fw_container_free(&box);
		}
		b.at[i] ^= 0x55;
	}
	return wrong;
}

static void test_damage(void)
{
	static const struct form *const form[] = {&zip, &stored, &tgz, &txz, &seven, &gz, &xz};
	struct bytes noise = {malloc(700), 700};

	for (size_t i = 0; i < noise.len; i++)
		noise.at[i] = i * i >> 7;
	for (size_t f = 0; f < sizeof(form) / sizeof(form[0]); f++) {
		struct bytes b = pack_one(form[f], "x.bin", noise);

		is_int(cut_off(b), 0, "form %zu, cut off: refused in one line", f);
		is_int(change(b, noise), 0, "form %zu, damaged: refused, or read right", f);
		free(b.at);
	}
	free(noise.at);
}

static void test_secret(void)
{
	static const struct form secret = {.format = archive_write_set_format_zip,
					   .options = "zip:encryption=zipcrypt"};

	refused(pack_one(&secret, "x.bin", TEXT("image")), CX_INVALID, "x.bin: encrypted",
		"an encrypted file");
}

int main(void)
{
	test_forms();
	test_programs();
	test_plain();
	test_nesting();
	test_bundle();
	test_entries();
	test_limits();
	test_most();
	test_damage();
	test_secret();
	return tap_done();
}
