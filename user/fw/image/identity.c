// SPDX-License-Identifier: GPL-2.0-only
/* GUIDs, MACs and VSD: read, derived, as people write them. */
#include "identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "edit.h"

#define MULTICAST (1ull << 40) /* fs2-image 12 */
#define MAC_MAX	  0xffffffffffffull
#define LOW_HALF  0xffffffull /* what a vendor numbers; the half above it is the vendor's */

/* Cards count in the lower 24 bits; a carry out of them would take another vendor's number. */
static bool runs_over(uint64_t base, unsigned int more)
{
	return (base & LOW_HALF) + more > LOW_HALF;
}

static int set_guids(struct fw_identity *id, uint64_t base, struct cx_err *err)
{
	if (!base || base == UINT64_MAX)
		return cx_fail(err, CX_REFUSED, "GUID %016" PRIx64 " is none", base);
	if (runs_over(base, 3))
		return cx_fail(err, CX_REFUSED,
			       "GUID %016" PRIx64 ": the 4 GUIDs from there run over its last 24 "
			       "bits",
			       base);
	for (unsigned int i = 0; i < 4; i++)
		id->guid[i] = base + i;
	return 0;
}

static int check_mac(uint64_t mac, struct cx_err *err)
{
	if (!mac || mac > MAC_MAX)
		return cx_fail(err, CX_REFUSED, "MAC %012" PRIx64 " is none", mac);
	if (mac & MULTICAST)
		return cx_fail(err, CX_REFUSED,
			       "MAC %012" PRIx64 " is a multicast address (bit 40), no card's own",
			       mac);
	return 0;
}

static int set_macs(struct fw_identity *id, uint64_t first, uint64_t second, struct cx_err *err)
{
	if (check_mac(first, err) || check_mac(second, err))
		return -1;
	id->mac[0] = first;
	id->mac[1] = second;
	return 0;
}

static int base_mac(struct fw_identity *id, const char *text, struct cx_err *err)
{
	uint64_t mac;

	if (fw_mac_read(text, &mac, err))
		return -1;
	if (runs_over(mac, 1))
		return cx_fail(err, CX_REFUSED,
			       "MAC %012" PRIx64 ": the second one runs over its last 24 bits",
			       mac);
	return set_macs(id, mac, mac + 1, err);
}

/* Port 1's GUID follows from its MAC, and the node's is the one before: the 4 are consecutive. */
static int guids_from_macs(struct fw_identity *id, char *how, struct cx_err *err)
{
	uint64_t mac = id->mac[0];

	if (check_mac(mac, err))
		return -1;
	if (id->mac[1] != mac + 1)
		return cx_fail(err, CX_REFUSED,
			       "MACs %012" PRIx64 " and %012" PRIx64
			       " are not consecutive, no row of "
			       "GUIDs follows from them; give a base with --guid",
			       mac, id->mac[1]);
	if (!(mac & LOW_HALF))
		return cx_fail(err, CX_REFUSED, "MAC %012" PRIx64 " leaves no GUID for the node",
			       mac);
	if (set_guids(id,
		      (mac & ~LOW_HALF) << 16 | (uint64_t)FW_GUID_MIDDLE << 24 |
			      ((mac & LOW_HALF) - 1),
		      err))
		return -1;
	if (how)
		snprintf(how, FW_IDENTITY_HOW,
			 "the GUID of port 1 is its MAC with %04x in the middle, and the node's is "
			 "the one before: %016" PRIx64 ", %016" PRIx64,
			 FW_GUID_MIDDLE, id->guid[0], id->guid[1]);
	return 0;
}

static int set_vsd(struct fw_identity *id, const char *vsd, struct cx_err *err)
{
	size_t len = strlen(vsd);

	if (len >= sizeof(id->vsd))
		return cx_fail(err, CX_REFUSED, "the VSD has %zu bytes, at most %zu fit", len,
			       sizeof(id->vsd) - 1);
	memset(id->vsd, 0, sizeof(id->vsd));
	memcpy(id->vsd, vsd, len);
	id->has_vsd = true;
	return 0;
}

