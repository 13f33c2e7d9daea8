// SPDX-License-Identifier: GPL-2.0-only
/* The parameter map: what is built in against the words of a real image, and what is refused. */
#include "fw/board/ini.h"
#include "fw/board/params.h"
#include "tap.h"

#include <stdlib.h>

static uint32_t field(const struct fw_rule *r)
{
	return (uint32_t)(((1ull << r->size) - 1) << r->bit);
}

static bool is_pro(const struct fw_rule *r)
{
	return !strcmp(r->chip, "MT27520");
}

/* Values of the real ini of mlx-ini 6a and the words its firmware has, mlx-ini 3e and fs2-image 8.
 */
static const char golden_ini[] =
	"[ADAPTER]\ngpio_mode1=0x08000001\ngpio_mode0=0x04506ade\ngpio_default_val=0x0ef8423f\n"
	"gpio_pull_up=0xff2baf1f\ngpio_pull_enable=0xfbbb9fff\nadapter_dev_id=0x1007\n"
	"[HCA]\nhca_header_device_id=0x1007\nhca_header_class_code=0x020000\n"
	"hca_header_subsystem_id=0x000C\n"
	"[IB]\n"
	"nego_rx1_slicer_ind_en=0xeb\nnego_rx1_slicer1_enable=0\nnego_rx1_slicer2_enable=0\n"
	"nego_rx1_ffe_tap0=0x78\nnego_rx1_ffe_tap1=0x80\nnego_rx1_ffe_tap2=0xde\n"
	"nego_rx1_ffe_tap3=0x80\nnego_rx1_ffe_tap4=0x3c\n"
	"nego_eth_rx1_slicer_ind_en=0xff\nnego_eth_rx1_slicer1_enable=0x8\n"
	"nego_eth_rx1_slicer2_enable=0x8\nnego_eth_rx1_ffe_tap0=225\nnego_eth_rx1_ffe_tap1=128\n"
	"nego_eth_rx12_slicer_ind_en=0xff\nnego_eth_rx12_slicer1_enable=0x8\n"
	"nego_eth_rx12_slicer2_enable=0x8\nnego_eth_rx12_ffe_tap0=241\nnego_eth_rx12_ffe_tap1=128\n"
	"force_tx7_ob_bias=0xd\nforce_tx7_ob_preemp_pre=0x20\nforce_tx7_ob_preemp_post=0x0\n"
	"force_tx7_ob_preemp_main=0x7f\nforce_tx7_preemp=0\nforce_tx7_pre_polarity=1\n"
	"force_tx7_post_polarity=1\nforce_tx7_main_polarity=0\n"
	"aba_non_mlpn_tx8_ob_preemp_pre=5\naba_non_mlpn_tx8_ob_preemp_post=0\n"
	"aba_non_mlpn_tx8_ob_preemp_main=65\naba_non_mlpn_tx8_ob_bias=8\n"
	"aba_non_mlpn_tx8_pre_polarity=1\naba_non_mlpn_tx8_post_polarity=1\n"
	"aba_tx8_ob_preemp_pre=5\naba_tx8_ob_preemp_main=32\naba_tx8_ob_bias=8\n"
	"aba_tx8_pre_polarity=1\naba_tx8_post_polarity=1\n"
	"aba_tx9_ob_preemp_pre=7\naba_tx9_ob_preemp_main=120\naba_tx9_ob_bias=5\n"
	"aba_tx9_pre_polarity=1\naba_tx9_post_polarity=1\n";

