/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A learnt map: the rules of one or more releases, and the evidence they follow from. As text it
 * is a table like params.tsv whose lines with '@' carry the evidence; reading it learns anew, and a
 * rule that does not follow is refused. cxflash-map(5) describes it.
 */
#ifndef CXFLASH_FW_MAP_TABLE_H
#define CXFLASH_FW_MAP_TABLE_H

#include "learn.h"

struct fw_map {
	struct fw_evidence *evidence; /* of each release */
	struct fw_learning *learning;
	size_t releases;
};

/* Does the text have lines of evidence? */
bool fw_is_learnt_map(const char *text, size_t len);
/* CX_INVALID with "line N". The caller frees with fw_map_free(). */
int fw_map_parse(const char *text, size_t len, struct fw_map *map, struct cx_err *err);
/* *@text is owned by the caller. */
int fw_map_write(const struct fw_map *map, char **text, size_t *len, struct cx_err *err);
void fw_map_free(struct fw_map *map);

/* Put samples together by their releases and learn of each. */
int fw_map_learn(const struct fw_sample *sample, size_t samples, struct fw_map *map,
		 struct cx_err *err);

/* The line of a rule, without its newline; "" of a claim that is none. @number: which of several
 * lines a claim has; "" behind the last. */
void fw_rule_line(const struct fw_learning *l, size_t claim, char *line, size_t size);

#define FW_RULE_LINE 8192

#endif
