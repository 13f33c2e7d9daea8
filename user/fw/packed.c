// SPDX-License-Identifier: GPL-2.0-only
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>

#include "image.h"
#include "packed.h"

/* An end mark, the coder's last bytes and padding may follow the last byte's code. */
#define MAX_AFTER_LZMA 16

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
	if (lzma_raw_decoder(&lz, filters) != LZMA_OK)
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

int fw_unlzma(const uint8_t *body, size_t len, uint8_t **out, size_t *out_len, struct cx_err *err)
{
	*out = NULL;
	if (!unlzma(body, len, out, out_len, err))
		return 0;
	free(*out);
	return -1;
}
