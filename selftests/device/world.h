/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests do to the guest around the card. */
#ifndef CXFLASH_DEVICE_WORLD_H
#define CXFLASH_DEVICE_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "client.h"

#define DEVICES "/sys/bus/pci/devices"

/* The PCI address of the function that CARD names, or else of a Mellanox function; or NULL. */
const char *find_function(void);
/* The number by which the card model knows it. */
unsigned int function_index(void);
/* Open a client of the card; a card that cxflash does not serve is bound to it. */
int find_card(struct client *c, const char *name, struct info *info);
/* Take the function from its driver and give it to @driver; NULL: to none. */
int bind_function(const char *name, const char *driver);

/* The name of the driver that has the function, or "". */
const char *driver_of(const char *name);
/* The stand-in owner lies beside the test programs, built for the running kernel. */
int load_owner(void);

/*
 * Bytes that look random and are the same every time; for a card whose part programs single bytes,
 * which takes a model long, only the first KiB.
 */
void fill(void *buf, size_t len, uint32_t seed);

long now_ms(void);

/* For the rest of this process. */
int drop_capability(int cap);

/* The kernel's log from now on, and in how many of its new lines @text is. */
int kmsg_open(void);
int kmsg_count(int fd, const char *text);

/* Write @text to a file of sysfs or procfs: 0 or -errno. */
int put_file(const char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The card model: a request of its control channel, without the number of the card. Both end the
 * test program on any trouble with the line: a test that could not inject its fault must not pass.
 */
__attribute__((format(printf, 1, 2))) const char *model(const char *fmt, ...);
/* A number of the model's statistics by its path, as in "semaphore.takes". */
long model_stat(const char *path);
/* How many commands the gateway has carried out; and wait until it has done @n more than then. */
long commands_done(void);
void wait_commands(long then, long n);

#endif
