// SPDX-License-Identifier: GPL-2.0-only
/* Archives, bundles and programs that hold files: walk through all levels. */
#define _GNU_SOURCE
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "container.h"
#include "fw/image/packed.h"
#include "lengths.h"
#include "zip.h"

#define MAX_PATH 1024
#define MAX_ZIPS 16 /* in one program; one is usual */

enum wrap { PLAIN, ZIP, TAR, SEVENZIP, CAB, BZ2, ZST, GZ, XZ, MFA, AR, CPIO, RPM, SCRIPT };

static const struct {
	enum wrap wrap;
	size_t offset, len;
	const char *magic;
} signature[] = {
	{ZIP, 0, 4, "PK\3\4"},
	{ZIP, 0, 4, "PK\5\6"},
	{ZIP, 0, 2, "MZ"},
	{ZIP, 0, 4, "\177ELF"},
	{GZ, 0, 3, "\x1f\x8b\x08"},
	{XZ, 0, 6, "\xfd\x37zXZ\0"},
	{MFA, 0, 4, "MFAR"},
	{CAB, 0, 4, "MSCF"},
	{SEVENZIP, 0, 6, "7z\xbc\xaf\x27\x1c"},
	{BZ2, 0, 3, "BZh"},
	{ZST, 0, 4, "\x28\xb5\x2f\xfd"},
	{TAR, 257, 5, "ustar"},
	{AR, 0, 8, "!<arch>\n"},
	{CPIO, 0, 6, "070701"},
	{CPIO, 0, 6, "070702"},
	{CPIO, 0, 6, "070707"},
	{RPM, 0, 4, "\xed\xab\xee\xdb"},
	{SCRIPT, 0, 2, "#!"},
};
#define SIGNATURES (sizeof(signature) / sizeof(signature[0]))

struct walk {
	const char *name; /* of the file */
	struct fw_container *box;
	size_t left; /* bytes that may still be unpacked */
	size_t seen; /* entries of any kind */
};

static bool has_signature(const uint8_t *bytes, size_t len, size_t i)
{
	return len >= signature[i].offset + signature[i].len &&
	       !memcmp(bytes + signature[i].offset, signature[i].magic, signature[i].len);
}

/* The archive that follows a line of a script, up to the end of the file; 0: there is none. */
static size_t payload_at(const uint8_t *bytes, size_t len)
{
	const uint8_t *end = bytes + len, *at = bytes;

	/* A program in a script has a signature that text may have too. */
	while ((at = memchr(at, '\n', end - at)) && ++at < end)
		for (size_t i = 0; i < SIGNATURES; i++)
			if (signature[i].wrap != SCRIPT && *at != 'M' && *at != '\177' &&
			    has_signature(at, end - at, i))
				return at - bytes;
	return 0;
}

/* A program is a container if there is an archive in it. */
static enum wrap wrap_of(const uint8_t *bytes, size_t len)
{
	struct fw_zip zip;

	for (size_t i = 0; i < SIGNATURES; i++)
		if (has_signature(bytes, len, i)) {
			if (signature[i].wrap == SCRIPT)
				return payload_at(bytes, len) ? SCRIPT : PLAIN;
			if (signature[i].wrap == ZIP && bytes[0] != 'P' &&
			    !fw_zip_last(bytes, len, &zip))
				return PLAIN;
			return signature[i].wrap;
		}
	return PLAIN;
}

bool fw_is_container(const uint8_t *bytes, size_t len)
{
	return wrap_of(bytes, len) != PLAIN;
}