static bool is_set(uint64_t number)
{
	return number && number != UINT64_MAX && number != MAC_MAX;
}

/* Is port 1's MAC that of guid[i], without the middle? */
static bool is_pair(const struct fw_identity *id, unsigned int i)
{
	return id->mac[0] == fw_derived_mac(id->guid[i]);
}

/* The GUID that port 1's MAC follows from is guid[this]; port 2's follows from the next. */
static unsigned int paired_with(const struct fw_identity *id, enum fw_chip chip)
{
	if (id->entries == 4)
		return 1;
	/* What the card has wins over any rule. */
	if (is_set(id->mac[0]) && is_set(id->guid[0]) && is_set(id->guid[1]))
		for (unsigned int i = 0; i < 2; i++)
			if (is_pair(id, i))
				return i;
	return chip == FW_CHIP_CONNECTX2 ? 0 : 1;
}

/* Is the middle of a GUID one that says nothing? These were seen (field-cases). */
static bool is_filler(unsigned int middle)
{
	static const uint16_t filler[] = {FW_GUID_MIDDLE, 0x0200, 0xffff, 0xe000};

	for (size_t i = 0; i < sizeof(filler) / sizeof(*filler); i++)
		if (middle == filler[i])
			return true;
	return false;
}

/* @first: as paired_with(). */
static int macs_from_guids(struct fw_identity *id, unsigned int first, char *how,
			   struct cx_err *err)
{
	uint64_t from[2] = {id->guid[first], id->guid[first + 1]};
	unsigned int middle = from[0] >> 24 & 0xffff;

	if (id->entries != 4 && (!is_filler(middle) || middle != (from[1] >> 24 & 0xffff)))
		return cx_fail(err, CX_REFUSED,
			       "no MAC follows from GUID %016" PRIx64 ": its middle, %04x, is no "
			       "filler but part of the card's number, so another card would get "
			       "the same; give the MACs with --mac BASE",
			       from[0], middle);
	if (set_macs(id, fw_derived_mac(from[0]), fw_derived_mac(from[1]), err))
		return -1;
	if (how)
		snprintf(how, FW_IDENTITY_HOW,
			 "the MACs of ports 1 and 2 are the GUIDs of %s without their middle, "
			 "%04x: %012" PRIx64 ", %012" PRIx64,
			 first ? "ports 1 and 2" : "node and port 1", middle, id->mac[0],
			 id->mac[1]);
	return 0;
}

/* GUIDs and MACs; the one that is derived comes second. */
static int set_numbers(struct fw_identity *id, const struct fw_identity_request *req,
		       struct cx_err *err)
{
	bool guids_derived = req->guid && !strcmp(req->guid, "mac");
	bool macs_derived = req->mac && !strcmp(req->mac, "guid");
	unsigned int pair = paired_with(id, req->chip);
	uint64_t base;

	if (guids_derived && macs_derived)
		return cx_fail(err, CX_USAGE,
			       "GUIDs from MACs and MACs from GUIDs: one needs a number");
	if (id->blank && (!req->guid || !req->mac))
		return cx_fail(err, CX_REFUSED,
			       "the image has no GUIDs and MACs yet: both must be given");
	if (req->guid && !guids_derived &&
	    (fw_guid_read(req->guid, &base, err) || set_guids(id, base, err)))
		return -1;
	if (req->mac && !macs_derived && base_mac(id, req->mac, err))
		return -1;
	id->blank = false;
	if (guids_derived)
		return guids_from_macs(id, req->how, err);
	/* An old section has no room for MACs: they follow in any case (fs2-image 12). */
	if (macs_derived || (id->entries == 4 && !req->mac))
		return macs_from_guids(id, pair, req->how, err);
	return 0;
}

