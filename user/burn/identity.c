// SPDX-License-Identifier: GPL-2.0-only
/* Which GUIDs, MACs and VSD a card gets: its own, completed where they are missing, or given ones.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fw/image/identity.h"
#include "internal.h"

#define IDENTITY_FLAGS "--guid and --mac"

static bool same_numbers(const struct fw_identity *a, const struct fw_identity *b)
{
	return a->blank == b->blank && !memcmp(a->guid, b->guid, sizeof(a->guid)) &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac));
}

bool burn_one_identity(const struct burn_survey *s)
{
	return !burn_slot_good(s, 0) || !burn_slot_good(s, 1) ||
	       same_numbers(&s->dump.slot[0].img.id, &s->dump.slot[1].img.id);
}

/* Two good images of two cards: which of them this card is cannot be told. */
static bool judge_one(const struct burn_survey *s, struct burn_verdict *v)
{
	const struct fw_slot *slot = s->dump.slot;

	if (burn_one_identity(s))
		return true;
	burn_refuse(v, "identity", CX_REFUSED,
		    "both images are good but their identities differ: node GUID %016" PRIx64
		    ", MAC %012" PRIx64 " at 0x%" PRIx32 " and node GUID %016" PRIx64
		    ", MAC %012" PRIx64 " at 0x%" PRIx32
		    "; say which is the card's with " IDENTITY_FLAGS,
		    slot[0].img.id.guid[0], slot[0].img.id.mac[0], slot[0].start,
		    slot[1].img.id.guid[0], slot[1].img.id.mac[0], slot[1].start);
	return false;
}

/* What the card is now, if that can be taken over. */
static bool card_identity(const struct burn_survey *s, struct fw_identity *id,
			  struct burn_verdict *v)
{
	const char *why = NULL;

	if (s->kept < 0) {
		burn_refuse(v, "identity", CX_REFUSED,
			    "the card's identity cannot be read; give it with " IDENTITY_FLAGS
			    ", or with --identity and the folder of a backup");
		return false;
	}
	if (!judge_one(s, v))
		return false;
	*id = burn_kept(s)->img.id;
	if (burn_kept_damaged(s, FW_GUID))
		why = "the card's GUID section is damaged, so its GUIDs and MACs cannot be kept";
	else if (id->blank)
		why = "the card's GUIDs are blank: it would not start";
	else if (fw_identity_is_release(id))
		why = "the card's GUIDs or MACs are those of the release's files, which many cards "
		      "share";
	if (why)
		burn_refuse(v, "identity", CX_REFUSED, "%s; give it its own with " IDENTITY_FLAGS,
			    why);
	else if (burn_kept_damaged(s, FW_INFO))
		burn_find(v, "identity", BURN_NOTE,
			  "the card's Image Info section is damaged; its VSD is kept as it reads");
	return !why;
}

/* An Ethernet card has MACs only; with VPI firmware the GUIDs have to come from somewhere. */
static bool fill(const struct burn_survey *s, struct fw_identity *id, const struct fw_image *img,
		 struct burn_verdict *v)
{
	char how[FW_IDENTITY_HOW];
	enum fw_filled filled;
	struct cx_err why;

	if (fw_device_ports(img->info.device & 0xffff) == FW_PORTS_EN)
		return true;
	if (fw_identity_fill(id, s->chip, &filled, how, &why)) {
		if (filled == FW_FILLED_MACS) {
			burn_find(v, "identity", BURN_NOTE,
				  "the card has no MACs, and stays without: %s", why.text);
			return true;
		}
		burn_refuse(v, "identity", CX_REFUSED, "the card has no GUIDs: %s", why.text);
		return false;
	}
	if (filled == FW_FILLED_GUIDS)
		burn_find(v, "identity", BURN_NOTE,
			  "the card has no GUIDs; they are derived from its MACs: %016" PRIx64
			  ", %016" PRIx64 ", %016" PRIx64 ", %016" PRIx64,
			  id->guid[0], id->guid[1], id->guid[2], id->guid[3]);
	if (filled == FW_FILLED_MACS)
		burn_find(v, "identity", BURN_NOTE,
			  "the card has no MACs; they are derived from its GUIDs: %s", how);
	return true;
}

static bool same_vsd(const struct fw_identity *a, const struct fw_identity *b)
{
	return !a->has_vsd || !b->has_vsd || !memcmp(a->vsd, b->vsd, sizeof(a->vsd));
}

