/* SPDX-License-Identifier: GPL-2.0-only */
/* What a shell may offer in place of the last word of a command line. */
#ifndef CXFLASH_CMD_COMPLETE_H
#define CXFLASH_CMD_COMPLETE_H

#include "commands.h"

/*
 * cxflashctl --complete WORD...: what a shell may offer in place of the last word, after those
 * before it, one candidate a line, "WORD" or "WORD<TAB>what it means". A line that begins with a
 * colon asks the shell for names of files: ":files", ":files EXTENSION..." or ":dirs".
 */
void complete(FILE *to, const struct command_group *groups, const struct opt *global, int argc,
	      char **argv);

#endif
