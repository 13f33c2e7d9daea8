// SPDX-License-Identifier: GPL-2.0-only
/* The verdict before a burn: every check has its finding, every refusal its status and its flag. */
#include "burn_make.h"

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};

#define BOARDS                                                                          \
	"psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\t"  \
	"hardware\tsubsystem\n"                                                         \
	"SYN0000000001\tNobody\tMezzanine\t0x673c\tseen\t-\tMHQH19B-XTR_A1\t-\t-\t-\n"  \
	"MT_0D90110009\tMellanox\tMHQH19B-XTR_A1-A3\t0x673c\tseen\t-\t-\t-\t1 VPI\t-\n" \
	"MT_0F60110010\tMellanox\tMNPA19-XTR\t0x6750\tinferred\t-\t-\t-\t1 EN\t-\n"     \
	"SYN_ONE\tNobody\tONE-VPI1\t0x1003\tseen\t-\t-\t-\t1 VPI\t-\n"                  \
	"SYN_TWO\tNobody\tTWO-VPI1\t0x1003\tseen\t-\t-\t-\t2 VPI\t-\n"                  \
	"SYN_EN\tNobody\tTWO-EN01\t0x1003\tseen\t-\t-\t-\t2 EN\t-\n"                    \
	"SYN_C\tNobody\tREV-C001\t0x1003\tseen\t-\t-\t-\t2 VPI C\t-\n"                  \
	"SYN_A0\tNobody\tFIRST-A0\t0x1003\tseen\t-\t-\t-\t2 VPI A0\t-\n"                \
	"SYN_X\tNobody\tANY-1000\t0x1003\tseen\t-\t-\t-\t-\t-\n"

static struct fw_boards boards;
static const char *vpd_part; /* in the card's VPD */

/* Plan over a flash that holds @on; the verdict is in the open. */
static int judge_on(struct bench *b, const struct fw_image *img, unsigned int may,
		    enum burn_rom rom, const struct fw_identity *id, struct cx_err *err)
{
	struct burn_request req = {.image = img,
				   .may = may,
				   .rom = rom,
				   .identity = id,
				   .boards = &boards,
				   .part = vpd_part};
	struct burn_survey s;
	struct burn_plan plan;
	int ret;

	if (burn_survey(b->f, NULL, &s, err))
		abort();
	ret = burn_plan(&s, &req, NULL, &verdict, &plan, err);
	if (!ret)
		burn_plan_free(&plan);
	burn_survey_free(&s);
	return ret;
}

static int judge(const struct make *on, const struct make *how, unsigned int may,
		 struct cx_err *err)
{
	struct fw_image img = make_parsed(how);
	struct bench b;
	int ret;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, on);
	ret = judge_on(&b, &img, may, BURN_ROM_KEEP, NULL, err);
	bench_close(&b);
	fw_image_free(&img);
	return ret;
}

static size_t refusals(void)
{
	size_t n = 0;

	for (size_t i = 0; i < verdict.findings; i++)
		n += verdict.finding[i].judgement == BURN_REFUSED;
	return n;
}

static void all_fine(void)
{
	static const struct make newer = {
		.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 2000, .seed = 11};
	static const char *const about[] = {"chip",	"image",   "card",  "flash",
					    "psid",	"board",   "ports", "rom",
					    "identity", "version", "size"};
	struct cx_err err;

	is_int(judge(&old, &newer, 0, &err), 0, "an upgrade for the board is planned");
	for (size_t i = 0; i < sizeof(about) / sizeof(*about); i++)
		ok(found(about[i], BURN_FINE, ""), "its %s is fine", about[i]);
	ok(found("chip", BURN_FINE, "ConnectX-2, revision B0"), "the chip is named");
	ok(found("version", BURN_FINE, "from 2.9.1000 to 2.9.2000"), "and both versions");
	ok(found("rom", BURN_FINE, "on the card: type=PXE version=3.4.752"), "and the ROMs");
	ok(found("ports", BURN_FINE, "VPI, device id 0x673c"), "and the ports");
	ok(found("board", BURN_FINE, "Nobody Mezzanine"), "and the board");
	is_int(refusals(), 0, "nothing is refused");
	is_int(burn_refusal(&verdict, &err), 0, "so there is no refusal");
}