static const struct {
	uint32_t addr, value, mask; /* mask 0: of the bits the map knows */
} golden[] = {
	{0x1fba0, 0x08000001, 0xffffffff}, {0x1fba4, 0x04506ade, 0xffffffff},
	{0x1fba8, 0x0ef8423f, 0xffffffff}, {0x1fbb8, 0xff2baf1f, 0xffffffff},
	{0x1fbbc, 0xfbbb9fff, 0xffffffff}, {0x1fd00, 0x10070000, 0xffff0000},
	{0x1f0bc, 0x00001007, 0x0000ffff}, {0x1fd08, 0x02000000, 0xffffff00},
	{0x1fd2c, 0x000c0000, 0xffff0000}, {0x33358, 0x807800eb, 0xffffffff},
	{0x3335c, 0x003c80de, 0x00ffffff}, {0x333d8, 0x80e188ff, 0xffffffff},
	{0x33430, 0x80f188ff, 0xffffffff}, {0x332ac, 0x347f80a0, 0x3fffffff},
	{0x334b0, 0x20208085, 0x3fffffff}, {0x334b4, 0x14788087, 0x3fffffff},
	{0x336e0, 0x20418085, 0x3fffffff},
};

static void test_golden(const struct fw_params *map)
{
	struct fw_ini ini;
	struct cx_err err;

	if (!ok(!fw_ini_parse(golden_ini, strlen(golden_ini), &ini, &err), "golden ini"))
		return;
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		uint32_t value = 0, mask = 0;

		for (const struct fw_rule *r = map->rule; r < map->rule + map->rules; r++) {
			const char *text = r->key ? fw_ini_get(&ini, r->section, r->key) : NULL;
			unsigned long n = 0;

			if (!is_pro(r) || r->target != FW_TARGET_WORD || r->addr != golden[i].addr)
				continue;
			mask |= field(r);
			if (text && !fw_ini_number(text, &n))
				value |= n << r->bit;
		}
		ok(value == golden[i].value && mask == golden[i].mask,
		   "word 0x%x is 0x%08x of 0x%08x: 0x%08x of 0x%08x", golden[i].addr,
		   golden[i].value, golden[i].mask, value, mask);
	}
	fw_ini_free(&ini);
}

static void test_builtin(void)
{
	struct fw_params map = {0};
	struct cx_err err = {0};
	uint32_t speed[2] = {0};
	size_t foreign = 0;

	ok(!fw_params_builtin(&map, &err), "the built-in map parses %s", err.text);
	for (const struct fw_rule *r = map.rule; r < map.rule + map.rules; r++) {
		if (r->target == FW_TARGET_WORD && r->addr == 0x1f99c)
			speed[0] |= field(r);
		if (r->target == FW_TARGET_WORD && r->addr == 0x1f9ac)
			speed[1] |= field(r);
		foreign += !is_pro(r) && r->target == FW_TARGET_WORD && r->key;
	}
	is_int(speed[0], 0x7f8fff20, "the speed flags of port 1 fill the mask three builds have");
	is_int(speed[1], 0x7f8fff20, "and of port 2");
	is_int(foreign, 0, "no key is bound to a word of a chip where nothing is proved");
	test_golden(&map);
	fw_params_free(&map);
}

