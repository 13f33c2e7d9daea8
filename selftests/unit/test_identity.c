// SPDX-License-Identifier: GPL-2.0-only
/* GUIDs, MACs and VSD from what a person gives, and what is refused of it. */
#include "fw/image/identity.h"
#include "tap.h"

static struct fw_identity some(void)
{
	return (struct fw_identity){
		.entries = 6,
		.guid = {0x0002c9030000aa00, 0x0002c9030000aa01, 0x0002c9030000aa02,
			 0x0002c9030000aa03},
		.mac = {0x0002c900aa01, 0x0002c900aa02},
		.has_vsd = true,
		.vsd = "before",
	};
}

static void bases(void)
{
	struct fw_identity id = some();
	struct cx_err err;

	ok(!fw_identity_change(&id, &(struct fw_identity_request){.guid = "0x0002c903000a0b00"},
			       &err),
	   "a base GUID");
	is_int(id.guid[0], 0x0002c903000a0b00, "is the node's");
	is_int(id.guid[3], 0x0002c903000a0b03, "and the system image's is the third after it");
	is_int(id.mac[0], 0x0002c900aa01, "MACs stay");
	ok(!fw_identity_change(&id, &(struct fw_identity_request){.mac = "00:02:c9:0a:0b:0e"},
			       &err),
	   "a base MAC");
	is_int(id.mac[0], 0x0002c90a0b0e, "is port 1's");
	is_int(id.mac[1], 0x0002c90a0b0f, "the next is port 2's");
	ok(!fw_identity_change(&id, &(struct fw_identity_request){.vsd = "new"}, &err), "a VSD");
	is_str(id.vsd, "new", "is taken");
	is_int(id.guid[1], 0x0002c903000a0b01, "and nothing else changes");
}

/* Vendor transcripts: f45214030001b8a0 to ...a3 with f4521401b8a1 and ...a2. */
static void derived(void)
{
	struct fw_identity id = some();
	struct cx_err err;

	ok(!fw_identity_change(
		   &id, &(struct fw_identity_request){.guid = "f452:1403:0001:b8a0", .mac = "guid"},
		   &err),
	   "MACs from GUIDs");
	is_int(id.mac[0], 0xf4521401b8a1, "port 1");
	is_int(id.mac[1], 0xf4521401b8a2, "port 2");
	memset(id.guid, 0, sizeof(id.guid));
	ok(!fw_identity_change(&id, &(struct fw_identity_request){.guid = "mac"}, &err),
	   "GUIDs from MACs");
	is_int(id.guid[0], 0xf45214030001b8a0, "the node's again");
	is_int(id.guid[3], 0xf45214030001b8a3, "and the system image's");
	id.entries = 4;
	ok(!fw_identity_change(&id, &(struct fw_identity_request){.guid = "0002c90300000010"},
			       &err),
	   "an old section has no MACs");
	is_int(id.mac[1], 0x0002c9000012, "they follow from its GUIDs");
}

/*
 * Public queries (field-cases): on a ConnectX-2 the MAC of port 1 goes with the node's GUID, on a
 * ConnectX-3 with port 1's; a filler is 0300, and 0200, ffff, e000 were seen. Supermicro's boards
 * have their number there.
 */
