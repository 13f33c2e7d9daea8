/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person says a card shall be: GUIDs, MACs and VSD from as little as one base number. */
#ifndef CXFLASH_FW_IMAGE_IDENTITY_H
#define CXFLASH_FW_IMAGE_IDENTITY_H

#include "image.h"

/* Members that are NULL leave their part as it is. */
struct fw_identity_wish {
	bool blank;	  /* no GUIDs and MACs at all */
	const char *guid; /* a base: node, ports 1 and 2, system image +0..+3; or "mac" */
	const char *mac;  /* a base: ports 1 and 2 +0, +1; or "guid" */
	const char *vsd;
};

/*
 * Change *@id, whose .entries says what the image can hold; *@id is as before on failure. "mac" and
 * "guid" derive one from the other, port by port: a port's MAC is its GUID without the middle 16
 * bits (fs2-image 12), and the other way those are FW_GUID_MIDDLE. Refuses what no card can have:
 * numbers that are none or run over, all zeros, all ones, multicast MACs, a VSD of more than 208
 * bytes.
 */
int fw_identity_wish(struct fw_identity *id, const struct fw_identity_wish *wish,
		     struct cx_err *err);

/*
 * Give what was never set, all ones or all zeros: GUIDs from the MACs where the node and port 1
 * have none, MACs from the GUIDs where port 1 has none. FW_FILLED_* says what was done. CX_REFUSED
 * if they do not follow; *@id is then as before.
 */
enum fw_filled { FW_FILLED_NOTHING, FW_FILLED_GUIDS, FW_FILLED_MACS };
int fw_identity_fill(struct fw_identity *id, enum fw_filled *filled, struct cx_err *err);
/* Are GUIDs or MACs those that a release's files hold before a card gets its own (fs2-image 12)? */
bool fw_identity_is_release(const struct fw_identity *id);

/* The middle of GUIDs in vendor transcripts of ConnectX-2 and -3 cards: 0002c903..., f452140300....
 */
#define FW_GUID_MIDDLE 0x0300

/* 16 or 12 hex digits, with or without 0x, and with ':' or '-' between bytes or groups. */
int fw_guid_read(const char *text, uint64_t *guid, struct cx_err *err);
int fw_mac_read(const char *text, uint64_t *mac, struct cx_err *err);

/* What is odd about an identity: the release's numbers that every card would share (fs2-image 12),
 * a MAC no card may have. A sentence for each; returns how many. */
typedef void (*fw_identity_doubt_fn)(const char *text, void *ctx);
size_t fw_identity_doubts(const struct fw_identity *id, fw_identity_doubt_fn fn, void *ctx);

#endif