int fw_identity_change(struct fw_identity *id, const struct fw_identity_request *req,
		       struct cx_err *err)
{
	struct fw_identity new = *id;

	if (req->how)
		*req->how = '\0';
	if (req->blank && (req->guid || req->mac))
		return cx_fail(err, CX_USAGE, "blank and a GUID or MAC exclude each other");
	if (req->blank)
		new.blank = true;
	if ((req->guid || req->mac) && set_numbers(&new, req, err))
		return -1;
	if (req->vsd && set_vsd(&new, req->vsd, err))
		return -1;
	*id = new;
	return 0;
}

/* What a release's files hold before a card gets its own (fs2-image 12). */
static bool is_release_guid(uint64_t guid)
{
	return guid >> 4 == 0x0002c9000100d05;
}

static bool is_release_mac(uint64_t mac)
{
	return mac == 0x0002c9000001 || mac == 0x0002c9000002;
}

int fw_identity_fill(struct fw_identity *id, enum fw_chip chip, enum fw_filled *filled, char *how,
		     struct cx_err *err)
{
	struct fw_identity_request req = {.chip = chip, .how = how};
	bool guids = is_set(id->guid[0]) || is_set(id->guid[1]), macs = is_set(id->mac[0]);

	*filled = FW_FILLED_NOTHING;
	if (guids == macs || id->blank)
		return 0;
	if (guids)
		req.mac = "guid";
	else
		req.guid = "mac";
	*filled = guids ? FW_FILLED_MACS : FW_FILLED_GUIDS;
	return fw_identity_change(id, &req, err);
}

static bool has_release_guid(const struct fw_identity *id)
{
	bool has = false;

	for (size_t i = 0; i < 4; i++)
		has |= is_release_guid(id->guid[i]);
	return has;
}

static bool has_release_mac(const struct fw_identity *id)
{
	return is_release_mac(id->mac[0]) || is_release_mac(id->mac[1]);
}

bool fw_identity_is_release(const struct fw_identity *id)
{
	return !id->blank && (has_release_guid(id) || has_release_mac(id));
}

const char *fw_identity_apart(const struct fw_identity *id, char *buf)
{
	bool set = is_set(id->guid[0]) && is_set(id->guid[1]) && is_set(id->mac[0]);

	*buf = '\0';
	if (id->blank || id->entries == 4 || !set || fw_identity_is_release(id) ||
	    !is_filler(id->guid[0] >> 24 & 0xffff))
		return buf;
	for (unsigned int i = 0; i < 2; i++)
		if (is_pair(id, i) && (!is_set(id->mac[1]) || id->mac[1] == id->mac[0] + 1))
			return buf;
	snprintf(buf, FW_IDENTITY_HOW,
		 "MACs %012" PRIx64 ", %012" PRIx64 " belong to GUIDs %016" PRIx64 ", %016" PRIx64
		 ", ... by no rule that is known: right if the card's label has both, else one is "
		 "another card's",
		 id->mac[0], id->mac[1], id->guid[0], id->guid[1]);
	return buf;
}

size_t fw_identity_doubts(const struct fw_identity *id, fw_identity_doubt_fn fn, void *ctx)
{
	bool guids = has_release_guid(id), macs = has_release_mac(id);
	char apart[FW_IDENTITY_HOW];
	size_t count = 0;
	struct cx_err err;

	if (id->blank)
		return 0;
	if (*fw_identity_apart(id, apart)) {
		fn(apart, ctx);
		count++;
	}
	for (size_t i = 0; i < 2; i++) {
		if (check_mac(id->mac[i], &err)) {
			fn(err.text, ctx);
			count++;
		}
	}
	if (guids || macs) {
		fn(guids && macs ? "GUIDs and MACs are those of the release's files, which many "
				   "cards share"
		   : guids ? "the GUIDs are those of the release's files, which many cards share"
			   : "the MACs are those of the release's files, which many cards share",
		   ctx);
		count++;
	}
	return count;
}