/* Every reason at once, each with the permission that helps. */
static void all_wrong(void)
{
	static const struct make wrong = {.opt = {.chunk_log2 = 18, .hw = 0xa00190},
					  .subminor = 500,
					  .psid = "MT_0F60110010"};
	struct cx_err err;

	ok(judge(&old, &wrong, 0, &err), "an image that is wrong in four ways is refused");
	is_int(refusals(), 4, "each has a finding");
	ok(found("chip", BURN_REFUSED, "0xa0"), "the revision");
	ok(found("flash", BURN_REFUSED, "--no-failsafe"), "the chunks, and the flag");
	ok(found("psid", BURN_REFUSED, "--allow-psid-change"), "the PSID, and the flag");
	ok(found("version", BURN_REFUSED, "--allow-downgrade"), "the version, and the flag");
	has_str(err.text, "and 3 more reasons", "the refusal says that there is more than one");
	is_int(burn_missing(&verdict), 0, "no flag helps against the wrong revision");
	ok(judge(&old, &wrong, BURN_MAY_CHANGE_PSID | BURN_MAY_GO_BACK | BURN_MAY_RISK, &err),
	   "so all flags together do not");
	is_int(refusals(), 1, "that alone is left");
	ok(found("psid", BURN_ALLOWED, "MT_0F60110010"), "the others are allowed");
}

static void missing(void)
{
	static const struct make other = {
		.opt = {.chunk_log2 = 19}, .psid = "MT_0D90110009", .subminor = 500};
	struct cx_err err;

	ok(judge(&old, &other, BURN_MAY_GO_BACK, &err), "one permission of two");
	is_int(burn_missing(&verdict), BURN_MAY_CHANGE_PSID, "the other is missing");
	ok(found("psid", BURN_REFUSED, "is the stock twin of this Nobody Mezzanine"),
	   "the relation of the boards is told");
	is_int(judge(&old, &other, BURN_MAY_GO_BACK | BURN_MAY_CHANGE_PSID, &err), 0,
	       "with both it is planned");
}

/* The table says one thing, the image another. */
static void table(void)
{
	static const struct make en = {
		.opt = {.chunk_log2 = 19}, .psid = "MT_0F60110010", .subminor = 2000};
	static const struct make unknown = {
		.opt = {.chunk_log2 = 19}, .psid = "XYZ", .subminor = 2000};
	struct cx_err err;

	judge(&old, &en, BURN_MAY_CHANGE_PSID, &err);
	ok(found("board", BURN_NOTE,
		 "MNPA19-XTR with device id 0x6750 (inferred), the image says "
		 "0x673c"),
	   "an image whose device id is not its board's");
	ok(found("psid", BURN_ALLOWED, "is another board than this"), "and no twin");
	judge(&old, &unknown, BURN_MAY_CHANGE_PSID, &err);
	ok(found("board", BURN_NOTE, "nothing is known here of boards with PSID XYZ"),
	   "a board that the table does not have");
}

/* ---- what the board is ---- */

/* On a card with that PSID, of ids that tell nothing of the ports, an image for the other. */
static int judge_boards(const char *is, const char *want, unsigned int may, struct cx_err *err)
{
	const struct make on = {.opt = {.chunk_log2 = 19}, .psid = is, .device = 0x1003};
	const struct make how = {
		.opt = {.chunk_log2 = 19}, .psid = want, .device = 0x1003, .subminor = 2000};

	return judge(&on, &how, may | BURN_MAY_CHANGE_PSID, err);
}