/* "PATH/NAME", without what could talk to a terminal or break a line. */
static char *join(const char *path, const char *name, struct cx_err *err)
{
	char *joined;

	if (strlen(path) + strlen(name) > MAX_PATH) {
		cx_fail(err, CX_REFUSED, "%.60s...: a path of more than %d bytes", name, MAX_PATH);
		return NULL;
	}
	if (asprintf(&joined, "%s%s%s", path, *path ? "/" : "", name) < 0) {
		cx_fail(err, CX_FAILED, "out of memory");
		return NULL;
	}
	for (char *c = joined; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return joined;
}

bool fw_name_ends_in(const char *path, const char *suffix)
{
	size_t len = strlen(path), tail = strlen(suffix);

	return len > tail && !strcasecmp(path + len - tail, suffix);
}

/* What "x/fw.bin.gz" holds is "fw.bin". */
static void unwrapped_name(const char *path, char *name, size_t size)
{
	static const char *const suffix[] = {".gz", ".xz", ".bz2", ".zst"};
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = strlen(base);

	snprintf(name, size, "%s", len ? base : "data");
	for (size_t i = 0; i < 4; i++)
		if (len < size && fw_name_ends_in(base, suffix[i]))
			name[len - strlen(suffix[i])] = '\0';
}

static int fail_at(const char *path, struct cx_err *err)
{
	return *path ? cx_fail_in(err, path) : -1;
}

static int too_much(const char *path, struct cx_err *err)
{
	cx_fail(err, CX_REFUSED,
		"unpacks to more than %u MiB, or to more than %d times its size: no package of"
		" firmware does; unpack what you need with another tool",
		FW_CONTAINER_BYTES >> 20, FW_CONTAINER_RATIO);
	return fail_at(path, err);
}

static int fail_archive(struct archive *a, const char *path, struct cx_err *err)
{
	const char *why = archive_error_string(a);

	cx_fail(err, CX_INVALID, "damaged or cut off: %s", why ? why : "it cannot be read");
	return fail_at(path, err);
}

static int count(struct walk *w, size_t entries, struct cx_err *err)
{
	w->seen += entries;
	if (w->seen <= FW_CONTAINER_MEMBERS)
		return 0;
	return cx_fail(err, CX_REFUSED,
		       "more than %d files in it; unpack what you need with another tool",
		       FW_CONTAINER_MEMBERS);
}

/* The list of @n, with room for one more: it doubles, as there may be thousands. NULL leaves it as
 * it is. */
static void *with_room(void *list, size_t n, size_t each)
{
	return n & (n - 1) ? list : realloc(list, (n ? 2 * n : 1) * each);
}

/* @path becomes the container's. */
static int add_member(struct walk *w, char *path, const uint8_t *bytes, size_t len,
		      struct cx_err *err)
{
	struct fw_container *box = w->box;
	struct fw_member *more = with_room(box->member, box->members, sizeof(*more));

	if (!more) {
		free(path);
		return cx_fail(err, CX_FAILED, "out of memory");
	}
	box->member = more;
	more[box->members++] = (struct fw_member){.path = path, .bytes = bytes, .len = len};
	return 0;
}

/* The blob becomes the container's, also on failure. */
static int keep_blob(struct walk *w, struct fw_blob *blob, struct cx_err *err)
{
	uint8_t **more = with_room(w->box->blob, w->box->blobs, sizeof(*more));

	if (!more) {
		fw_blob_free(blob);
		return cx_fail(err, CX_FAILED, "out of memory");
	}
	w->box->blob = more;
	more[w->box->blobs++] = blob->bytes;
	w->left -= blob->len;
	return 0;
}

static int take(struct walk *w, const char *path, const uint8_t *bytes, size_t len,
		unsigned int depth, struct cx_err *err);

static int read_bundle(struct walk *w, const char *path, const uint8_t *bytes, size_t len,
		       struct cx_err *err)
{
	struct fw_container *box = w->box;
	struct fw_mfa *more = realloc(box->bundle, (box->bundles + 1) * sizeof(*more)), *mfa;

	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory");
	box->bundle = more;
	mfa = &more[box->bundles];
	if (fw_mfa_parse(bytes, len, w->left, FW_CONTAINER_MEMBERS - w->seen, mfa, err))
		return fail_at(path, err);
	box->bundles++;
	w->left -= mfa->unpacked;
	w->seen += mfa->images;
	for (size_t i = 0; i < mfa->images; i++) {
		const struct fw_mfa_image *image = &mfa->image[i];
		char name[2 * FW_MFA_NAME + 8], *inner;

		snprintf(name, sizeof(name), "%s%s%s.bin", image->psid, *image->tag ? "-" : "",
			 image->tag);
		inner = join(path, name, err);
		if (!inner || add_member(w, inner, image->bytes, image->len, err))
			return -1;
	}
	return 0;
}

static int read_data(struct walk *w, struct archive *a, struct fw_blob *blob, const char *path,
		     struct cx_err *err)
{
	la_ssize_t got = 1;

	while (got > 0) {
		if (blob->len == blob->room && fw_blob_grow(blob, w->left, err))
			return err->status == CX_REFUSED ? too_much(path, err) : -1;
		got = archive_read_data(a, blob->bytes + blob->len, blob->room - blob->len);
		if (got < 0)
			return fail_archive(a, path, err);
		blob->len += got;
	}
	return fw_blob_end(blob, err);
}

static const char *entry_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname_utf8(entry);

	return name ? name : archive_entry_pathname(entry);
}

static int read_file(struct walk *w, struct archive *a, const char *path, unsigned int depth,
		     struct cx_err *err)
{
	struct fw_blob blob = {0};

	if (read_data(w, a, &blob, path, err)) {
		fw_blob_free(&blob);
		return -1;
	}
	return keep_blob(w, &blob, err) ? -1 : take(w, path, blob.bytes, blob.len, depth, err);
}

