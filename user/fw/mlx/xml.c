// SPDX-License-Identifier: GPL-2.0-only
/* The XML dress of a .mlx, over expat. */
#define _GNU_SOURCE
#include "xml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int mlx_xml_fail(struct mlx_xml *xml, enum cx_status status, const char *fmt, ...)
{
	char reason[512];
	va_list ap;

	if (xml->failed)
		return -1; /* the first reason counts */
	xml->failed = true;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	XML_StopParser(xml->parser, XML_FALSE);
	return cx_fail(xml->err, status, "line %lu: %s%s",
		       (unsigned long)XML_GetCurrentLineNumber(xml->parser), reason,
		       status == CX_REFUSED   ? "; a vendor's .mlx cannot be read, " MLX_WAY_OUT
		       : status == CX_INVALID ? "; see cxflash-mlx(5), or " MLX_WAY_OUT
					      : "");
}

const char *mlx_xml_attr(const char **atts, const char *name)
{
	for (; *atts; atts += 2)
		if (!strcmp(atts[0], name))
			return atts[1];
	return NULL;
}

int mlx_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool in_list(const char *list, const char *name, size_t len)
{
	for (; *list; list += strspn(list, " ")) {
		size_t n = strcspn(list, " ");

		if (n == len && !memcmp(list, name, len))
			return true;
		list += n;
	}
	return false;
}

static int check_attributes(struct mlx_xml *xml, const struct mlx_element *e, const char **atts)
{
	for (const char **a = atts; *a; a += 2)
		if (!in_list(e->need, a[0], strlen(a[0])) && !in_list(e->may, a[0], strlen(a[0])))
			return mlx_xml_fail(xml, CX_REFUSED, "<%s> has no attribute '%.40s'",
					    e->name, a[0]);
	for (const char *need = e->need; *need; need += strspn(need, " ")) {
		size_t n = strcspn(need, " ");
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)n, need);
		if (!mlx_xml_attr(atts, name))
			return mlx_xml_fail(xml, CX_INVALID, "<%s> lacks its attribute %s", e->name,
					    name);
		need += n;
	}
	return 0;
}

static const struct mlx_element *find_element(const struct mlx_xml *xml, const char *name)
{
	const char *parent = xml->depth ? xml->open[xml->depth - 1]->name : NULL;

	for (const struct mlx_element *e = xml->elements; e->name; e++)
		if (!strcmp(e->name, name) &&
		    (parent ? e->parent && !strcmp(e->parent, parent) : !e->parent))
			return e;
	return NULL;
}

static void XMLCALL on_start(void *user, const char *name, const char **atts)
{
	struct mlx_xml *xml = user;
	const struct mlx_element *e;

	if (xml->failed)
		return;
	if (!xml->rooted) {
		xml->rooted = true; /* the artificial root, not of the user's file */
		return;
	}
	e = find_element(xml, name);
	if (!e && xml->depth) {
		mlx_xml_fail(xml, CX_REFUSED, "no element <%.40s> of the cxflash profile in <%s>",
			     name, xml->open[xml->depth - 1]->name);
	} else if (!e || (!xml->begun && e != xml->elements)) {
		mlx_xml_fail(xml, CX_REFUSED,
			     xml->begun ? "<%.40s> is no element of the cxflash profile"
					: "<%.40s> where <cxflash profile=\"1\"/> should begin",
			     name);
	} else if (xml->begun && e == xml->elements) {
		mlx_xml_fail(xml, CX_INVALID, "a second <%s>", e->name);
	} else if (xml->done) {
		mlx_xml_fail(xml, CX_INVALID, "<%s> behind the end", e->name);
	} else if (!check_attributes(xml, e, atts)) {
		xml->begun = true;
		xml->half = -1;
		xml->open[xml->depth++] = e; /* parents in the table bound the depth */
		if (e->begin && e->begin(xml->ctx, atts))
			xml->failed = true;
	}
}

static void XMLCALL on_end(void *user, const char *name)
{
	struct mlx_xml *xml = user;
	const struct mlx_element *e;

	(void)name; /* expat has matched it with its start */
	if (xml->failed || !xml->depth)
		return;
	if (xml->half >= 0) {
		mlx_xml_fail(xml, CX_INVALID, "an odd number of hex digits");
		return;
	}
	e = xml->open[--xml->depth];
	if (e->end && e->end(xml->ctx))
		xml->failed = true;
}

