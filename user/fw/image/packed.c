// SPDX-License-Identifier: GPL-2.0-only
/* Packed bytes, and the sections that hold them. */
#include <stdio.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "packed.h"
#include "image.h"

/* An end mark, the coder's last bytes and padding may follow the last byte's code. */
#define MAX_AFTER_LZMA 16

#define FIRST_ROOM 65536 /* bytes a blob begins with */

/* "xz -9" needs 65 MiB to be unpacked. */
#define XZ_MEMORY (128u << 20)

int fw_inflate(const uint8_t *in, size_t len, size_t max, uint8_t **out, size_t *out_len,
	       struct cx_err *err)
{
	z_stream z = {.next_in = (uint8_t *)in, .avail_in = len};
	size_t room = 0;
	uint8_t *buf = NULL, *more;
	int ret;

	if (inflateInit(&z) != Z_OK)
		return cx_fail(err, CX_FAILED, "zlib: out of memory");
	do {
		room = room ? room * 2 : 8192;
		if (room > max)
			room = max;
		more = realloc(buf, room + 1);
		if (!more) {
			cx_fail(err, CX_FAILED, "out of memory");
			goto fail;
		}
		buf = more;
		z.next_out = buf + z.total_out;
		z.avail_out = room - z.total_out;
		ret = inflate(&z, Z_NO_FLUSH);
	} while (ret == Z_OK && !z.avail_out && room < max);

	if (ret != Z_STREAM_END) {
		if (!z.avail_out)
			cx_fail(err, CX_INVALID, "zlib stream inflates to more than %zu bytes",
				max);
		else
			cx_fail(err, CX_INVALID, "zlib stream is damaged after %lu bytes: %s",
				z.total_in, z.msg ? z.msg : "it ends too early");
		goto fail;
	}
	buf[z.total_out] = '\0';
	*out = buf;
	*out_len = z.total_out;
	inflateEnd(&z);
	return 0;
fail:
	inflateEnd(&z);
	free(buf);
	return -1;
}

int fw_blob_grow(struct fw_blob *blob, size_t max, struct cx_err *err)
{
	size_t room = blob->room ? blob->room * 2 : FIRST_ROOM;
	uint8_t *more;

	if (blob->room >= max)
		return cx_fail(err, CX_REFUSED, "unpacks to more than the %zu bytes allowed", max);
	if (room > max)
		room = max;
	more = realloc(blob->bytes, room + 1);
	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory");
	blob->bytes = more;
	blob->room = room;
	return 0;
}

int fw_blob_end(struct fw_blob *blob, struct cx_err *err)
{
	bool small = blob->room == FIRST_ROOM;
	uint8_t *exact;

	/* The first room is given back whole, for the next one: shrunk in place, thousands of small
	 * files would leave a hole behind each. */
	exact = small ? malloc(blob->len + 1) : realloc(blob->bytes, blob->len + 1);
	if (!exact)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (small) {
		memcpy(exact, blob->bytes, blob->len);
		free(blob->bytes);
	}
	exact[blob->len] = '\0';
	blob->bytes = exact;
	blob->room = blob->len;
	return 0;
}

void fw_blob_free(struct fw_blob *blob)
{
	free(blob->bytes);
	*blob = (struct fw_blob){0};
}

/* gzip(1) joins what is written one after the other: another member may follow. */
static int gunzip(z_stream *z, size_t max, struct fw_blob *out, struct cx_err *err)
{
	for (;;) {
		int ret;

		if (out->len == out->room && fw_blob_grow(out, max, err))
			return -1;
		z->next_out = out->bytes + out->len;
		z->avail_out = out->room - out->len;
		ret = inflate(z, Z_NO_FLUSH);
		out->len = out->room - z->avail_out;
		if (ret == Z_STREAM_END && !z->avail_in)
			return 0;
		if (ret == Z_STREAM_END)
			ret = inflateReset(z);
		if (ret != Z_OK)
			return cx_fail(err, CX_INVALID, "gzip stream is damaged: %s",
				       z->msg ? z->msg : "it ends too early");
	}
}