static void pairs(void)
{
	static const struct {
		const char *name, *guid;
		enum fw_chip chip;
		uint64_t node, mac; /* what the card has; 0: it has none */
		unsigned int entries;
		uint64_t want; /* MAC of port 1; 0: refused */
	} card[] = {
		{"PEM-FDR", "0002c9030005cffa", FW_CHIP_CONNECTX2, 0, 0, 6, 0x0002c905cffa},
		{"MHQH19B", "0002c903000cc89a", FW_CHIP_CONNECTX2, 0, 0, 6, 0x0002c90cc89a},
		{"a ConnectX-3", "f45214030001b8a0", FW_CHIP_CONNECTX3, 0, 0, 6, 0xf4521401b8a1},
		{"a Pro", "f45214030001b8a0", FW_CHIP_CONNECTX3PRO, 0, 0, 6, 0xf4521401b8a1},
		{"a ConnectX-2 that pairs otherwise", "0002c90300000020", FW_CHIP_CONNECTX2,
		 0x0002c90300000010, 0x0002c9000011, 6, 0x0002c9000021},
		{"a ConnectX-3 that pairs otherwise", "0002c90300000020", FW_CHIP_CONNECTX3,
		 0x0002c90300000010, 0x0002c9000010, 6, 0x0002c9000020},
		{"one whose MACs were chosen", "0002c90300000020", FW_CHIP_CONNECTX2,
		 0x0002c90300000010, 0x021122334455, 6, 0x0002c9000020},
		{"0200 in the middle", "0002c90200000020", FW_CHIP_CONNECTX2, 0, 0, 6,
		 0x0002c9000020},
		{"ffff in the middle", "0002c9ffff000020", FW_CHIP_CONNECTX2, 0, 0, 6,
		 0x0002c9000020},
		{"e000 in the middle", "0002c9e000000020", FW_CHIP_CONNECTX3, 0, 0, 6,
		 0x0002c9000021},
		{"a Supermicro board", "003048c712340000", FW_CHIP_CONNECTX2, 0, 0, 6, 0},
		{"another one", "003048c7ab340000", FW_CHIP_CONNECTX3, 0, 0, 6, 0},
		{"a number in its lower half", "0002c90301000020", FW_CHIP_CONNECTX2, 0, 0, 6, 0},
		{"a number in its upper half", "0002c90400000020", FW_CHIP_CONNECTX2, 0, 0, 6, 0},
		{"a section without MACs", "003048c712340000", FW_CHIP_CONNECTX2, 0, 0, 4,
		 0x003048340001},
	};
	char how[FW_IDENTITY_HOW];
	struct cx_err err;

	for (size_t i = 0; i < sizeof(card) / sizeof(*card); i++) {
		struct fw_identity id = {.entries = card[i].entries,
					 .mac = {card[i].mac, card[i].mac + 1}};
		const struct fw_identity_request req = {
			.guid = card[i].guid, .mac = "guid", .chip = card[i].chip, .how = how};
		int ret;

		for (unsigned int k = 0; k < 4; k++)
			id.guid[k] = card[i].node ? card[i].node + k : UINT64_MAX;
		ret = fw_identity_change(&id, &req, &err);
		is_int(ret ? 0 : id.mac[0], card[i].want, "%s: port 1's MAC", card[i].name);
		is_int(ret ? 0 : id.mac[1], card[i].want + !!card[i].want, "%s: port 2's",
		       card[i].name);
		if (ret)
			has_str(err.text, "give the MACs with --mac", "%s: why not, and what to do",
				card[i].name);
		else
			has_str(how, "without their middle", "%s: how is said", card[i].name);
	}
}

/* Without being asked: never two cards with one MAC. */
static void filled(void)
{
	struct fw_identity id = {.entries = 6, .mac = {UINT64_MAX, UINT64_MAX}}, before;
	char how[FW_IDENTITY_HOW];
	enum fw_filled what;
	struct cx_err err;

	for (unsigned int k = 0; k < 4; k++)
		id.guid[k] = 0x003048c712340000 + k;
	before = id;
	is_int(fw_identity_fill(&id, FW_CHIP_CONNECTX2, &what, how, &err), -1,
	       "MACs do not follow from a number in the middle");
	is_int(what, FW_FILLED_MACS, "it is said what is missing");
	ok(!memcmp(&id, &before, sizeof(id)), "and nothing is changed");
	for (unsigned int k = 0; k < 4; k++)
		id.guid[k] = 0x0002c90300001230 + k;
	is_int(fw_identity_fill(&id, FW_CHIP_CONNECTX2, &what, how, &err), 0,
	       "from a filler they do");
	is_int(id.mac[0], 0x0002c9001230, "by the rule of the chip");
	has_str(how, "node and port 1", "which is said");
}

