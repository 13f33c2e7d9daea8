/* SPDX-License-Identifier: GPL-2.0-only */
/* What people and distributions configured: files of modprobe and udev, the kernel's command line.
 */
#ifndef CXFLASH_HOST_CONFIG_H
#define CXFLASH_HOST_CONFIG_H

#include <stdbool.h>

#include "dev/machine.h"

struct config_line {
	const char *file;
	unsigned int number;
	const char *text; /* NULL: the file, or the folder, cannot be read */
	int error;	  /* then why, -errno */
};
typedef void (*config_fn)(const struct config_line *line, void *ctx);

/*
 * Every line of modprobe's files that begins with @verb and @module, what follows that, in the
 * order of modprobe: by the names of the files; of two with one name the first folder's counts.
 * -ENOMEM.
 */
int config_modprobe(const struct cx_machine *m, const char *verb, const char *module, config_fn fn,
		    void *ctx);
/* Every line of udev's rules that has @word, likewise. */
int config_udev(const struct cx_machine *m, const char *word, config_fn fn, void *ctx);
/* For modprobe - and _ are one. */
bool config_same_module(const char *a, const char *b);
/*
 * The last value of an option on the kernel's command line, "" without it; free() it. NULL: it
 * cannot be read, *@error says why.
 */
char *config_option(const struct cx_machine *m, const char *option, int *error);

#endif