static void hardware(void)
{
	struct cx_err err;

	is_int(judge_boards("SYN_TWO", "SYN_ONE", 0, &err), 0, "an image for one port is planned");
	ok(found("board", BURN_NOTE,
		 "TWO-VPI1 has two ports, the image is for ONE-VPI1, which has "
		 "one: port 2 would be lost"),
	   "on a card of two it is told");
	judge_boards("SYN_ONE", "SYN_TWO", 0, &err);
	ok(found("board", BURN_NOTE, "ONE-VPI1 has one port"), "two for one as well");
	ok(judge_boards("SYN_TWO", "SYN_EN", 0, &err) && err.status == CX_REFUSED,
	   "an Ethernet-only image on a VPI board is refused");
	has_str(err.text, "loses InfiniBand; --allow-ethernet-only", "by what is lost");
	is_int(judge_boards("SYN_TWO", "SYN_EN", BURN_MAY_LOSE_IB, &err), 0,
	       "with consent it is not");
	ok(found("ports", BURN_ALLOWED, "loses InfiniBand"), "but told");
	is_int(judge_boards("SYN_EN", "SYN_TWO", 0, &err), 0, "a VPI image on an Ethernet board");
	ok(found("ports", BURN_NOTE, "are EN (Ethernet only) (device id 0x1003) and become VPI"),
	   "is told");
	is_int(judge_boards("SYN_X", "SYN_EN", 0, &err), 0, "an Ethernet-only image on any board");
	ok(found("ports", BURN_NOTE, "could be InfiniBand is not known here"), "is doubted");
}

static void revisions(void)
{
	static const char *const psid[] = {"SYN_C", "SYN_A0"};
	static const char *const says[] = {
		"REV-C001 is a board of revision C, on which images for "
		"revision A, as for TWO-VPI1, do not work",
		"FIRST-A0 has silicon of revision A0, which takes no image "
		"for A1, as for TWO-VPI1"};
	struct cx_err err;

	for (unsigned int i = 0; i < 2; i++) {
		const struct make on = {
			.opt = {.chunk_log2 = 19}, .psid = psid[i], .device = 0x1003};
		const struct make how = {.opt = {.chunk_log2 = 19},
					 .psid = "SYN_TWO",
					 .device = 0x1003,
					 .subminor = 2000};

		ok(judge(&on, &how, 0, &err), "%s: an image for another board is refused", psid[i]);
		ok(found("board", BURN_REFUSED, says[i]) &&
			   found("board", BURN_REFUSED, burn_flag(1)),
		   "why, and the flag");
		is_int(judge_boards(psid[i], "SYN_TWO", 0, &err), 0, "which is a consent");
		ok(found("board", BURN_ALLOWED, says[i]), "and told");
		is_int(judge_boards(psid[i], psid[i], 0, &err), 0, "one for itself is fine");
		ok(!found("board", BURN_ALLOWED, ""), "without a word");
	}
}

/* What the card is does not change with the firmware that somebody burnt. */
static void part_number(void)
{
	struct cx_err err;

	vpd_part = "TWO-VPI1";
	is_int(judge_boards("SYN_ONE", "SYN_ONE", 0, &err), 0, "the same board's firmware again");
	ok(found("board", BURN_NOTE,
		 "by the part number TWO-VPI1 in its VPD the card is Nobody "
		 "TWO-VPI1, which its firmware, SYN_ONE, is not for"),
	   "is told to be another's");
	ok(found("board", BURN_NOTE, "port 2 would be lost"), "with what that means");
	ok(judge_boards("SYN_EN", "SYN_EN", 0, &err), "Ethernet-only firmware on a VPI board");
	has_str(err.text, "loses InfiniBand", "takes consent again");
	is_int(judge_boards("SYN_TWO", "SYN_TWO", 0, &err), 0, "its own");
	ok(!found("board", BURN_NOTE, "part number"), "is nothing to tell");
	vpd_part = "NO-SUCH-1";
	is_int(judge_boards("SYN_TWO", "SYN_TWO", 0, &err), 0, "a part number that is not known");
	ok(!found("board", BURN_NOTE, "part number"), "says nothing");
	vpd_part = NULL;
	judge_boards("SYN_TWO", "MT_0D90110009_XY", 0, &err);
	ok(found("board", BURN_NOTE, "is the PSID of Mellanox MHQH19B-XTR_A1-A3 with a suffix"),
	   "a PSID with a suffix is none of a stock board");
}

/* Numbers that do not belong together are told, whoever gave them. */
static void far_macs(uint8_t *guids)
{
	fs2_set(guids + 36, 0x00aa0001);
	fs2_set(guids + 44, 0x00aa0002);
}

/* ---- what makes the card ---- */

