/* SPDX-License-Identifier: GPL-2.0-only */
/* What kind of terminal somebody sits at. */
#ifndef CXFLASH_CLI_TERMINAL_H
#define CXFLASH_CLI_TERMINAL_H

#include <stdbool.h>

/* Does it know how to go back in a line, and colours? One that is dumb, or unnamed, does not. */
bool terminal_draws(int fd);

/* How many characters fit a line; 0: no terminal, or one that does not say. */
unsigned int terminal_width(int fd);

#endif