/* An ar has files only, and what binutils writes does not say so. */
static bool is_file(struct archive *a, struct archive_entry *entry)
{
	return archive_entry_filetype(entry) == AE_IFREG ||
	       (!archive_entry_filetype(entry) &&
		(archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR);
}

/* One entry of an archive. Folders, links and devices are no firmware. */
static int read_entry(struct walk *w, struct archive *a, struct archive_entry *entry,
		      const char *path, unsigned int depth, struct cx_err *err)
{
	const char *name = entry_name(entry);
	char bare[256], *inner;
	int ret;

	if (count(w, 1, err))
		return fail_at(path, err);
	if (!is_file(a, entry) || archive_entry_hardlink(entry))
		return 0;
	if (archive_format(a) == ARCHIVE_FORMAT_RAW) {
		unwrapped_name(*path ? path : w->name, bare, sizeof(bare));
		name = bare;
	}
	inner = join(path, name && *name ? name : "unnamed", err);
	if (!inner)
		return -1;
	if (archive_entry_is_encrypted(entry))
		ret = cx_fail(err, CX_INVALID, "%s: encrypted; unpack it with another tool", inner);
	else
		ret = read_file(w, a, inner, depth + 1, err);
	free(inner);
	return ret;
}

/* Nothing but what the signature says may look at the bytes. */
static void expect_wrap(struct archive *a, enum wrap wrap)
{
	switch (wrap) {
	case ZIP:
		archive_read_support_format_zip_seekable(a);
		return;
	case SEVENZIP:
		archive_read_support_format_7zip(a);
		return;
	case CAB:
		archive_read_support_format_cab(a);
		return;
	case AR:
		archive_read_support_format_ar(a);
		return;
	case CPIO:
		archive_read_support_format_cpio(a);
		return;
	case BZ2:
		archive_read_support_filter_bzip2(a);
		break;
	case ZST:
		archive_read_support_filter_zstd(a);
		break;
	default:
		break;
	}
	archive_read_support_format_tar(a);
	if (wrap != TAR)
		archive_read_support_format_raw(a);
}

/* A library that is told of a gigabyte allocates it. */
static bool lengths_fit(enum wrap wrap, const uint8_t *bytes, size_t len)
{
	return wrap == AR ? fw_ar_lengths_fit(bytes, len)
			  : wrap != CPIO || fw_cpio_lengths_fit(bytes, len);
}

static int read_archive(struct walk *w, enum wrap wrap, const char *path, const uint8_t *bytes,
			size_t len, unsigned int depth, struct cx_err *err)
{
	struct archive_entry *entry;
	struct archive *a;
	int ret, got;

	if (!lengths_fit(wrap, bytes, len)) {
		cx_fail(err, CX_INVALID, "damaged or cut off: a header tells of more than follows");
		return fail_at(path, err);
	}
	a = archive_read_new();
	if (!a)
		return cx_fail(err, CX_FAILED, "out of memory");
	expect_wrap(a, wrap);
	ret = archive_read_open_memory(a, bytes, len) == ARCHIVE_OK ? 0
								    : fail_archive(a, path, err);
	while (!ret) {
		got = archive_read_next_header(a, &entry);
		if (got == ARCHIVE_EOF)
			break;
		/* A warning is of a name or a date that cannot be shown. */
		if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
			ret = fail_archive(a, path, err);
		else
			ret = read_entry(w, a, entry, path, depth, err);
	}
	archive_read_free(a);
	return ret;
}

/* All archives in the file, the first one first; if there are several, each is a folder. */
static int read_zips(struct walk *w, const char *path, const uint8_t *bytes, size_t len,
		     unsigned int depth, struct cx_err *err)
{
	struct fw_zip zip[MAX_ZIPS + 1];
	size_t zips = 0, end = len;
	int ret = 0;

	while (zips <= MAX_ZIPS && fw_zip_last(bytes, end, &zip[zips]))
		end = zip[zips++].start;
	if (!zips || zips > MAX_ZIPS) {
		cx_fail(err, zips ? CX_REFUSED : CX_INVALID,
			zips ? "more than 16 ZIP archives in it"
			     : "ZIP archive without its directory: cut off, damaged or empty");
		return fail_at(path, err);
	}
	for (size_t i = zips; i-- > 0 && !ret;) {
		char part[16], *inner;

		snprintf(part, sizeof(part), "zip%zu", zips - i);
		inner = zips > 1 ? join(path, part, err) : strdup(path);
		if (!inner)
			return zips > 1 ? -1 : cx_fail(err, CX_FAILED, "out of memory");
		ret = read_archive(w, ZIP, inner, bytes + zip[i].start, zip[i].end - zip[i].start,
				   depth, err);
		free(inner);
	}
	return ret;
}

/* A single packed file; a .tar in it counts as one level with it. */
static int read_packed(struct walk *w, enum wrap wrap, const char *path, const uint8_t *bytes,
		       size_t len, unsigned int depth, struct cx_err *err)
{
	char name[256], *inner;
	struct fw_blob blob;
	int ret;

	ret = wrap == GZ ? fw_gunzip(bytes, len, w->left, &blob, err)
			 : fw_unxz(bytes, len, w->left, &blob, err);
	if (ret)
		return err->status == CX_REFUSED ? too_much(path, err) : fail_at(path, err);
	if (keep_blob(w, &blob, err))
		return -1;
	if (wrap_of(blob.bytes, blob.len) == TAR)
		return read_archive(w, TAR, path, blob.bytes, blob.len, depth, err);
	if (count(w, 1, err))
		return fail_at(path, err);
	unwrapped_name(*path ? path : w->name, name, sizeof(name));
	inner = join(path, name, err);
	if (!inner)
		return -1;
	ret = take(w, inner, blob.bytes, blob.len, depth + 1, err);
	free(inner);
	return ret;
}

/* The payload of an RPM, whose lengths can be asked once it is unpacked. */
static int read_rpm(struct walk *w, const char *path, const uint8_t *bytes, size_t len,
		    unsigned int depth, struct cx_err *err)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	struct fw_blob cpio = {0};
	int ret;

	if (!a)
		return cx_fail(err, CX_FAILED, "out of memory");
	archive_read_support_filter_rpm(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, bytes, len) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK)
		ret = fail_archive(a, path, err);
	else
		ret = read_data(w, a, &cpio, path, err);
	archive_read_free(a);
	if (ret) {
		fw_blob_free(&cpio);
		return -1;
	}
	return keep_blob(w, &cpio, err)
		       ? -1
		       : read_archive(w, CPIO, path, cpio.bytes, cpio.len, depth, err);
}