static void blank(void)
{
	struct fw_identity id = some();
	struct cx_err err;

	ok(!fw_identity_change(&id, &(struct fw_identity_request){.blank = true}, &err), "blank");
	ok(id.blank, "it is");
	ok(fw_identity_change(&id, &(struct fw_identity_request){.guid = "0002c90300000010"},
			      &err) &&
		   err.status == CX_REFUSED,
	   "half an identity is none");
	ok(id.blank, "and nothing has changed");
	ok(!fw_identity_change(
		   &id, &(struct fw_identity_request){.guid = "mac", .mac = "00-02-c9-00-00-11"},
		   &err) &&
		   !id.blank,
	   "a MAC alone is enough for both");
	is_int(id.guid[1], 0x0002c90300000011, "port 1's GUID follows from it");
	is_int(fw_identity_doubts(&id, NULL, NULL), 0, "nothing is odd about it");
}

static void refused(void)
{
	static const struct {
		struct fw_identity_request req;
		enum cx_status status;
		const char *text;
	} bad[] = {
		{{.guid = "12"}, CX_USAGE, "16 hex digits"},
		{{.guid = "0002c903000a0b000"}, CX_USAGE, "16 hex digits"},
		{{.guid = "0002c903000a0b0g"}, CX_USAGE, "16 hex digits"},
		{{.guid = "0002c903000a0b0:"}, CX_USAGE, "16 hex digits"},
		{{.guid = "0000000000000000"}, CX_REFUSED, "none"},
		{{.guid = "ffffffffffffffff"}, CX_REFUSED, "none"},
		{{.guid = "0002c90300fffffc"}, CX_OK, ""},
		{{.guid = "0002c903ffffffff"}, CX_REFUSED, "run over"},
		{{.mac = "0002c9"}, CX_USAGE, "12 hex digits"},
		{{.mac = "000000000000"}, CX_REFUSED, "none"},
		{{.mac = "0102c9000010"}, CX_REFUSED, "multicast"},
		{{.mac = "0002c9ffffff"}, CX_REFUSED, "run"},
		{{.guid = "mac", .mac = "guid"}, CX_USAGE, "one needs a number"},
		{{.guid = "mac", .mac = "0002c9000000"}, CX_REFUSED, "no GUID for the node"},
		{{.blank = true, .mac = "0002c9000010"}, CX_USAGE, "exclude"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fw_identity id = some(), before = id;
		struct cx_err err = {CX_OK, ""};
		int ret = fw_identity_change(&id, &bad[i].req, &err);

		is_int(ret ? err.status : CX_OK, bad[i].status, "%s %s",
		       bad[i].req.guid ? bad[i].req.guid : "-",
		       bad[i].req.mac ? bad[i].req.mac : "-");
		has_str(err.text, bad[i].text, "says why");
		ok(!ret || !memcmp(&id, &before, sizeof(id)), "and leaves it alone");
	}
}

static void vsd(void)
{
	struct fw_identity id = some();
	struct cx_err err;
	char text[210];

	memset(text, 'v', sizeof(text));
	text[209] = '\0';
	ok(fw_identity_change(&id, &(struct fw_identity_request){.vsd = text}, &err) &&
		   err.status == CX_REFUSED,
	   "209 bytes are too many for a VSD");
	has_str(err.text, "at most 208", "says how many fit");
	text[208] = '\0';
	ok(!fw_identity_change(&id, &(struct fw_identity_request){.vsd = text}, &err) &&
		   !strcmp(id.vsd, text),
	   "208 fit");
	ok(!fw_identity_change(&id, &(struct fw_identity_request){.vsd = ""}, &err) && !id.vsd[207],
	   "and are all gone with an empty one");
}

static char said[200];

static void keep(const char *text, void *ctx)
{
	(void)ctx;
	snprintf(said, sizeof(said), "%s", text);
}

static void doubts(void)
{
	struct fw_identity id = some();

	is_int(fw_identity_doubts(&id, keep, NULL), 0, "a card's own numbers are not odd");
	id.guid[2] = 0x0002c9000100d052;
	is_int(fw_identity_doubts(&id, keep, NULL), 1, "a GUID of the release's files is");
	has_str(said, "the GUIDs are those of the release's files", "it is named");
	id.mac[1] = 0x0002c9000002;
	is_int(fw_identity_doubts(&id, keep, NULL), 1, "with its MACs");
	has_str(said, "GUIDs and MACs", "both are named");
	id.mac[0] = 0x0102c9000001;
	is_int(fw_identity_doubts(&id, keep, NULL), 2, "and a multicast MAC");
	id.blank = true;
	is_int(fw_identity_doubts(&id, keep, NULL), 0, "no numbers are not odd");
}

/* Pairs that were seen on cards, and some that no rule makes (field-cases 1). */
static void apart(void)
{
	static const struct {
		uint64_t guid, mac[2];
		bool together;
		const char *what;
	} pair[] = {
		{0xf45214030001b8a0, {0xf4521401b8a1, 0xf4521401b8a2}, true, "MAC 1 by port 1"},
		{0x0002c9030005cffa, {0x0002c905cffa, 0x0002c905cffb}, true, "MAC 1 by the node"},
		{0x0002c9030005cffa, {0x0002c905cffa, UINT64_MAX >> 16}, true, "one port"},
		{0x003048c712340000,
		 {0x003048c71234, 0x003048c71235},
		 true,
		 "a number in the middle"},
		{UINT64_MAX, {0x0002c905cffa, 0x0002c905cffb}, true, "no GUIDs"},
		{0x0002c9030005cffa, {0, 0}, true, "no MACs"},
		{0x0002c9000100d050, {0x0002c905cffa, 0x0002c905cffb}, true, "the release's"},
		{0xf45214030001b8a0, {0xf4521401b8a2, 0xf4521401b8a3}, false, "MAC 1 by port 2"},
		{0xf45214030001b8a0, {0x0002c901b8a1, 0x0002c901b8a2}, false, "another maker's"},
		{0xf45214030001b8a0, {0xf4521401b8a1, 0xf4521401b8a3}, false, "a gap in the MACs"},
	};
	char text[FW_IDENTITY_HOW];

	for (size_t i = 0; i < sizeof(pair) / sizeof(*pair); i++) {
		struct fw_identity id = some();

		for (unsigned int k = 0; k < 4; k++)
			id.guid[k] = pair[i].guid == UINT64_MAX ? UINT64_MAX : pair[i].guid + k;
		memcpy(id.mac, pair[i].mac, sizeof(id.mac));
		fw_identity_apart(&id, text);
		ok(!*text == pair[i].together, "%s: %s", pair[i].what, *text ? text : "together");
		if (!pair[i].together)
			ok(fw_identity_doubts(&id, keep, NULL) == 1 &&
				   strlen(text) < sizeof(text) - 1 &&
				   strstr(text, "another card's"),
			   "is told whole");
	}
}

/* What a card's label prints before the number */
static void labels(void)
{
	struct cx_err err;
	uint64_t n;

	ok(!fw_guid_read("GUID: F45214 0300 01B8A0", &n, &err) && n == 0xf45214030001b8a0,
	   "a label's GUID");
	ok(!fw_guid_read("guid F452140300 01B8A0", &n, &err) && n == 0xf45214030001b8a0,
	   "in other groups");
	ok(!fw_mac_read("MAC:F4521401B8A1", &n, &err) && n == 0xf4521401b8a1, "its MAC");
	ok(!fw_mac_read(" Mac=F45214-01B8A1", &n, &err) && n == 0xf4521401b8a1, "with other marks");
	ok(fw_guid_read("MAC: F4521401B8A1", &n, &err) && err.status == CX_USAGE,
	   "a MAC is no GUID: %s", err.text);
	ok(fw_guid_read("GUID:", &n, &err) && err.status == CX_USAGE, "a label alone is none");
}

int main(void)
{
	apart();
	labels();
	bases();
	derived();
	pairs();
	filled();
	blank();
	refused();
	vsd();
	doubts();
	return tap_done();
}
