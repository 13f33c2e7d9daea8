// SPDX-License-Identifier: GPL-2.0-only
/* GUIDs and MACs as people and tools write them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "identity.h"

#define MAC_DIGITS   12
#define GUID_DIGITS  16
#define GID_DIGITS   32 /* a GUID is its second half */
#define IPOIB_DIGITS 40 /* 4 bytes, then a GID */
#define MAX_DIGITS   IPOIB_DIGITS

/* What a text says: its digits, and how they stand together. */
struct digits {
	char digit[MAX_DIGITS + 1];
	unsigned int count, groups, longest; /* a group ends at a separator */
	bool even;			     /* no separator stands within a byte */
	unsigned int group[MAX_DIGITS];	     /* digits in it */
};

static bool is_separator(char c)
{
	return c == ':' || c == '-' || c == '.' || c == ' ';
}

static void end_group(struct digits *d, unsigned int len)
{
	d->group[d->groups++] = len;
	if (len > d->longest)
		d->longest = len;
	d->even &= !(len % 2);
}

/* Returns NULL, or the character that has no place there. */
static const char *scan(const char *text, struct digits *d)
{
	const char *end = text + strlen(text);
	unsigned int len = 0;

	*d = (struct digits){.even = true};
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	while (text < end && isspace((unsigned char)*text))
		text++;
	if (end - text > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	for (; text < end; text++) {
		if (is_separator(*text) && len && isxdigit((unsigned char)text[1])) {
			end_group(d, len);
			len = 0;
		} else if (isxdigit((unsigned char)*text) && d->count < MAX_DIGITS) {
			d->digit[d->count++] = *text;
			len++;
		} else {
			return text;
		}
	}
	end_group(d, len);
	return NULL;
}

/* A label on a card prints "GUID: F45214 0300 01B8A0": where the number begins. */
static const char *behind_label(const char *text, const char *what)
{
	while (isspace((unsigned char)*text))
		text++;
	if (strncasecmp(text, what, strlen(what)))
		return text;
	text += strlen(what);
	return text + strspn(text, " :=");
}

/* Six groups of a MAC, or four of a GUID, may leave the zeros at their front away. */
static bool fill_groups(struct digits *d, unsigned int want)
{
	char full[MAX_DIGITS + 1] = "";
	unsigned int size = d->groups > 1 ? want / d->groups : 0, at = 0;

	if (!size || size * d->groups != want || (size != 2 && size != 4) || d->longest > size)
		return false;
	memset(full, '0', want);
	for (unsigned int i = 0; i < d->groups; at += d->group[i++])
		memcpy(full + (i + 1) * size - d->group[i], d->digit + at, d->group[i]);
	memcpy(d->digit, full, sizeof(full));
	d->count = want;
	return true;
}

static uint64_t value(const char *digit, unsigned int count)
{
	uint64_t n = 0;

	for (; count--; digit++)
		n = n << 4 | (uint64_t)(isdigit((unsigned char)*digit)
						? *digit - '0'
						: tolower((unsigned char)*digit) - 'a' + 10);
	return n;
}

/* What else has so many digits, or which number may be meant. */
static const char *what_fits(const struct digits *d, unsigned int want, char *buf, size_t size)
{
	const char *last = d->digit + (d->count > GUID_DIGITS ? d->count - GUID_DIGITS : 0);

	buf[0] = '\0';
	if (want == MAC_DIGITS && d->count == GUID_DIGITS)
		snprintf(buf, size,
			 "; 16 are a GUID, which --guid takes; --mac guid derives MACs from GUIDs");
	else if (want == GUID_DIGITS && d->count == MAC_DIGITS)
		snprintf(buf, size,
			 "; 12 are a MAC, which --mac takes; --guid mac derives GUIDs from MACs");
	else if (want == GUID_DIGITS && d->count == GID_DIGITS)
		snprintf(buf, size, "; 32 are a GID, and its GUID is the last 16: %s", last);
	else if (want == GUID_DIGITS && d->count == IPOIB_DIGITS)
		snprintf(buf, size,
			 "; 40 are the address of an IPoIB interface, and the GUID of its port is "
			 "the last 16: %s",
			 last);
	else if (d->count && d->count < want && d->groups == 1)
		snprintf(buf, size, "; if zeros at the front were left away, it is %0*d%s",
			 (int)(want - d->count), 0, d->digit);
	else
		snprintf(buf, size, ", as in %s",
			 want == MAC_DIGITS ? "0002c9a1b2c0 or 00:02:c9:a1:b2:c0"
					    : "0002c90300a1b2c0 or 0002:c903:00a1:b2c0");
	return buf;
}

static int read_number(const char *what, const char *text, unsigned int want, uint64_t *number,
		       struct cx_err *err)
{
	char fits[160];
	struct digits d;
	const char *bad = scan(behind_label(text, what), &d);

	if (bad && isxdigit((unsigned char)*bad))
		return cx_fail(err, CX_USAGE,
			       "%s %.80s: %u hex digits expected, these are more than %u", what,
			       text, want, MAX_DIGITS);
	if (bad)
		return cx_fail(err, CX_USAGE,
			       "%s %.80s: %u hex digits expected, and '%.1s' is none%s", what, text,
			       want, bad, is_separator(*bad) ? " and separates nothing" : "");
	if ((d.count != want || !d.even) && !fill_groups(&d, want))
		return cx_fail(err, CX_USAGE, "%s %.80s: %u hex digits expected, these are %u%s%s",
			       what, text, want, d.count, d.count == want ? ", grouped oddly" : "",
			       what_fits(&d, want, fits, sizeof(fits)));
	*number = value(d.digit, want);
	return 0;
}

int fw_guid_read(const char *text, uint64_t *guid, struct cx_err *err)
{
	return read_number("GUID", text, GUID_DIGITS, guid, err);
}

int fw_mac_read(const char *text, uint64_t *mac, struct cx_err *err)
{
	return read_number("MAC", text, MAC_DIGITS, mac, err);
}