/* What of @a is another's, "node GUID ..., MAC 1 ..." into @buf. */
static void differing(const struct fw_identity *a, const struct fw_identity *b, char *buf,
		      size_t size)
{
	static const char *const guid[] = {"node GUID", "port 1 GUID", "port 2 GUID",
					   "system GUID"};
	static const char *const mac[] = {"MAC 1", "MAC 2"};
	size_t n = 0;

	*buf = '\0';
	for (size_t i = 0; i < 4 && n < size; i++)
		if (a->guid[i] != b->guid[i])
			n += snprintf(buf + n, size - n, "%s%s %016" PRIx64, n ? ", " : "", guid[i],
				      a->guid[i]);
	for (size_t i = 0; i < 2 && n < size; i++)
		if (a->mac[i] != b->mac[i])
			n += snprintf(buf + n, size - n, "%s%s %012" PRIx64, n ? ", " : "", mac[i],
				      a->mac[i]);
	if (n < size && !same_vsd(a, b))
		snprintf(buf + n, size - n, "%sVSD \"%.60s\"", n ? ", " : "", a->vsd);
}

bool burn_left_identity(const struct burn_survey *s, const struct burn_request *req, char *buf,
			size_t size)
{
	const struct fw_identity *file = &req->image->id, *card;

	if (req->identity || s->kept < 0 || file->blank || fw_identity_is_release(file))
		return false;
	card = &burn_kept(s)->img.id;
	if (same_numbers(file, card) && same_vsd(file, card))
		return false;
	differing(file, card, buf, size);
	return true;
}

static void tell_left(const struct burn_survey *s, const struct burn_request *req,
		      struct burn_verdict *v)
{
	char what[300];

	if (burn_left_identity(s, req, what, sizeof(what)))
		burn_find(v, "identity", BURN_NOTE,
			  "the image has other numbers than the card: %s; the card keeps its own, "
			  "and "
			  "--identity with this file gives it these",
			  what);
}

static void tell(const struct burn_survey *s, const struct fw_identity *id, struct burn_verdict *v)
{
	const struct fw_identity *was = s->kept < 0 ? NULL : &burn_kept(s)->img.id;
	char apart[FW_IDENTITY_HOW];

	if (was && was->entries == 4 && same_numbers(was, id))
		burn_find(v, "identity", BURN_NOTE,
			  "the card's GUID section has 4 entries and no MACs, they follow from its "
			  "GUIDs: %012" PRIx64 ", %012" PRIx64,
			  id->mac[0], id->mac[1]);
	if (was && same_numbers(was, id))
		burn_find(v, "identity", BURN_FINE,
			  "the card's own: node GUID %016" PRIx64 ", MAC %012" PRIx64, id->guid[0],
			  id->mac[0]);
	else if (was && !was->blank)
		burn_find(v, "identity", BURN_NOTE,
			  "node GUID %016" PRIx64 " and MAC %012" PRIx64 " become %016" PRIx64
			  " and %012" PRIx64,
			  was->guid[0], was->mac[0], id->guid[0], id->mac[0]);
	else
		burn_find(v, "identity", BURN_NOTE,
			  "it becomes node GUID %016" PRIx64 ", MAC %012" PRIx64, id->guid[0],
			  id->mac[0]);
	if (*fw_identity_apart(id, apart))
		burn_find(v, "identity", BURN_NOTE, "%s", apart);
	if (was && was->has_vsd && memcmp(was->vsd, id->vsd, sizeof(was->vsd)))
		burn_find(v, "vsd", BURN_NOTE, "\"%.150s\" becomes \"%.150s\"", was->vsd, id->vsd);
}

/* The image may have less room than the card's had. */
static bool check_vsd(const struct fw_identity *id, const struct fw_image *img,
		      struct burn_verdict *v)
{
	if (!id->has_vsd || !id->vsd[0] || img->id.has_vsd)
		return true;
	burn_refuse(v, "vsd", CX_REFUSED,
		    "the image has no VSD tag, the card's VSD \"%.150s\" cannot be kept; --vsd '' "
		    "burns it without",
		    id->vsd);
	return false;
}

void burn_put_identity(const struct burn_survey *s, const struct burn_request *req,
		       struct burn_verdict *v, struct fw_image *img)
{
	struct fw_identity id;
	struct cx_err why;

	if (req->identity)
		id = *req->identity;
	else if (!card_identity(s, &id, v))
		return;
	if (id.blank) {
		burn_refuse(v, "identity", CX_REFUSED,
			    "the GUIDs it is to get are blank: the card would not start; give them "
			    "with " IDENTITY_FLAGS);
		return;
	}
	if (!fill(s, &id, img, v) || !check_vsd(&id, img, v))
		return;
	tell(s, &id, v);
	tell_left(s, req, v);
	if (fw_image_set_identity(img, &id, &why))
		burn_refuse(v, "identity", why.status, "%s", why.text);
}