static void test_refusals(void)
{
	static const char *const cases[][2] = {
		{"MT4115\tA\tb\tp\t0x100\t0\t1\tnumber\tseen", "line 3: chip 'MT4115'"},
		{"*\tA\t-\tp\t0x100\t0\t1\tnumber\tseen", "line 3: a key needs its section"},
		{"*\tA\tb\tp\t0x102\t0\t1\tnumber\tseen", "line 3: target '0x102'"},
		{"*\tA\tb\tp\t0x100000\t0\t1\tnumber\tseen", "line 3: target '0x100000'"},
		{"*\tA\tb\tp\tfoo\t0\t1\tnumber\tseen", "line 3: target 'foo'"},
		{"*\tA\tb\tp\tword\t0\t1\tnumber\tseen", "line 3: target 'word'"},
		{"*\tA\tb\tp\t0x100\t31\t2\tnumber\tseen", "line 3: bit 31 and size 2"},
		{"*\tA\tb\tp\t0x100\t32\t1\tnumber\tseen", "line 3: bit 32"},
		{"*\tA\tb\tp\t0x100\t0\t0\tnumber\tseen", "line 3: bit 0 and size 0"},
		{"*\tA\tb\tp\t0x100\t0\t33\tnumber\tseen", "line 3: bit 0 and size 33"},
		{"*\tA\tb\tp\t0x100\ttrue\t1\tnumber\tseen", "line 3: bit true"},
		{"*\tA\tb\t-\t0x100\t0\t1\tnumber\tseen", "line 3: bits of a word need"},
		{"*\tA\tb\tp\t0x100\t0\t1\ttext\tseen", "line 3: 1 bits cannot be read as text"},
		{"*\tA\tb\tp\t0x100\t0\t2\tbool\tseen", "line 3: 2 bits cannot be read as bool"},
		{"*\tA\tb\tp\t0x100\t0\t1\tyes\tseen", "line 3: 'yes'"},
		{"*\tA\tb\tp\t0x100\t0\t1\tnumber\tmaybe", "line 3: 'maybe'"},
		{"*\tA\tb\tp\tpsid\t-\t-\ttext\tseen", "line 3: an Image Info field has no"},
		{"*\tA\tb\t-\tpsid\t-\t-\tnumber\tseen", "line 3: psid is read as text"},
		{"*\tA\tb\t-\tdevice\t-\t-\tbool\tseen", "line 3: device is read as number"},
		{"*\t-\t-\t-\tpsid\t-\t-\ttext\tseen", "line 3: an Image Info field needs a key"},
		{"*\tA\tb\tp\t0x100\t0\t1\tnumber", "line 3: not 9 or 10 cells"},
		{"*\tA\tb\tp\t0x100\t0\t1\tnumber\tseen\t0\tx", "line 3: not 9 or 10 cells"},
		{"*\tA\tb\tp\t0x100\t0\t1\tnumber\tseen\tx", "line 3: 'x' is no number"},
		{"*\tA\tb\tp\t0x100\t0\t1\tbool\tseen\t2", "line 3: '2' is no number"},
		{"*\tA\tb\tp\t0x100\t0\t4\tnumber\tseen\t0x10", "line 3: '0x10' is no number"},
		{"*\t-\t-\tp\t0x100\t0\t4\tnumber\tseen\t0", "line 3: '0' is no number"},
		{"*\tA\tb\t-\tpsid\t-\t-\ttext\tseen\tX", "line 3: 'X' is no number"},
		{"*\tA\t\tp\t0x100\t0\t1\tnumber\tseen", "line 3: not 9 or 10 cells"},
		{"*  A  b", "line 3: not 9 or 10 cells"},
		{"*\tA\tb\xc3\tp\t0x100\t0\t1\tnumber\tseen", "line 3: not 9 or 10 cells"},
		{"MT27520\tA\tb\told\t0x200\t0\t1\tnumber\tseen", "line 3: parameter old is at"},
		{"MT27520\tA\tb\tp\t0x100\t7\t2\tnumber\tseen", "line 3: parameter p overlaps old"},
	};
	static const char first[] = "*\tA\ta\told\t0x100\t8\t4\tnumber\tseen\r\n";
	static const char second[] = "*\tB\tb\told\t0x100\t8\t4\tnumber\tseen";
	struct fw_params map = {0};
	struct cx_err err = {0};
	char text[512];

	ok(!fw_params_parse(first, strlen(first), &map, &err), "a first map, with CRLF %s",
	   err.text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "# comment\n*\tA\tz\tz\t0x300\t0\t1\tbool\tseen\n%s\n",
			 cases[i][0]);
		ok(fw_params_parse(text, strlen(text), &map, &err) && err.status == CX_INVALID,
		   "bad rule %zu", i);
		has_str(err.text, cases[i][1], "  says where and why");
		is_int(map.rules, 1, "  and leaves the map as it was");
	}
	ok(fw_params_parse("#\0", 2, &map, &err), "NUL bytes");
	ok(!fw_params_parse(second, strlen(second), &map, &err),
	   "two keys may share a parameter %s", err.text);
	is_int(map.rules, 2, "a second map adds to the first");
	fw_params_free(&map);
}

int main(void)
{
	test_builtin();
	test_refusals();
	return tap_done();
}