/* What follows the last line of a script is that script's, so it is no level of its own. */
static int read_script(struct walk *w, const char *path, const uint8_t *bytes, size_t len,
		       unsigned int depth, struct cx_err *err)
{
	size_t at = payload_at(bytes, len);

	return take(w, path, bytes + at, len - at, depth, err);
}

/* A file at any level: a member, or the door to more of them. */
static int take(struct walk *w, const char *path, const uint8_t *bytes, size_t len,
		unsigned int depth, struct cx_err *err)
{
	enum wrap wrap = wrap_of(bytes, len);
	char *own;

	if (wrap == PLAIN) {
		own = join("", *path ? path : w->name, err);
		return own ? add_member(w, own, bytes, len, err) : -1;
	}
	if (depth > FW_CONTAINER_NESTING)
		return cx_fail(err, CX_REFUSED,
			       "%s: archives in archives, more than %d deep; unpack what you need"
			       " with another tool",
			       path, FW_CONTAINER_NESTING);
	switch (wrap) {
	case MFA:
		return read_bundle(w, path, bytes, len, err);
	case ZIP:
		return read_zips(w, path, bytes, len, depth, err);
	case SCRIPT:
		return read_script(w, path, bytes, len, depth, err);
	case GZ:
	case XZ:
		return read_packed(w, wrap, path, bytes, len, depth, err);
	case RPM:
		return read_rpm(w, path, bytes, len, depth, err);
	default:
		return read_archive(w, wrap, path, bytes, len, depth, err);
	}
}

static size_t allowance(size_t len)
{
	if (len >= FW_CONTAINER_BYTES / FW_CONTAINER_RATIO)
		return FW_CONTAINER_BYTES;
	len *= FW_CONTAINER_RATIO;
	return len > FW_CONTAINER_FLOOR ? len : FW_CONTAINER_FLOOR;
}

int fw_container_open(const char *name, const uint8_t *bytes, size_t len, struct fw_container *box,
		      struct cx_err *err)
{
	const char *slash = strrchr(name, '/');
	struct walk w = {.name = slash ? slash + 1 : name, .box = box, .left = allowance(len)};

	*box = (struct fw_container){0};
	if (!take(&w, "", bytes, len, 0, err))
		return 0;
	/* The words of a library may be more than one line. */
	for (char *c = err->text; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	fw_container_free(box);
	return -1;
}

void fw_container_free(struct fw_container *box)
{
	for (size_t i = 0; i < box->members; i++)
		free(box->member[i].path);
	for (size_t i = 0; i < box->bundles; i++)
		fw_mfa_free(&box->bundle[i]);
	for (size_t i = 0; i < box->blobs; i++)
		free(box->blob[i]);
	free(box->member);
	free(box->bundle);
	free(box->blob);
	*box = (struct fw_container){0};
}
