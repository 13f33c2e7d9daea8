// SPDX-License-Identifier: GPL-2.0-only
/* PCI Vital Product Data. */
#include "vpd.h"

#include <string.h>

#define TAG_NAME  0x82 /* large tags: a length of two bytes, little-endian, follows */
#define TAG_READ  0x90
#define TAG_WRITE 0x91
#define TAG_HEAD  3
#define TAG_END	  0x0f /* a small tag: its kind, and three bits of length */

#define FIELD_HEAD 3 /* two letters and a length */

static bool is_end(uint8_t tag)
{
	return tag >> 3 == TAG_END;
}

static void keep_text(char *to, const uint8_t *from, size_t len)
{
	size_t n = 0;

	while (len && (from[len - 1] == ' ' || !from[len - 1]))
		len--;
	while (len && *from == ' ') {
		from++;
		len--;
	}
	for (; n < len && n < FW_VPD_TEXT - 1; n++)
		to[n] = from[n] >= ' ' && from[n] <= '~' ? (char)from[n] : '?';
	to[n] = '\0';
}

static void keep_field(const uint8_t *at, size_t len, struct fw_vpd *vpd)
{
	struct fw_vpd_field *f = &vpd->field[vpd->fields];

	if (vpd->fields == FW_VPD_FIELDS) {
		vpd->left_out++;
		return;
	}
	vpd->fields++;
	for (size_t i = 0; i < 2; i++)
		f->keyword[i] = at[i] > ' ' && at[i] <= '~' ? (char)at[i] : '?';
	keep_text(f->text, at + FIELD_HEAD, len);
}

/* All bytes from the first to the checksum sum to zero. */
static enum fw_vpd_sum sum_to(const uint8_t *bytes, size_t last)
{
	uint8_t sum = 0;

	for (size_t i = 0; i <= last; i++)
		sum += bytes[i];
	return sum ? FW_VPD_SUM_WRONG : FW_VPD_SUM_RIGHT;
}

static int read_fields(const uint8_t *bytes, size_t at, size_t end, struct fw_vpd *vpd,
		       struct cx_err *err)
{
	size_t len;

	for (; at < end; at += FIELD_HEAD + len) {
		len = end - at < FIELD_HEAD ? 0 : bytes[at + 2];
		if (end - at < FIELD_HEAD || len > end - at - FIELD_HEAD)
			return cx_fail(
				err, CX_INVALID,
				"VPD: the field at %zu leaves its section, which ends at %zu", at,
				end);
		if (!memcmp(bytes + at, "RV", 2)) {
			if (len && vpd->sum == FW_VPD_NO_SUM)
				vpd->sum = sum_to(bytes, at + FIELD_HEAD);
		} else if (memcmp(bytes + at, "RW", 2)) {
			keep_field(bytes + at, len, vpd);
		}
	}
	return 0;
}

/* One tag; *at becomes the place of the next. */
static int read_tag(const uint8_t *bytes, size_t len, size_t *at, struct fw_vpd *vpd,
		    struct cx_err *err)
{
	uint8_t tag = bytes[*at];
	size_t size;

	if (tag != TAG_NAME && tag != TAG_READ && tag != TAG_WRITE)
		return cx_fail(err, CX_INVALID, "VPD: 0x%02x at %zu is none of its tags", tag, *at);
	if (len - *at < TAG_HEAD)
		return cx_fail(err, CX_INVALID, "VPD: cut off in the tag at %zu", *at);
	size = bytes[*at + 1] | (size_t)bytes[*at + 2] << 8;
	if (size > len - *at - TAG_HEAD)
		return cx_fail(err, CX_INVALID,
			       "VPD: cut off: the tag at %zu has %zu bytes, %zu are there", *at,
			       size, len - *at - TAG_HEAD);
	*at += TAG_HEAD;
	if (tag == TAG_NAME)
		keep_text(vpd->name, bytes + *at, size);
	else if (read_fields(bytes, *at, *at + size, vpd, err))
		return -1;
	*at += size;
	return 0;
}

static bool all_are(const uint8_t *bytes, size_t len, uint8_t byte)
{
	return len && bytes[0] == byte && !memcmp(bytes, bytes + 1, len - 1);
}

int fw_vpd_parse(const uint8_t *bytes, size_t len, struct fw_vpd *vpd, struct cx_err *err)
{
	size_t at = 0;

	*vpd = (struct fw_vpd){0};
	if (!len)
		return cx_fail(err, CX_INVALID, "VPD: no bytes");
	if (len > FW_VPD_MAX)
		return cx_fail(err, CX_INVALID, "VPD: %zu bytes, at most %d can be addressed", len,
			       FW_VPD_MAX);
	if (all_are(bytes, len, 0))
		return cx_fail(err, CX_INVALID, "VPD: %zu zeros: nobody has written it", len);
	if (all_are(bytes, len, 0xff))
		return cx_fail(err, CX_INVALID,
			       "VPD: %zu bytes of ff: an empty EEPROM, or nothing answers", len);
	while (at < len && !is_end(bytes[at]))
		if (read_tag(bytes, len, &at, vpd, err))
			return -1;
	if (!at)
		return cx_fail(err, CX_INVALID, "VPD: nothing before the end tag at 0");
	if (at == len)
		return cx_fail(err, CX_INVALID, "VPD: %zu bytes without an end tag", len);
	vpd->whole = true;
	return 0;
}

bool fw_vpd_begins(const uint8_t *bytes, size_t len)
{
	size_t size = len < TAG_HEAD ? 0 : bytes[1] | (size_t)bytes[2] << 8;

	return size && len <= FW_VPD_MAX && bytes[0] == TAG_NAME && size + TAG_HEAD < len &&
	       bytes[TAG_HEAD + size] == TAG_READ;
}

const char *fw_vpd_get(const struct fw_vpd *vpd, const char *keyword)
{
	for (size_t i = 0; i < vpd->fields; i++)
		if (!strcmp(vpd->field[i].keyword, keyword))
			return *vpd->field[i].text ? vpd->field[i].text : NULL;
	return NULL;
}

const char *fw_vpd_part(const struct fw_vpd *vpd)
{
	if (vpd->sum == FW_VPD_SUM_WRONG || (vpd->sum == FW_VPD_NO_SUM && !vpd->whole))
		return NULL;
	return fw_vpd_get(vpd, "PN");
}

const char *fw_vpd_sum_name(enum fw_vpd_sum sum)
{
	static const char *const name[] = {"none", "right", "wrong"};

	return name[sum];
}
