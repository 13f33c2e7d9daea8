// SPDX-License-Identifier: GPL-2.0-only
/*
 * A changed ini: bound keys change their bits and nothing else, all others are refused by name. The
 * images are judged by a reader of their words written here, and by mstflint.
 */
#define _GNU_SOURCE
#include "fs2_make.h"
#include "made.h"
#include "tap.h"

/* All notes of a build, one a line. */
static char notes[8192];

static void note(const char *text, void *ctx)
{
	(void)ctx;
	strncat(notes, text, sizeof(notes) - strlen(notes) - 2);
	strcat(notes, "\n");
}

static const struct fw_build_options quiet = {.note = note};
static const struct fw_build_options text_only = {.note = note, .ini_text_only = true};

static struct fw_image pro, cx2;
static struct fw_ini pro_ini, cx2_ini;
static struct fw_release *pro_rel, *cx2_rel;

/* The ini with one key changed; NULL value: its line taken out. */
static struct fw_ini changed(const struct fw_ini *ini, const char *section, const char *key,
			     const char *value)
{
	struct fw_ini out = made_ini(ini->text, ini->len);
	char *text = NULL, *line;
	struct cx_err err;

	if (value && fw_ini_set(&out, section, key, value, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	if (value)
		return out;
	line = strstr(out.text, key);
	if (asprintf(&text, "%.*s%s", (int)(line - out.text), out.text, strchr(line, '\n') + 1) < 0)
		abort();
	fw_ini_free(&out);
	out = made_ini(text, strlen(text));
	free(text);
	return out;
}

static int build(const struct fw_release *rel, const struct fw_ini *ini,
		 const struct fw_build_options *opt, struct fw_image *img, struct cx_err *err)
{
	notes[0] = '\0';
	err->status = CX_OK;
	err->text[0] = '\0';
	return fw_build(rel, ini, opt, img, err);
}

/* A section's data by type, the @n-th of it, by a walk of our own. */
static const uint8_t *section(const struct fw_image *img, uint32_t type, int n, uint32_t *size)
{
	const uint8_t *at = img->bytes;
	uint32_t addr = 0x38;

	while (addr == 0x38 || !fs2_get(at + addr) || fs2_get(at + addr) > 12)
		addr += 4 * (fs2_get(at + addr + 4) + 4);
	for (;;) {
		*size = 4 * fs2_get(at + addr + 4);
		if (fs2_get(at + addr) == type && !n--)
			return at + addr + 16;
		addr = fs2_get(at + addr + 12);
		if (!addr || addr == 0xff000000)
			return NULL;
	}
}

/*
 * How the configuration words of two images differ: *@addr and *@bits are the first word that
 * does and the bits that do, the return value counts such words. Addresses and masks must be the
 * same.
 */
static unsigned int differing_words(const struct fw_image *a, const struct fw_image *b,
				    uint32_t *addr, uint32_t *bits, uint32_t *value)
{
	unsigned int words = 0;

	for (int n = 0; n < 2; n++) {
		uint32_t size_a, size_b;
		const uint8_t *pa = section(a, 2, n, &size_a), *pb = section(b, 2, n, &size_b);

		if (!pa || !pb || size_a != size_b)
			return 1000;
		for (uint32_t i = 0; i < size_a; i += 12) {
			if (memcmp(pa + i, pb + i, 4) || memcmp(pa + i + 8, pb + i + 8, 4))
				return 1000;
			if (!memcmp(pa + i + 4, pb + i + 4, 4))
				continue;
			if (!words++) {
				*addr = fs2_get(pa + i);
				*bits = fs2_get(pa + i + 4) ^ fs2_get(pb + i + 4);
				*value = fs2_get(pb + i + 4);
			}
		}
	}
	return words;
}

/* Are all sections but those of the given types the same? */
static bool others_same(const struct fw_image *a, const struct fw_image *b, uint32_t except)
{
	for (uint32_t type = 1; type <= 12; type++) {
		uint32_t size_a, size_b;

		for (int n = 0; !(except >> type & 1); n++) {
			const uint8_t *pa = section(a, type, n, &size_a),
				      *pb = section(b, type, n, &size_b);

			if (!pa && !pb)
				break;
			if (!pa || !pb || size_a != size_b || memcmp(pa, pb, size_a))
				return false;
		}
	}
	return true;
}

static bool judged(const struct fw_image *img, const struct fw_ini *ini)
{
	const char *path = made_path(".bin");
	char command[1200], *text;
	size_t len = 0;
	bool good;

	made_write(path, img->bytes, img->size);
	snprintf(command, sizeof(command),
		 "mstflint -i %s verify >&2 && mstflint -i %s dc > %s.ini", path, path, path);
	good = !system(command);
	snprintf(command, sizeof(command), "%s.ini", path);
	text = made_read(command, &len);
	good = good && text && len >= ini->len && !memcmp(text, ini->text, ini->len);
	free(text);
	unlink(command);
	unlink(path);
	return good;
}

#define CONFIG_AND_INI (1 << 2 | 1 << 9)

/* Keys of the ConnectX-3 Pro with a new value, and the bits it goes into (mlx-ini 3e, 1b). */
static const struct {
	const char *section, *key, *value;
	uint32_t addr, number;
	unsigned int bit, size;
} bound[] = {
	{"ADAPTER", "gpio_mode1", "0x12345678", 0x1fba0, 0x12345678, 0, 32},
	{"ADAPTER", "gpio_pull_enable", "0", 0x1fbbc, 0, 0, 32},
	{"HCA", "hca_header_subsystem_id", "0xbeef", 0x1fd2c, 0xbeef, 16, 16},
	{"HCA", "hca_header_class_code", "0x0c0600", 0x1fd08, 0x0c0600, 8, 24},
	{"IB", "port1_802_3ap_kx4_ability", "true", 0x1f99c, 1, 17, 1},
	{"IB", "port1_802_3ap_kx4_enable", "1", 0x1f99c, 1, 28, 1},
	{"IB", "port2_802_3ap_kx4_ability", "false", 0x1f9ac, 0, 17, 1},
	{"IB", "PORT2_802_3AP_KX4_ENABLE", "true", 0x1f9ac, 1, 28, 1},
	{"IB", "force_tx7_ob_bias", "0x3", 0x332ac, 3, 26, 4},
	{"IB", "force_tx7_ob_preemp_pre", "127", 0x332ac, 127, 0, 7},
	{"IB", "force_tx7_pre_polarity", "0", 0x332ac, 0, 7, 1},
	{"IB", "nego_rx1_ffe_tap0", "0x07", 0x33358, 7, 16, 8},
	{"IB", "nego_rx1_ffe_tap4", "0xff", 0x3335c, 0xff, 16, 8},
	{"IB", "nego_rx1_slicer2_enable", "15", 0x33358, 15, 12, 4},
};

static void test_bound(void)
{
	struct cx_err err;

	for (size_t i = 0; i < sizeof(bound) / sizeof(bound[0]); i++) {
		uint32_t field = (uint32_t)(((1ull << bound[i].size) - 1) << bound[i].bit);
		struct fw_ini ini =
			changed(&pro_ini, bound[i].section, bound[i].key, bound[i].value);
		uint32_t addr = 0, bits = 0, value = 0;
		struct fw_image img;

		if (ok(!build(pro_rel, &ini, &quiet, &img, &err), "%s = %s is compiled %s",
		       bound[i].key, bound[i].value, err.text)) {
			is_int(differing_words(&pro, &img, &addr, &bits, &value), 1,
			       "  one word changes");
			ok(addr == bound[i].addr && !(bits & ~field) &&
				   (value & field) >> bound[i].bit == bound[i].number,
			   "  0x%x: 0x%08x, changed 0x%08x", addr, value, bits);
			ok(others_same(&pro, &img, CONFIG_AND_INI), "  and no other section");
			ok(judged(&img, &ini), "  mstflint agrees, dc is the new ini");
			fw_image_free(&img);
		}
		fw_ini_free(&ini);
	}
}

/* Each must fail with this status and these words, and with --ini-text-only do as @noted says. */
static const struct {
	const char *section, *key, *value;
	enum cx_status status;
	const char *says;
	bool noted;
} refused[] = {
	{"HCA", "total_vfs", "32", CX_REFUSED, "HCA.total_vfs = 32, the release has 16", true},
	{"HCA", "num_pfs", "2", CX_REFUSED, "HCA.num_pfs = 2 is new", true},
	{"ADAPTER", "adapter_vsd", "x", CX_REFUSED, "ADAPTER.adapter_vsd is new", true},
	{"NEW", "key", "x", CX_REFUSED, "NEW.key = x is new", true},
	{"IB", "num_of_ports", "One_Port", CX_REFUSED,
	 "IB.num_of_ports = One_Port, the release has Two_Ports", true},
	{"HCA", "led_gt_mode_en", NULL, CX_REFUSED, "HCA.led_gt_mode_en = 1", true},
	{"IB", "nego_rx1_ffe_tap0", NULL, CX_REFUSED, "IB.nego_rx1_ffe_tap0 = 0x70", true},
	{"IB", "nego_rx1_ffe_tap0", "0x100", CX_INVALID,
	 "does not fit the 8 bits of IB.nego_rx1_ffe_tap0 (0x33358.16 size 8): at most 0xff",
	 false},
	{"IB", "force_tx7_ob_bias", "16", CX_INVALID, "the 4 bits", false},
	{"HCA", "hca_header_subsystem_id", "0x10000", CX_INVALID, "the 16 bits", false},
	{"ADAPTER", "gpio_mode1", "0x100000000", CX_INVALID, "the 32 bits", false},
	{"IB", "port1_802_3ap_kx4_ability", "2", CX_INVALID, "not a true, false, 0 or 1", false},
	{"IB", "port1_802_3ap_kx4_ability", "yes", CX_INVALID, "not a true, false", false},
	{"HCA", "hca_header_subsystem_id", "0x42 // mine", CX_INVALID, "not a number", false},
	{"ADAPTER", "adapter_dev_id", "0x1004", CX_REFUSED, "contradicts another key", false},
	{"HCA", "hca_header_device_id", "0x1004", CX_REFUSED, "contradicts another key", false},
	{"PS_INFO", "PRS_name",
	 "a_name_of_more_than_one_hundred_characters_which_no_tag_20_has_room_for_and_therefore_no_"
	 "image_can_carry.prs",
	 CX_INVALID, "longer than the 100 bytes", false},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct fw_ini ini =
			changed(&pro_ini, refused[i].section, refused[i].key, refused[i].value);
		struct fw_image img;
		struct cx_err err;

		ok(build(pro_rel, &ini, &quiet, &img, &err) && err.status == refused[i].status,
		   "%s.%s = %s is refused", refused[i].section, refused[i].key, refused[i].value);
		has_str(err.text, refused[i].says, "  by name");
		if (refused[i].noted)
			has_str(err.text, "--ini-text-only", "  with the way out");
		if (!refused[i].noted) {
			ok(build(pro_rel, &ini, &text_only, &img, &err), "  as text too");
		} else if (ok(!build(pro_rel, &ini, &text_only, &img, &err), "  not as text")) {
			uint32_t addr, bits, value;

			has_str(notes, refused[i].says, "  noted by name");
			has_str(notes, "will NOT obey", "  loudly");
			is_int(differing_words(&pro, &img, &addr, &bits, &value), 0,
			       "  no word changes");
			ok(others_same(&pro, &img, 1 << 9), "  only the ini");
			ok(judged(&img, &ini), "  mstflint agrees, dc is the new ini");
			fw_image_free(&img);
		}
		fw_ini_free(&ini);
	}
}

/* What says the same in other words changes the text only. */
static void test_same_value(void)
{
	static const char *const same[][3] = {
		{"ADAPTER", "nv_config_sectors", "0x2"},
		{"HCA", "dpdp_en", "0"},
		{"HCA", "total_vfs", "0x10"},
		{"HCA", "hca_header_subsystem_id", "66"},
		{"PS_INFO", "Name", "my board; <&>"},
		{"PS_INFO", "description", ""},
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct fw_ini ini = changed(&pro_ini, same[i][0], same[i][1], same[i][2]);
		struct fw_image img;
		struct cx_err err;

		if (ok(!build(pro_rel, &ini, &quiet, &img, &err), "%s = %s %s", same[i][1],
		       same[i][2], err.text)) {
			ok(others_same(&pro, &img, 1 << 9), "  only the ini text");
			ok(judged(&img, &ini), "  mstflint agrees, dc is the new ini");
			is_str(notes, "", "  nothing to note");
			fw_image_free(&img);
		}
		fw_ini_free(&ini);
	}
}

/* A key the release was compiled without, but whose place is known. */
static void test_new_bound(void)
{
	struct fw_ini ini = changed(&pro_ini, "IB", "port1_802_3ap_56kr4_ability", "true");
	uint32_t addr = 0, bits = 0, value = 0;
	struct fw_image img;
	struct cx_err err;

	if (ok(!build(pro_rel, &ini, &quiet, &img, &err), "56kr4 is compiled %s", err.text)) {
		is_int(differing_words(&pro, &img, &addr, &bits, &value), 1, "  one word changes");
		ok(addr == 0x1f99c && bits == 1 << 12, "  0x%x: 0x%08x", addr, bits);
		has_str(notes, "one public report", "  and it is said how sure the place is");
		fw_image_free(&img);
	}
	fw_ini_free(&ini);
}

/* A release whose ini does not state a key is believed only if it holds what the map knows of that.
 */
static void test_absent(void)
{
#define SPEED "MT25408\tHCA\tspeed\tmine\t0x1fd2c\t16\t16\tnumber\tseen"
	static const struct {
		const char *rule, *says;
	} cases[] = {
		{SPEED "\n", "HCA.speed is new, and what mine (0x1fd2c.16 size 16) holds"},
		{SPEED "\t-\n", "HCA.speed is new, and what mine (0x1fd2c.16 size 16) holds"},
		{SPEED "\t0x23\n", "has 0x23 in mine (0x1fd2c.16 size 16); this one has 0x22"},
		{SPEED "\t0x22\n", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cx_err err = {CX_OK, ""};
		struct fw_release *rel = made_release(&cx2, cases[i].rule, &err);
		struct fw_release *by_mlx = rel ? made_by_mlx(rel, &err) : NULL;
		struct fw_ini ini = changed(&cx2_ini, "HCA", "speed", "0x123");
		uint32_t addr = 0, bits = 0, value = 0;
		struct fw_image img;
		int rc = -1;

		if (ok(rel && by_mlx, "absent %zu: by image and by .mlx %s", i, err.text))
			rc = build(by_mlx, &ini, &quiet, &img, &err);
		if (cases[i].says) {
			ok(rc && err.status == CX_REFUSED, "  refused");
			has_str(err.text, cases[i].says, "  by name");
		} else if (ok(!rc, "  compiled %s", err.text)) {
			is_int(differing_words(&cx2, &img, &addr, &bits, &value), 1, "  one word");
			ok(addr == 0x1fd2c && value >> 16 == 0x123, "  0x%x: 0x%08x", addr, value);
		}
		if (!rc)
			fw_image_free(&img);
		fw_ini_free(&ini);
		fw_release_free(by_mlx);
		fw_release_free(rel);
	}
#undef SPEED
}

/* What a map of the user's knows of an absent key counts where the place was known before. */
static void test_absent_told(void)
{
	static const char rule[] =
		"MT27520\tIB\tport1_802_3ap_kx4_ability\t"
		"scratchpad.eth.port[0].eth_802_3ap_kx4_ability\t0x1f99c\t17\t1\tbool\tseen\t0\n";
	struct fw_ini stated = changed(&pro_ini, "IB", "port1_802_3ap_kx4_ability", NULL);
	struct fw_image without, img;
	struct fw_release *plain = NULL, *told = NULL;
	struct cx_err err = {CX_OK, ""};

	if (!ok(!build(pro_rel, &stated, &text_only, &without, &err), "an ini without kx4 %s",
		err.text))
		goto out;
	plain = made_release(&without, NULL, &err);
	told = made_release(&without, rule, &err);
	ok(plain && build(plain, &pro_ini, &quiet, &img, &err) && err.status == CX_REFUSED,
	   "a verified place does not say what it holds without its key");
	has_str(err.text, "IB.port1_802_3ap_kx4_ability is new", "  and is refused by name");
	if (ok(told && !build(told, &pro_ini, &quiet, &img, &err), "a map that does is used %s",
	       err.text)) {
		ok(img.size == pro.size && !memcmp(img.bytes, pro.bytes, pro.size),
		   "  and this is the image with the key");
		fw_image_free(&img);
	}
	fw_image_free(&without);
out:
	fw_release_free(plain);
	fw_release_free(told);
	fw_ini_free(&stated);
}

/* An image whose Image Info somebody changed without its ini, or the reverse. */
static void test_text_apart(void)
{
	struct fw_image apart = made_image("--ini " MADE_MHQH " --psid SYN0000000009"), img;
	struct fw_ini want = changed(&cx2_ini, "ADAPTER", "PSID", "OTHER");
	struct cx_err err = {CX_OK, ""};
	struct fw_release *rel = made_release(&apart, NULL, &err);

	ok(rel && build(rel, &want, &quiet, &img, &err) && err.status == CX_REFUSED,
	   "a PSID that is not the ini's is not replaced");
	has_str(err.text, "its Image Info psid is 'SYN0000000009'", "  and both are named");
	fw_release_free(rel);
	fw_ini_free(&want);
	fw_image_free(&apart);
}

/* Two keys into one text of Image Info: they change together or not at all. */
static void test_text_shared(void)
{
	static const char rule[] = "MT27520\tIB\tprs_too\t-\tprs\t-\t-\ttext\tseen\n";
	struct fw_ini both = changed(&pro_ini, "IB", "prs_too", pro.info.prs);
	const char *path = made_path(".ini");
	struct fw_ini one = changed(&both, "IB", "prs_too", "other.prs");
	struct fw_ini all = changed(&one, "PS_INFO", "PRS_name", "other.prs");
	struct fw_image two, img;
	struct fw_release *rel;
	struct cx_err err = {CX_OK, ""};
	char options[600];

	made_write(path, (const uint8_t *)both.text, both.len);
	snprintf(options, sizeof(options), "--chip connectx3pro --ini %s", path);
	two = made_image(options);
	unlink(path);
	rel = made_release(&two, rule, &err);
	ok(rel && build(rel, &one, &quiet, &img, &err) && err.status == CX_REFUSED,
	   "two keys that disagree on a text are refused");
	has_str(err.text,
		"contradicts another key of this ini: both are compiled into Image Info prs",
		"  with the place");
	if (ok(rel && !build(rel, &all, &quiet, &img, &err), "two that agree are compiled %s",
	       err.text)) {
		is_str(img.info.prs, "other.prs", "  and the text is theirs");
		fw_image_free(&img);
	}
	fw_release_free(rel);
	fw_image_free(&two);
	fw_ini_free(&all);
	fw_ini_free(&one);
	fw_ini_free(&both);
}

static void test_fields(void)
{
	struct fw_ini a = changed(&pro_ini, "ADAPTER", "PSID", "ABCDEFGHIJKLMNOP");
	struct fw_ini b =
		changed(&a, "PS_INFO", "PRS_name", "a_much_longer_name_of_a_board_4mb.prs");
	struct fw_ini c = changed(&b, "ADAPTER", "nv_config_sectors", "4");
	struct fw_ini d = changed(&c, "ADAPTER", "adapter_dev_id", "0x1009");
	struct fw_ini ini = changed(&d, "HCA", "hca_header_device_id", "0x1009");
	struct fw_image img;
	struct cx_err err;

	if (ok(!build(pro_rel, &ini, &quiet, &img, &err), "Image Info follows %s", err.text)) {
		is_str(img.info.psid, "ABCDEFGHIJKLMNOP", "  PSID of 16 characters");
		is_str(img.info.prs, "a_much_longer_name_of_a_board_4mb.prs", "  longer PRS name");
		is_int(img.info.nv_sectors, 4, "  sectors");
		is_int(img.info.device & 0xffff, 0x1009, "  device id");
		is_str(img.info.vsd, pro.info.vsd, "  VSD is the release's");
		ok(img.id.guid[0] == pro.id.guid[0], "  GUIDs are the release's");
		ok(others_same(&pro, &img, CONFIG_AND_INI | 1 << 10), "  the rest stays");
		ok(judged(&img, &ini), "  mstflint agrees, dc is the new ini");
		fw_image_free(&img);
	}
	fw_ini_free(&a);
	fw_ini_free(&b);
	fw_ini_free(&c);
	fw_ini_free(&d);
	fw_ini_free(&ini);
}

/* The OEM way on ConnectX-2: nothing is proved there, but PSID and Name may change. */
static void test_oem(void)
{
	struct fw_ini ini = made_ini(cx2_ini.text, cx2_ini.len);
	struct fw_release *by_mlx;
	struct fw_image img, again;
	struct cx_err err;

	ok(!fw_ini_rebrand(&ini, "DEL09A0000009", "C6100 mezzanine", &err), "rebranded");
	if (ok(!build(cx2_rel, &ini, &quiet, &img, &err), "built %s", err.text)) {
		is_str(img.info.psid, "DEL09A0000009", "  PSID");
		ok(others_same(&cx2, &img, 1 << 9 | 1 << 10), "  only ini and Image Info change");
		ok(judged(&img, &ini), "  mstflint agrees, dc is the new ini");
		by_mlx = made_by_mlx(cx2_rel, &err);
		if (ok(by_mlx && !build(by_mlx, &ini, &quiet, &again, &err), "by .mlx %s",
		       err.text)) {
			ok(img.size == again.size && !memcmp(img.bytes, again.bytes, img.size),
			   "  the same bytes");
			fw_image_free(&again);
		}
		fw_release_free(by_mlx);
		fw_image_free(&img);
	}
	fw_ini_free(&ini);
	ini = changed(&cx2_ini, "HCA", "hca_header_subsystem_id", "0x23");
	ok(build(cx2_rel, &ini, &quiet, &img, &err) && err.status == CX_REFUSED,
	   "a key proved on another chip only is refused here");
	fw_ini_free(&ini);
}

/* A map of one's own: believed only where the bits say what the ini says. */
static void test_map(void)
{
	static const struct {
		const char *rule, *says;
	} cases[] = {
		{"MT25408\tFW\tlog_flashdev_size\tmine\t0x1f068\t16\t16\tnumber\tseen\n",
		 "overlaps version.minor"},
		{"MT25408\tHCA\tdpdp_en\tmine\t0x1fd2c\t1\t1\tbool\tseen\n", "but mine (0x1fd2c.1"},
		{"MT25408\tHCA\tdpdp_en\tmine\t0x1fffc\t0\t1\tbool\tseen\n",
		 "mine is in no configuration word"},
		{"MT25408\tIB\tnum_of_ports\tmine\t0x1fd2c\t0\t1\tnumber\tseen\n", "not a number"},
		{"MT25408\tHCA\thca_header_subsystem_id\tmine\t0x1fd2c\t16\t16\tnumber\tseen\n",
		 NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cx_err err = {CX_OK, ""};
		struct fw_release *rel = made_release(&cx2, cases[i].rule, &err);
		struct fw_ini a = changed(&cx2_ini, "HCA", "hca_header_subsystem_id", "0x23");
		struct fw_ini b = changed(&cx2_ini, "HCA", "dpdp_en", "true");
		struct fw_ini c = changed(&cx2_ini, "IB", "num_of_ports", "One_Port");
		struct fw_image img;
		uint32_t addr = 0, bits = 0, value;

		if (cases[i].says) {
			if (rel && !build(rel, i == 3 ? &c : &b, &quiet, &img, &err))
				fw_image_free(&img);
			has_str(err.text, cases[i].says, "map %zu is not believed", i);
		} else if (ok(rel && !build(rel, &a, &quiet, &img, &err), "map %zu is right %s", i,
			      err.text)) {
			is_int(differing_words(&cx2, &img, &addr, &bits, &value), 1, "  one word");
			ok(addr == 0x1fd2c && bits == 0x00010000, "  0x%x: 0x%08x", addr, bits);
			fw_image_free(&img);
		}
		fw_release_free(rel);
		fw_ini_free(&a);
		fw_ini_free(&b);
		fw_ini_free(&c);
	}
}

static void test_presence(void)
{
	static const char doubtful[] = "[ADAPTER]\nPSID = A\nb = 1\nb = 2\n";
	struct fw_image bare = made_image("--no-ini"), img;
	struct cx_err err = {CX_OK, ""};
	struct fw_release *rel = made_release(&bare, NULL, &err);
	struct fw_ini ini = made_ini(doubtful, strlen(doubtful));

	ok(rel && build(rel, &cx2_ini, &quiet, &img, &err) && err.status == CX_REFUSED,
	   "no ini into a release that carries none: %s", err.text);
	ok(build(cx2_rel, NULL, &quiet, &img, &err) && err.status == CX_REFUSED,
	   "no release without the ini it needs: %s", err.text);
	ok(build(cx2_rel, &ini, &text_only, &img, &err) && err.status == CX_INVALID,
	   "no contradictory ini: %s", err.text);
	has_str(err.text, "line 4: ADAPTER.b is '2' here and '1' on line 3", "  with its lines");
	fw_ini_free(&ini);
	fw_release_free(rel);
	fw_image_free(&bare);
}

int main(void)
{
	struct cx_err err = {CX_OK, ""};

	pro = made_image(MADE_PRO);
	cx2 = made_image("--ini " MADE_MHQH);
	pro_ini = made_own_ini(&pro);
	cx2_ini = made_own_ini(&cx2);
	pro_rel = made_release(&pro, NULL, &err);
	cx2_rel = made_release(&cx2, NULL, &err);
	if (ok(pro_rel && cx2_rel, "releases %s", err.text)) {
		test_bound();
		test_refused();
		test_same_value();
		test_new_bound();
		test_absent();
		test_absent_told();
		test_text_apart();
		test_text_shared();
		test_fields();
		test_oem();
		test_map();
		test_presence();
	}
	fw_release_free(pro_rel);
	fw_release_free(cx2_rel);
	fw_ini_free(&pro_ini);
	fw_ini_free(&cx2_ini);
	fw_image_free(&pro);
	fw_image_free(&cx2);
	return tap_done();
}
