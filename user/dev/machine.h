/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine to look at: the one we run on, or a tree of files that shows another (--sysroot).
 *
 * In a tree everything is where the machine has it, links relative. What no file of a machine tells
 * is in files of their own (machine_ask.c): kernel log, addresses, RDMA capabilities, drivers'
 * versions, what has grown. Nothing here writes, starts or loads anything.
 *
 * Paths are those of the machine ("/sys/..."). A function that cannot read returns -errno.
 */
#ifndef CXFLASH_DEV_MACHINE_H
#define CXFLASH_DEV_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cx_machine {
	const char *root; /* "" this machine, else the folder of the tree */
	bool patient;	  /* one may wait a second to see what grows */
	/*
	 * Whoever wants to keep what was read (a report) is told of every file, link and folder;
	 * @kind is 'f', 'l' or 'd', a folder's @text its names, each with a newline; NULL where
	 * @error says why there is none. May be NULL.
	 */
	void (*seen)(const char *path, char kind, const char *text, size_t len, int error,
		     void *ctx);
	void *ctx;
};

/* The whole file, with a zero byte behind it; the caller free()s *text. Returns its length. */
long cx_machine_file(const struct cx_machine *m, const char *path, char **text);
/* Its first line, without the newline and the blanks at its end. */
int cx_machine_line(const struct cx_machine *m, const char *path, char *buf, size_t size);
/* What a link points to, without the folders. */
int cx_machine_link(const struct cx_machine *m, const char *path, char *buf, size_t size);
bool cx_machine_has(const struct cx_machine *m, const char *path);
/* The real path of something that may be reached by links, as the machine knows it. */
int cx_machine_real(const struct cx_machine *m, const char *path, char *buf, size_t size);

/* A field of /proc/mounts as it was before the kernel wrote \040 for a blank, in place. */
void cx_machine_unescape(char *field);

struct cx_names {
	char (*name)[256];
	size_t count;
};

/* The names in a folder, in order, without those that begin with a dot; free() .name. */
int cx_machine_names(const struct cx_machine *m, const char *path, struct cx_names *names);

/* ---- what no file tells; @source (64 bytes) becomes where it is from ---- */

/*
 * Wait for a second; false: nobody has the time. Then cx_machine_line_later() is what a line has
 * become; a tree has that in /ask/later and its path, and without such a file it is as it was.
 */
bool cx_machine_wait(const struct cx_machine *m);
int cx_machine_line_later(const struct cx_machine *m, const char *path, char *buf, size_t size);
/* Messages of the kernel since it started, as far as it kept them; free() *text. */
long cx_machine_log(const struct cx_machine *m, char **text, char *source);
/* Device capability flags of an RDMA device, by the kernel's RDMA netlink. */
int cx_machine_rdma(const struct cx_machine *m, const char *device, uint64_t *flags, char *source);
/* Firmware version as the driver of a network interface tells it. */
int cx_machine_driver_info(const struct cx_machine *m, const char *interface, char *version,
			   size_t size, char *source);
/* The first address of an interface, IPv4 before IPv6, none that is only for the link; "" none. */
int cx_machine_address(const struct cx_machine *m, const char *interface, char *address,
		       size_t size, char *source);

#endif