int fw_gunzip(const uint8_t *in, size_t len, size_t max, struct fw_blob *out, struct cx_err *err)
{
	z_stream z = {.next_in = (uint8_t *)in, .avail_in = len};
	int ret;

	*out = (struct fw_blob){0};
	/* 16: expect a gzip header, and check CRC and length at the end. */
	if (len > UINT32_MAX || inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return cx_fail(err, CX_FAILED, "zlib: out of memory");
	ret = gunzip(&z, max, out, err) || fw_blob_end(out, err) ? -1 : 0;
	inflateEnd(&z);
	if (ret)
		fw_blob_free(out);
	return ret;
}

static const char *xz_reason(lzma_ret ret)
{
	switch (ret) {
	case LZMA_MEM_ERROR:
		return "there is not enough memory to unpack it";
	case LZMA_MEMLIMIT_ERROR:
		return "it needs more than 128 MiB of memory to unpack";
	case LZMA_FORMAT_ERROR:
		return "it does not begin as one";
	case LZMA_OPTIONS_ERROR:
		return "it uses a filter that liblzma does not know";
	case LZMA_BUF_ERROR:
		return "it ends too early";
	default:
		return "its data are wrong";
	}
}

static int unxz(lzma_stream *lz, size_t max, struct fw_blob *out, struct cx_err *err)
{
	for (;;) {
		lzma_ret ret;

		if (out->len == out->room && fw_blob_grow(out, max, err))
			return -1;
		lz->next_out = out->bytes + out->len;
		lz->avail_out = out->room - out->len;
		ret = lzma_code(lz, LZMA_FINISH);
		out->len = out->room - lz->avail_out;
		if (ret == LZMA_STREAM_END)
			return 0;
		if (ret != LZMA_OK)
			return cx_fail(err, CX_INVALID, "xz stream is damaged: %s", xz_reason(ret));
	}
}

int fw_unxz(const uint8_t *in, size_t len, size_t max, struct fw_blob *out, struct cx_err *err)
{
	lzma_stream lz = LZMA_STREAM_INIT;
	int ret;

	*out = (struct fw_blob){0};
	if (lzma_stream_decoder(&lz, XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return cx_fail(err, CX_FAILED, "liblzma: out of memory");
	lz.next_in = in;
	lz.avail_in = len;
	ret = unxz(&lz, max, out, err) || fw_blob_end(out, err) ? -1 : 0;
	lzma_end(&lz);
	if (ret)
		fw_blob_free(out);
	return ret;
}

/* Into *@out, which gets as many bytes as are stated, or, with @out NULL, nowhere. */
static int unlzma(const uint8_t *body, size_t len, uint8_t **out, size_t *out_len,
		  struct cx_err *err)
{
	lzma_options_lzma opt = {.lc = LZMA_LC_DEFAULT};
	const lzma_filter filters[] = {{.id = LZMA_FILTER_LZMA1, .options = &opt},
				       {.id = LZMA_VLI_UNKNOWN}};
	lzma_stream lz = LZMA_STREAM_INIT;
	uint8_t scratch[16384];
	uint32_t stated, props;
	lzma_ret ret;

	if (len < 8)
		return cx_fail(err, CX_INVALID, "LZMA header is cut off");
	props = body[0];
	opt.lc = props % 9;
	opt.lp = props / 9 % 5;
	opt.pb = props / 45;
	opt.dict_size = body[1] | body[2] << 8 | body[3] << 16;
	stated = body[4] | body[5] << 8 | body[6] << 16 | (uint32_t)body[7] << 24;
	if (stated > FW_MAX_SIZE)
		return cx_fail(err, CX_INVALID,
			       "LZMA header states 0x%x unpacked bytes, no section has that many",
			       stated);
	ret = lzma_raw_decoder(&lz, filters);
	if (ret == LZMA_MEM_ERROR)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (ret != LZMA_OK)
		return cx_fail(err, CX_INVALID, "LZMA header 0x%02x is not valid", props);
	if (out) {
		*out = malloc(stated + 1);
		*out_len = stated;
		if (!*out) {
			lzma_end(&lz);
			return cx_fail(err, CX_FAILED, "out of memory");
		}
	}

	lz.next_in = body + 8;
	lz.avail_in = len - 8;
	do {
		uint64_t left = stated - lz.total_out;

		lz.next_out = out ? *out + lz.total_out : scratch;
		lz.avail_out = left < sizeof(scratch) ? left : sizeof(scratch);
		ret = lzma_code(&lz, LZMA_RUN);
	} while (ret == LZMA_OK && !lz.avail_out && lz.total_out < stated);
	lzma_end(&lz);

	if (lz.total_out != stated || (ret != LZMA_OK && ret != LZMA_STREAM_END))
		return cx_fail(err, CX_INVALID,
			       "LZMA body unpacks to 0x%llx bytes instead of the stated 0x%x",
			       (unsigned long long)lz.total_out, stated);
	if (lz.avail_in > MAX_AFTER_LZMA)
		return cx_fail(
			err, CX_INVALID,
			"LZMA body goes on for 0x%zx bytes after the stated 0x%x unpacked ones",
			lz.avail_in, stated);
	return 0;
}

int fw_unlzma_check(const uint8_t *body, size_t len, struct cx_err *err)
{
	return unlzma(body, len, NULL, NULL, err);
}

/* Into *@out, which is the caller's on success. */
static int unlzma_whole(const uint8_t *body, size_t len, uint8_t **out, size_t *out_len,
			struct cx_err *err)
{
	*out = NULL;
	if (!unlzma(body, len, out, out_len, err))
		return 0;
	free(*out);
	return -1;
}

static bool is_lzma(const struct fw_section *s)
{
	return s->type == FW_DDR && s->param >> 31; /* fs2-image 10 */
}

bool fw_section_packed(const struct fw_section *s)
{
	return is_lzma(s) || s->type == FW_INI || s->type == FW_HASH;
}

int fw_section_unpack(const struct fw_image *img, const struct fw_section *s, uint8_t **bytes,
		      size_t *len, struct cx_err *err)
{
	const uint8_t *body = img->bytes + s->data;
	char place[64];

	if (is_lzma(s) ? !unlzma_whole(body, s->size, bytes, len, err)
		       : !fw_inflate(body, s->size, FW_MAX_SIZE, bytes, len, err))
		return 0;
	snprintf(place, sizeof(place), "%s section at 0x%x", fw_section_name(s->type), s->addr);
	return cx_fail_in(err, place);
}
