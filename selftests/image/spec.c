// SPDX-License-Identifier: GPL-2.0-only
/* What an image is when nothing else is said. */
#include <stdlib.h>
#include <string.h>

#include "image.h"

const struct chip chips[] = {
	{"connectx", 0x190, 0x634a, 0x0009, 0xa0, 20, false},
	{"connectx2", 0x190, 0x673c, 0x0022, 0xb0, 20, false},
	{"connectx3", 0x1f5, 0x1003, 0x0016, 0x00, 19, true},
	{"connectx3pro", 0x1f7, 0x1007, 0x0022, 0x00, 19, true},
};
const size_t chip_count = ARRAY_LEN(chips);

const struct chip *chip_find(const char *name)
{
	size_t i;

	for (i = 0; i < chip_count; i++)
		if (!strcmp(chips[i].name, name))
			return &chips[i];
	die("chip '%s': connectx, connectx2, connectx3 and connectx3pro are known", name);
}

void set_text(char *field, size_t room, const char *text)
{
	if (strlen(text) >= room)
		die("'%s' is longer than %zu", text, room - 1);
	strcpy(field, text);
}

void spec_chip_defaults(struct spec *s)
{
	s->device = s->chip->device;
	s->hw[0] = (uint32_t)s->chip->rev << 16 | s->chip->hw;
	s->hw[1] = 0;
	s->hw_count = 2;
	s->chunk_log2 = s->chip->chunk_log2;
	s->tags = 1u << 21 | ((1u << 21) - 1);
	s->tags &= ~(1u << 9);
	if (s->chip->has_words) {
		s->nv_sectors = 2;
		s->nv_log2k = 2;
		s->has_nv_log2k = true;
	} else {
		s->tags &= ~(1u << 19);
	}
}

void spec_defaults(struct spec *s)
{
	*s = (struct spec){
		.chip = chip_find("connectx2"),
		.seed = 1,
		.psid = "SYN0000000001",
		.vsd = "n/a",
		.version = {2, 10, 720},
		.date = 0x20120418,
		.time = 0x101500,
		/* What release files hold: the system image GUID is the node's (fs2-image 12). */
		.guid = {0x0002c9000100d050, 0x0002c9000100d051, 0x0002c9000100d052,
			 0x0002c9000100d050},
		.mac = {0x0002c9000001, 0x0002c9000002},
		.guid_entries = 6,
		.ini_level = 9,
		.boot_sections = 2,
		.last_ff = true,
		.vendor = 0x15b3,
		.ddr_count = 6,
		.ddr_size = 4096,
		.fillers = 40,
	};
}

static void text_from_ini(const struct buf *ini, const char *section, const char *key, char *field,
			  size_t room)
{
	char *value = ini_get(ini, section, key);

	if (value)
		set_text(field, room, value);
	free(value);
}

/* mlx-ini 3e, last line: what an image's info takes from the ini. */
void spec_take_from_ini(struct spec *s)
{
	const uint32_t none = UINT32_MAX;
	uint32_t sectors = ini_number(&s->ini, "ADAPTER", "nv_config_sectors", none);
	uint32_t log2k = ini_number(&s->ini, "FW", "log_flash_sector_size", none);

	text_from_ini(&s->ini, "ADAPTER", "PSID", s->psid, sizeof(s->psid));
	text_from_ini(&s->ini, "ADAPTER", "adapter_vsd", s->vsd, sizeof(s->vsd));
	text_from_ini(&s->ini, "PS_INFO", "PRS_name", s->prs, sizeof(s->prs));
	s->device = ini_number(&s->ini, "ADAPTER", "adapter_dev_id", s->device);
	if (sectors == none)
		return;
	s->tags |= 1u << 19;
	s->nv_sectors = sectors;
	s->has_nv_log2k = log2k != none;
	s->nv_log2k = log2k;
}
