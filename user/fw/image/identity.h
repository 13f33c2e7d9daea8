/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person says a card shall be: GUIDs, MACs and VSD from as little as one base number. */
#ifndef CXFLASH_FW_IMAGE_IDENTITY_H
#define CXFLASH_FW_IMAGE_IDENTITY_H

#include "dump.h"
#include "image.h"

/* Members that are NULL leave their part as it is. */
struct fw_identity_request {
	bool blank;	  /* no GUIDs and MACs at all */
	const char *guid; /* a base: node, ports 1 and 2, system image +0..+3; or "mac" */
	const char *mac;  /* a base: ports 1 and 2 +0, +1; or "guid" */
	const char *vsd;
	enum fw_chip chip; /* whose pairing of MACs and GUIDs holds; FW_CHIP_UNKNOWN: the newer */
	char *how;	   /* gets a sentence on what was derived and how, "" nothing; or NULL */
};

#define FW_IDENTITY_HOW 280 /* bytes of it */

/*
 * Change *@id, whose .entries says what the image can hold; *@id is as before on failure. "mac" and
 * "guid" derive one from the other. A MAC is a GUID without its middle 16 bits, where those are a
 * filler that makers use; elsewhere they are part of the card's number, and two cards would get one
 * MAC (CX_REFUSED). Of which GUID: as the MACs on the card show, else ports 1 and 2 of the node's
 * and port 1's on a ConnectX-2, of ports 1 and 2 on later chips (field-cases 1); in a section
 * without MACs of ports 1 and 2 whatever the middle, as its firmware does (fs2-image 12). The other
 * way the middle is FW_GUID_MIDDLE, and port 1's GUID has port 1's MAC.
 *
 * Refuses what no card can have: numbers that are none or run over, all zeros, all ones, multicast
 * MACs, a VSD of more than 208 bytes.
 */
int fw_identity_change(struct fw_identity *id, const struct fw_identity_request *req,
		       struct cx_err *err);

/*
 * Give what was never set, all ones or all zeros: GUIDs from the MACs where the node and port 1
 * have none, MACs from the GUIDs where port 1 has none; @chip and @how as in a request. FW_FILLED_*
 * says what was done, or on failure what was missing. CX_REFUSED if they do not follow; *@id is
 * then as before.
 */
enum fw_filled { FW_FILLED_NOTHING, FW_FILLED_GUIDS, FW_FILLED_MACS };
int fw_identity_fill(struct fw_identity *id, enum fw_chip chip, enum fw_filled *filled, char *how,
		     struct cx_err *err);
/* Are GUIDs or MACs those that a release's files hold before a card gets its own (fs2-image 12)? */
bool fw_identity_is_release(const struct fw_identity *id);

/* The middle of GUIDs in vendor transcripts of ConnectX-2 and -3 cards: 0002c903..., f452140300....
 */
#define FW_GUID_MIDDLE 0x0300

/*
 * 16 or 12 hex digits, with or without 0x, and with ':', '-', '.' or a blank between bytes or
 * groups of them; in groups of 2 or 4 digits the zeros at the front of each may be missing. "GUID:"
 * or "MAC:" may stand before it, as on a card's label.
 * CX_USAGE says what would fit.
 */
int fw_guid_read(const char *text, uint64_t *guid, struct cx_err *err);
int fw_mac_read(const char *text, uint64_t *mac, struct cx_err *err);

/*
 * Do the MACs belong to the GUIDs by none of the rules known? "" if they do by one, or if no rule
 * can tell: numbers that are not set or the release's, MACs that no section holds, GUIDs whose
 * middle is part of the card's number. @buf has FW_IDENTITY_HOW bytes.
 */
const char *fw_identity_apart(const struct fw_identity *id, char *buf);

/* What is odd about an identity: the release's numbers that every card would share (fs2-image 12),
 * a MAC no card may have, MACs that do not belong to the GUIDs. A sentence for each; returns how
 * many. */
typedef void (*fw_identity_doubt_fn)(const char *text, void *ctx);
size_t fw_identity_doubts(const struct fw_identity *id, fw_identity_doubt_fn fn, void *ctx);

#endif
