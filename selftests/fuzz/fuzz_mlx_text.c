// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any text as a vendor's .mlx: every line is empty, a place within its bounds, or counted. Then it
 * claims places for the keys of a small release, which may refuse them, but never makes an image
 * that is none.
 */
#include "fw/mlx/text.h"
#include "fuzz.h"

static const char release[] =
	"<!-- MT27520 Firmware image -->\n<cxflash profile=\"1\"/>\n"
	"<header boot=\"00000000 00000000 00000000 00000000\" revision=\"0\" format=\"0\""
	" failsafe=\"0xf400000c\" end=\"0\"/>\n"
	"<bsection name=\"BOOT2\">00100040 00000004 00000000 00000000 00000000 00000000 "
	"00000000</bsection>\n"
	"<configuration param=\"0\"><word address=\"0x100\" value=\"0x1\" mask=\"0xff\"/>"
	"<word address=\"0x104\" value=\"0\" mask=\"0xffffffff\"/></configuration>\n"
	"<guid param=\"0\">0002c90300001000 0002c90300001001 0002c90300001002 0002c90300001003"
	" 00000002c9001000 00000002c9001001</guid>\n"
	"<ini param=\"0\" level=\"9\"/>\n"
	"<key section=\"FW\" name=\"a.b\" value=\"0\"/>\n<key section=\"IB\" name=\"b\" "
	"value=\"1\"/>\n"
	"<key section=\"IB\" name=\"port1_c\" value=\"0\"/>\n<end sections=\"4\" params=\"0\" "
	"keys=\"3\"/>\n";
static const char board[] = "[FW]\na.b = 1\n[IB]\nb = 0\nport1_c = 2\n";

static void use(const struct fw_mlx_text *mlx)
{
	static const struct fw_build_options text_only = {.ini_text_only = true};
	struct fw_release *rel;
	struct fw_image img;
	struct fw_ini ini;
	struct cx_err err;

	expect(!fw_mlx_parse(release, strlen(release), &rel, &err));
	expect(!fw_ini_parse(board, strlen(board), &ini, &err));
	expect(!fw_release_claim(rel, mlx, "fw-ConnectX3Pro-rel.mlx", &err));
	if (fw_build(rel, &ini, &text_only, &img, &err))
		expect_reason(&err);
	else
		fw_image_free(&img);
	fw_ini_free(&ini);
	fw_release_free(rel);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_mlx_text mlx;
	struct cx_err err;
	size_t lines = 1;

	fw_is_mlx_text((const char *)data, size);
	if (fw_mlx_text_parse((const char *)data, size, &mlx, &err)) {
		expect_reason(&err);
		expect(memchr(data, '\0', size));
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	expect(mlx.places + mlx.unknown <= lines && mlx.further <= mlx.places);
	for (size_t i = 0; i < mlx.places; i++) {
		const struct fw_place *p = &mlx.place[i];

		expect(strchr(p->path, '.') && p->addr < 0x100000 && !(p->addr % 4));
		expect(p->size && p->bit + p->size <= 32 && p->line && p->line <= lines);
	}
	use(&mlx);
	fw_mlx_text_free(&mlx);
	return 0;
}
