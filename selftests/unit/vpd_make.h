/* SPDX-License-Identifier: GPL-2.0-only */
/* VPDs as cards have them: the layout of two manuals (field-cases 1), with values of our own. */
#ifndef CXFLASH_VPD_MAKE_H
#define CXFLASH_VPD_MAKE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct vpd {
	uint8_t byte[512];
	size_t len;
};

static void vpd_tag(struct vpd *v, uint8_t tag, size_t size)
{
	v->byte[v->len++] = tag;
	v->byte[v->len++] = size & 0xff;
	v->byte[v->len++] = size >> 8;
}

static void vpd_bytes(struct vpd *v, const char *text, size_t size)
{
	size_t n = strlen(text);

	memset(v->byte + v->len, 0, size);
	memcpy(v->byte + v->len, text, n < size ? n : size);
	v->len += size;
}

static void vpd_field(struct vpd *v, const char *keyword, const char *text, size_t size)
{
	memcpy(v->byte + v->len, keyword, 2);
	v->byte[v->len + 2] = (uint8_t)size;
	v->len += 3;
	vpd_bytes(v, text, size);
}

/* 256 bytes, the fields where the manuals of MNPH29C (@name of 14) and MCX342A (of 24) have them.
 */
__attribute__((unused)) static struct vpd vpd_make(const char *name, const char *part)
{
	struct vpd v = {.len = 0};
	uint8_t sum = 0;

	vpd_tag(&v, 0x82, strlen(name));
	vpd_bytes(&v, name, strlen(name));
	vpd_tag(&v, 0x90, 79);
	vpd_field(&v, "PN", part, 21);
	vpd_field(&v, "EC", "A2", 2);
	vpd_field(&v, "SN", "00000000000000TS1234X567", 24);
	vpd_field(&v, "V0", "PCIe Gen2 x8", 16);
	vpd_field(&v, "RV", "", 1);
	for (size_t i = 0; i < v.len; i++)
		sum += v.byte[i];
	v.byte[v.len - 1] = (uint8_t)-sum;
	vpd_tag(&v, 0x91, 252 - v.len);
	vpd_field(&v, "V1", "N/A", 6);
	vpd_field(&v, "YA", "", 32);
	vpd_field(&v, "RW", "", 252 - v.len);
	v.byte[v.len++] = 0x78;
	return v;
}

#endif