static void read_hex(struct mlx_xml *xml, const char *text, int len)
{
	uint8_t out[256];
	size_t n = 0;

	for (int i = 0; i < len; i++) {
		int d = mlx_hex_digit(text[i]);

		if (strchr(" \t\r\n", text[i]))
			continue;
		if (d < 0) {
			mlx_xml_fail(xml, CX_INVALID, "'%c' is no hex digit",
				     text[i] > ' ' && text[i] < 0x7f ? text[i] : '?');
			return;
		}
		if (xml->half < 0) {
			xml->half = d;
			continue;
		}
		out[n++] = xml->half << 4 | d;
		xml->half = -1;
		if (n == sizeof(out)) {
			if (xml->bytes(xml->ctx, out, n))
				return;
			n = 0;
		}
	}
	if (n)
		xml->bytes(xml->ctx, out, n);
}

static void XMLCALL on_text(void *user, const char *text, int len)
{
	struct mlx_xml *xml = user;

	if (xml->failed)
		return;
	if (xml->depth && xml->open[xml->depth - 1]->hex) {
		read_hex(xml, text, len);
		return;
	}
	for (int i = 0; i < len; i++) {
		if (!strchr(" \t\r\n", text[i])) {
			mlx_xml_fail(xml, CX_REFUSED, "text outside an element that holds bytes");
			return;
		}
	}
}

static void XMLCALL on_instruction(void *user, const char *target, const char *data)
{
	(void)data;
	mlx_xml_fail(user, CX_REFUSED, "no processing instruction <?%.40s is known", target);
}

static bool is_entity(const char *at, const char *end)
{
	static const char *const entity[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};

	for (size_t i = 0; i < sizeof(entity) / sizeof(entity[0]); i++) {
		size_t n = strlen(entity[i]);

		if ((size_t)(end - at) >= n && !memcmp(at, entity[i], n))
			return true;
	}
	return false;
}

static int feed(struct mlx_xml *xml, const char *text, size_t len)
{
	while (len && !xml->failed) {
		int n = len < 1 << 20 ? len : 1 << 20;

		if (XML_Parse(xml->parser, text, n, 0) != XML_STATUS_OK)
			return mlx_xml_fail(xml, CX_INVALID, "not well-formed: %s",
					    XML_ErrorString(XML_GetErrorCode(xml->parser)));
		text += n;
		len -= n;
	}
	return xml->failed ? -1 : 0;
}

/* The text between an artificial root, on whose line it begins so that line numbers are right, and
 * with every & that begins no standard entity escaped. */
static int feed_all(struct mlx_xml *xml, const char *text, size_t len)
{
	const char *end = text + len, *amp;

	if (feed(xml, "<cxflash-mlx-root>", 18))
		return -1;
	while ((amp = memchr(text, '&', end - text))) {
		if (feed(xml, text, amp - text) ||
		    (is_entity(amp, end) ? feed(xml, "&", 1) : feed(xml, "&amp;", 5)))
			return -1;
		text = amp + 1;
	}
	if (feed(xml, text, end - text))
		return -1;
	if (XML_Parse(xml->parser, "</cxflash-mlx-root>", 19, 1) != XML_STATUS_OK)
		return mlx_xml_fail(xml, CX_INVALID,
				    "the file ends inside an element: it is cut short");
	if (!xml->done)
		return mlx_xml_fail(xml, CX_INVALID,
				    "the file ends without <end/>: it is cut short");
	return 0;
}

int mlx_xml_parse(struct mlx_xml *xml, const char *text, size_t len)
{
	int rc;

	xml->parser = XML_ParserCreate("UTF-8");
	if (!xml->parser)
		return cx_fail(xml->err, CX_FAILED, "out of memory");
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, on_start, on_end);
	XML_SetCharacterDataHandler(xml->parser, on_text);
	XML_SetProcessingInstructionHandler(xml->parser, on_instruction);
	rc = feed_all(xml, text, len);
	XML_ParserFree(xml->parser);
	xml->parser = NULL;
	return rc;
}
