/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of a card's ports: InfiniBand, Ethernet, or whichever the cable says (auto). What they
 * are, who decides it, what they will be after a reboot; and changing them.
 */
#ifndef CXFLASH_HOST_PORT_H
#define CXFLASH_HOST_PORT_H

#include "dev/machine.h"
#include "fw/err.h"

#define PORTS_MAX 2
/* Our rule: a line for each card, run by udev when mlx4_core has started on it. */
#define PORT_RULES "/etc/udev/rules.d/70-cxflash-port-type.rules"

struct port_info {
	char type[8];	/* "ib", "eth" */
	char wished[8]; /* the same, or "auto" */
	char ib[64], layer[16], state[24];
	char netdev[64];
	bool up;
	char reboot[8];	 /* "ib", "eth", "auto"; "" the firmware decides */
	int reboot_rank; /* of the source that says so */
};

/* Somebody who has a say in what the ports are after a start. The later in this list wins. */
enum port_rank { PORT_FIRMWARE, PORT_PARAMETER, PORT_MLX4_CONF, PORT_OUR_RULE };

struct port_source {
	enum port_rank rank;
	char place[340]; /* file and line */
	char says[PORTS_MAX][8];
	bool broken;	 /* mlx4_core does not load with it */
	const char *but; /* why it is not judged, "nothing here reads it"; NULL: it is */
	char text[120];	 /* what is shown of it, its beginning */
};

struct port_view {
	char card[16], driver[32], psid[32], guid[32];
	unsigned int count;
	struct port_info port[PORTS_MAX];
	struct port_source source[16];
	size_t sources, sources_left_out;
	char parameter[32]; /* port_type_array that mlx4_core was loaded with; "" not to be seen */
	bool stale;	    /* and it is not what is configured */
	bool cx2;
	char fixed[160]; /* why nothing can be set, "" it can */
	char initramfs[64];
};

/* @card is a PCI address or NULL for the only one. */
int port_look(const struct cx_machine *m, const char *card, struct port_view *v,
	      struct cx_err *err);

/* What "1=ib" says, into @request[port - 1], which was "" before. CX_USAGE. */
int port_request(const char *text, char request[PORTS_MAX][8], struct cx_err *err);

struct port_options {
	bool force, dry_run, persistent;
	/* For tests: how a value is put, and how to wait a tenth of a second. */
	int (*put)(const struct cx_machine *m, const char *path, const char *value);
	void (*wait)(const struct cx_machine *m);
	/* Told of every write before it is done, and of what should be known; may be NULL. */
	void (*show)(const char *path, const char *value, void *ctx);
	void (*note)(const char *text, void *ctx);
	void *ctx;
};

/*
 * Make the ports what @request says; "" leaves one alone. CX_NOTHING: they are it already.
 * CX_REFUSED with the reason. When a write fails, the ports get back what they had. *after is how
 * they are when it has ended, also on failure.
 */
int port_set(const struct cx_machine *m, const struct port_view *before, char request[PORTS_MAX][8],
	     const struct port_options *opt, struct port_view *after, struct cx_err *err);

/* Our rule for the card, in PORT_RULES beside those of other cards. */
int port_persist(const struct cx_machine *m, const struct port_view *v, char request[PORTS_MAX][8],
		 const struct port_options *opt, struct cx_err *err);

#endif