/* The card's GUID section as @edit leaves it; the CRCs are right. */
static int judge_identity(void (*edit)(uint8_t *guids), const struct make *on, uint32_t device,
			  const struct fw_identity *id, struct cx_err *err)
{
	static const struct make newer = {.opt = {.chunk_log2 = 19}, .subminor = 2000};
	struct fs2 m = make_image(on), n = make_image(&newer);
	struct fw_image img;
	struct bench b;
	int ret;

	if (edit)
		edit(m.at + m.part[GUIDS] + 16);
	fs2_reseal(&m, GUIDS);
	fs2_reseal_whole(&m);
	/* Tag 3 follows tags 1 and 2, of 12 bytes each. */
	fs2_set(n.at + n.part[INFO] + 16 + 12 + 12 + 4, device);
	fs2_reseal(&n, INFO);
	fs2_reseal_whole(&n);
	if (fw_image_parse(n.at, n.len, &img, err))
		abort();
	bench_open(&b, 0x11000);
	fs2_stripe(&m, 19, 0, b.bytes, BENCH_SIZE);
	ret = judge_on(&b, &img, 0, BURN_ROM_KEEP, id, err);
	bench_close(&b);
	fw_image_free(&img);
	free(m.at);
	free(n.at);
	return ret;
}

static void no_guids(uint8_t *guids)
{
	memset(guids, 0xff, 32);
}

static void zero_guids(uint8_t *guids)
{
	memset(guids, 0, 32);
}

static void no_macs(uint8_t *guids)
{
	memset(guids + 32, 0, 16);
}

static void lone_macs(uint8_t *guids)
{
	memset(guids, 0xff, 32);
	fs2_set(guids + 44, 0x11223344);
}

static void release_guids(uint8_t *guids)
{
	for (unsigned int i = 0; i < 4; i++) {
		fs2_set(guids + 8 * i, 0x0002c900);
		fs2_set(guids + 8 * i + 4, 0x0100d050 + i);
	}
}

static void identities(void)
{
	static const struct make blank = {.opt = {.chunk_log2 = 19, .blank = true}};
	static const struct make four = {.opt = {.chunk_log2 = 19, .entries = 4}};
	struct fw_image given = make_parsed(&(struct make){.card = OTHER_CARD});
	struct fw_identity none = {.entries = 6, .blank = true};
	struct cx_err err;

	is_int(judge_identity(NULL, &old, 0x673c, NULL, &err), 0, "an identity as it should be");
	is_int(judge_identity(NULL, &four, 0x673c, NULL, &err), 0, "an old section of 4 entries");
	ok(found("identity", BURN_NOTE, "4 entries and no MACs"), "the MACs that follow are shown");
	is_int(judge_identity(no_guids, &old, 0x673c, NULL, &err), 0,
	       "GUIDs that were never set, for VPI firmware");
	ok(found("identity", BURN_NOTE, "derived from its MACs: 0002c9030012344f"),
	   "are derived, and shown");
	is_int(judge_identity(zero_guids, &old, 0x673c, NULL, &err), 0, "zeros are not set either");
	ok(found("identity", BURN_NOTE, "derived from its MACs"), "and are derived");
	ok(judge_identity(no_guids, &old, 0x6750, NULL, &err), "Ethernet firmware for VPI ports");
	has_str(err.text, "loses InfiniBand; --allow-ethernet-only", "needs consent");
	ok(!found("identity", BURN_NOTE, "derived"), "and no GUIDs");
	is_int(judge_identity(no_macs, &old, 0x673c, NULL, &err), 0, "MACs that were never set");
	ok(found("identity", BURN_NOTE, "derived from its GUIDs"), "are derived, and shown");
	is_int(judge_identity(far_macs, &old, 0x673c, NULL, &err), 0,
	       "MACs that are not the GUIDs'");
	ok(found("identity", BURN_NOTE, "by no rule that is known"), "are told");
	ok(judge_identity(lone_macs, &old, 0x673c, NULL, &err), "MACs that no GUIDs follow from");
	has_str(err.text, "--guid", "need the flag");
	ok(judge_identity(release_guids, &old, 0x673c, NULL, &err), "the GUIDs of a release");
	has_str(err.text, "--guid and --mac", "need the flags");
	ok(judge_identity(NULL, &blank, 0x673c, NULL, &err), "blank GUIDs");
	has_str(err.text, "--guid and --mac", "need the flags");
	is_int(judge_identity(NULL, &blank, 0x673c, &given.id, &err), 0, "which then count");
	ok(judge_identity(NULL, &old, 0x673c, &none, &err), "to become blank");
	has_str(err.text, "would not start", "is refused");
	is_int(judge_identity(NULL, &old, 0x673c, &given.id, &err), 0, "another identity");
	ok(found("identity", BURN_NOTE,
		 "0002c90300123450 and MAC 0002c9123450 become "
		 "0002c90300777700 and 000200777704"),
	   "is shown, old and new");
	fw_image_free(&given);
}

/* Defects of what is replaced are told and do not block, unless they are in what is to be kept. */
static void damage(enum fs2_part part, uint32_t at, int ret, const char *about,
		   enum burn_judgement judgement, const char *says)
{
	static const struct make newer = {.opt = {.chunk_log2 = 19}, .subminor = 2000};
	struct fw_image img = make_parsed(&newer);
	struct fs2 m = make_image(&old);
	struct cx_err err;
	struct bench b;

	m.at[m.part[part] + 16 + at] ^= 1;
	bench_open(&b, 0x11000);
	fs2_stripe(&m, 19, 0, b.bytes, BENCH_SIZE);
	is_int(judge_on(&b, &img, 0, BURN_ROM_KEEP, NULL, &err), ret, "damaged part %u: %s", part,
	       ret ? "is refused" : "does not block");
	ok(found(about, judgement, says), "damaged part %u: is told", part);
	bench_close(&b);
	free(m.at);
	fw_image_free(&img);
}

/* ---- the part ---- */

static void times(void)
{
	static const struct make newer = {
		.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 2000, .seed = 11};
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	struct burn_outcome out;
	struct burn_survey s;
	struct burn_plan plan;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	bench_put(&b, 1, &old);
	memset(b.bytes + 0x80000, 0, 4);
	b.f->info.erase_4k_ms = 70;
	b.f->info.erase_64k_ms = 700;
	b.f->info.program_us = 800;
	if (b.f->ops->lock(b.f, &err) || burn_survey(b.f, NULL, &s, &err) ||
	    burn_plan(&s, &req, NULL, &verdict, &plan, &err) ||
	    burn_execute(&s, &plan, NULL, &out, &err))
		abort();
	ok(plan.pages > 30 && plan.erase_units, "a re-burn erases and programs");
	is_int(out.erases, plan.erase_units, "as many units as the plan said");
	ok(out.programs >= plan.pages && out.programs <= plan.pages + 4,
	   "and as many pages, besides signatures (%u of %zu)", out.programs, plan.pages);
	is_int(plan.busy_us, plan.erase_units * 70000 + plan.pages * 800,
	       "and the time is that of the data sheet");
	burn_plan_free(&plan);
	b.f->info.write_protected = true;
	b.f->info.status = 0x1c;
	b.f->info.protect_bits = 0x3c;
	ok(burn_plan(&s, &req, NULL, &verdict, &plan, &err), "a protected part is refused");
	ok(found("flash", BURN_REFUSED, "0x1c"), "with its status register");
	burn_survey_free(&s);
	bench_close(&b);
	fw_image_free(&img);
}

int main(void)
{
	struct cx_err err;

	if (fw_boards_parse(BOARDS, strlen(BOARDS), &boards, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	all_fine();
	all_wrong();
	missing();
	table();
	hardware();
	revisions();
	part_number();
	identities();
	damage(CODE, 20, 0, "card", BURN_NOTE, "defect");
	damage(INI, 20, 0, "card", BURN_NOTE, "defect");
	damage(INFO, 60, 0, "identity", BURN_NOTE, "its VSD is kept as it reads");
	damage(GUIDS, 20, -1, "identity", BURN_REFUSED, "--guid and --mac");
	damage(ROM, 20, -1, "rom", BURN_REFUSED, "--rom image or --rom none");
	times();
	fw_boards_free(&boards);
	return tap_done();
}
