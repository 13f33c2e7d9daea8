// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line. Options are read twice: first what others build on (seed, chip, ini), then
 * everything else, so that an option wins over what the ini says, wherever it stands on the command
 * line.
 */
#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

static const char usage[] =
	"mkimage [OPTION]... -o FILE          make an image\n"
	"mkimage --random SEED -o FILE        make a random sound one (-v tells what it is)\n"
	"mkimage --release SEED -o DIR        make the boards of a random release, and truth.tsv\n"
	"mkimage --dump SIZE:SLOT [OPTION]... -o FILE\n"
	"                                     make an image and lay it into a flash dump, slot 0 "
	"or 1\n"
	"mkimage --dump SIZE [--slot0 IMAGE] [--slot1 IMAGE] -o FILE\n"
	"                                     lay made images into a flash dump\n"
	"\n"
	"Sizes and numbers may be written 0x..., sizes may end in k or m.\n"
	"  --boards N             of a release, 2..256 (default: 6 to 40)\n"
	"  --code SIZE            of a release: bytes of code (default: little)\n"
	"  --seed N               fillings of code, ROM and unknown words (default 1)\n"
	"  --chip NAME            connectx, connectx2 (default), connectx3, connectx3pro\n"
	"  --device-id N          PCI device id (default: the ini's, else the chip's)\n"
	"  --hw-list W[,W]...     rev << 16 | hardware id (default: the chip's, then 0)\n"
	"  --psid TEXT            (default: the ini's, else SYN0000000001)\n"
	"  --version M.m.s        (default 2.10.720)\n"
	"  --date YYYYMMDD  --time HHMMSS\n"
	"  --vsd TEXT  --product TEXT  --prs NAME  --vendor-id N\n"
	"  --guid BASE            node, port 1, port 2, system image = +0 .. +3\n"
	"  --mac BASE             ports 1 and 2 = +0, +1 (both default to what release files "
	"hold)\n"
	"  --blank-guids          no GUIDs yet: all ones, CRCs blank\n"
	"  --guid-entries N       4 (no MACs), 6 (default) or 8\n"
	"  --rom FILE | TYPE:A.B.C:DEVICE[:PROTOCOL[:PORT[:CPU]]][+...]\n"
	"                         TYPE is pxe uefi clp nvme virtio fcode, DEVICE and what follows "
	"hex\n"
	"  --rom-size N           bytes of each made ROM (default 4k)\n"
	"  --ini FILE|generate    ini to embed and to compile (default none)\n"
	"  --ini-level N          zlib level (default 9)\n"
	"  --no-ini               compile the ini, do not embed it\n"
	"  --boot2 N              boot sections, 1 or 2 (default 2)\n"
	"  --nonfailsafe          not striped\n"
	"  --chunk LOG2           16..23 (default 20, connectx3 19)\n"
	"  --unordered            the section list does not follow the addresses\n"
	"  --last-next 0|ff       how the section list ends (default ff)\n"
	"  --nv-sectors N  --nv-pad N  --nv-sector-log2k N\n"
	"                         the config area (default: the ini's; connectx3: 2 of 4 KiB)\n"
	"  --access-key HEX  --min-fit A.B.C.D\n"
	"  --no-tag N             leave a tag of Image Info out; --no-mic is --no-tag 11\n"
	"  --no-info-pointer      header 0x2c is 0\n"
	"  --ddr N:SIZE           1..12 code sections of about SIZE bytes before compression, "
	"every\n"
	"                         second one compressed (default 6:4k)\n"
	"  --lzma-end-marker      compressed streams end with a marker\n"
	"  --words N              configuration words of no meaning, per section (default 40)\n"
	"  --code-first           the smallest order of sections, code before configuration\n"
	"  --emt N  --user-data N  --board-id N  --ddrz  --unknown-section TYPE  --hash FILE\n"
	"                         further sections\n"
	"  --pad N                ff bytes behind the image\n"
	"  --nv-fill N            the last N bytes of the dump hold NV data\n"
	"  --corrupt WHAT         damage it, see below\n"
	"  --ini-out FILE  --rom-out FILE\n"
	"                         write what was embedded\n"
	"  -v                     tell what the image holds\n"
	"  -o FILE\n"
	"\nDamages:\n";

enum {
	O_FIRST = 256,
	O_SEED,
	O_CHIP,
	O_RANDOM,
	O_RELEASE,
	O_BOARDS,
	O_CODE,
	O_INI,
	O_DEVICE,
	O_HW,
	O_PSID,
	O_VERSION,
	O_DATE,
	O_TIME,
	O_VSD,
	O_PRODUCT,
	O_PRS,
	O_VENDOR,
	O_GUID,
	O_MAC,
	O_BLANK,
	O_ENTRIES,
	O_ROM,
	O_ROM_SIZE,
	O_INI_LEVEL,
	O_NO_INI,
	O_BOOT2,
	O_NONFAILSAFE,
	O_CHUNK,
	O_LAST,
	O_UNORDERED,
	O_NV_SECTORS,
	O_NV_PAD,
	O_NV_LOG2K,
	O_KEY,
	O_FIT,
	O_NO_TAG,
	O_NO_MIC,
	O_NO_INFO,
	O_DDR,
	O_LZMA_END,
	O_WORDS,
	O_CODE_FIRST,
	O_EMT,
	O_USER,
	O_BOARD,
	O_DDRZ,
	O_UNKNOWN,
	O_HASH,
	O_PAD,
	O_NV_FILL,
	O_CORRUPT,
	O_INI_OUT,
	O_ROM_OUT,
	O_DUMP,
	O_SLOT0,
	O_SLOT1,
	O_HELP,
};

static const struct option options[] = {
	{"seed", 1, NULL, O_SEED},
	{"chip", 1, NULL, O_CHIP},
	{"random", 1, NULL, O_RANDOM},
	{"release", 1, NULL, O_RELEASE},
	{"boards", 1, NULL, O_BOARDS},
	{"code", 1, NULL, O_CODE},
	{"ini", 1, NULL, O_INI},
	{"device-id", 1, NULL, O_DEVICE},
	{"hw-list", 1, NULL, O_HW},
	{"psid", 1, NULL, O_PSID},
	{"version", 1, NULL, O_VERSION},
	{"date", 1, NULL, O_DATE},
	{"time", 1, NULL, O_TIME},
	{"vsd", 1, NULL, O_VSD},
	{"product", 1, NULL, O_PRODUCT},
	{"prs", 1, NULL, O_PRS},
	{"vendor-id", 1, NULL, O_VENDOR},
	{"guid", 1, NULL, O_GUID},
	{"mac", 1, NULL, O_MAC},
	{"blank-guids", 0, NULL, O_BLANK},
	{"guid-entries", 1, NULL, O_ENTRIES},
	{"rom", 1, NULL, O_ROM},
	{"rom-size", 1, NULL, O_ROM_SIZE},
	{"ini-level", 1, NULL, O_INI_LEVEL},
	{"no-ini", 0, NULL, O_NO_INI},
	{"boot2", 1, NULL, O_BOOT2},
	{"nonfailsafe", 0, NULL, O_NONFAILSAFE},
	{"chunk", 1, NULL, O_CHUNK},
	{"last-next", 1, NULL, O_LAST},
	{"unordered", 0, NULL, O_UNORDERED},
	{"nv-sectors", 1, NULL, O_NV_SECTORS},
	{"nv-pad", 1, NULL, O_NV_PAD},
	{"nv-sector-log2k", 1, NULL, O_NV_LOG2K},
	{"access-key", 1, NULL, O_KEY},
	{"min-fit", 1, NULL, O_FIT},
	{"no-tag", 1, NULL, O_NO_TAG},
	{"no-mic", 0, NULL, O_NO_MIC},
	{"no-info-pointer", 0, NULL, O_NO_INFO},
	{"ddr", 1, NULL, O_DDR},
	{"lzma-end-marker", 0, NULL, O_LZMA_END},
	{"words", 1, NULL, O_WORDS},
	{"code-first", 0, NULL, O_CODE_FIRST},
	{"emt", 1, NULL, O_EMT},
	{"user-data", 1, NULL, O_USER},
	{"board-id", 1, NULL, O_BOARD},
	{"ddrz", 0, NULL, O_DDRZ},
	{"unknown-section", 1, NULL, O_UNKNOWN},
	{"hash", 1, NULL, O_HASH},
	{"pad", 1, NULL, O_PAD},
	{"nv-fill", 1, NULL, O_NV_FILL},
	{"corrupt", 1, NULL, O_CORRUPT},
	{"ini-out", 1, NULL, O_INI_OUT},
	{"rom-out", 1, NULL, O_ROM_OUT},
	{"dump", 1, NULL, O_DUMP},
	{"slot0", 1, NULL, O_SLOT0},
	{"slot1", 1, NULL, O_SLOT1},
	{"help", 0, NULL, O_HELP},
	{NULL, 0, NULL, 0},
};

static uint64_t number(const char *text, int base, uint64_t max)
{
	char *end;
	uint64_t n = strtoull(text, &end, base);

	if (base == 0 && (*end == 'k' || *end == 'm'))
		n <<= *end++ == 'k' ? 10 : 20;
	if (end == text || *end || n > max)
		die("'%s' is no number up to %" PRIu64, text, max);
	return n;
}

static uint32_t bcd_text(const char *text, size_t digits)
{
	if (strlen(text) != digits || strspn(text, "0123456789") != digits)
		die("'%s' is not %zu digits", text, digits);
	return number(text, 16, UINT32_MAX);
}

static void set_ids(uint64_t *id, unsigned int count, uint64_t base)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		id[i] = base + i;
}

static void first_pass(struct job *job, int argc, char **argv)
{
	struct spec *s = &job->spec;
	const char *ini = NULL;
	bool chip = false;
	int c;

	spec_defaults(s);
	while ((c = getopt_long(argc, argv, "o:v", options, NULL)) != -1) {
		if (c == '?')
			exit(64);
		if (c == O_SEED || c == O_RANDOM)
			s->seed = number(optarg, 0, UINT64_MAX);
		if (c == O_RANDOM)
			job->random = true;
		if (c == O_CHIP) {
			s->chip = chip_find(optarg);
			chip = true;
		}
		if (c == O_INI)
			ini = optarg;
	}
	if (optind != argc)
		die("'%s' is no option", argv[optind]);
	if (job->random && !chip)
		s->chip = &chips[s->seed % chip_count];
	spec_chip_defaults(s);
	if (job->random)
		spec_random(s, s->seed);
	if (ini && strcmp(ini, "generate")) {
		s->ini = buf_read(ini);
		spec_take_from_ini(s);
	} else if (ini) {
		s->ini.len = 0;
	}
}

static void set_hw_list(struct spec *s, char *list)
{
	char *part;

	s->hw_count = 0;
	while ((part = strsep(&list, ","))) {
		if (s->hw_count == ARRAY_LEN(s->hw))
			die("at most %zu hardware ids", ARRAY_LEN(s->hw));
		s->hw[s->hw_count++] = number(part, 16, UINT32_MAX);
	}
}

/* Options about what Image Info and the GUID section say. */
static bool info_option(struct spec *s, int c, char *arg)
{
	uint64_t key;

	switch (c) {
	case O_DEVICE:
		s->device = number(arg, 0, 0xffffff);
		break;
	case O_HW:
		set_hw_list(s, arg);
		break;
	case O_PSID:
		set_text(s->psid, sizeof(s->psid), arg);
		break;
	case O_VERSION:
		if (sscanf(arg, "%u.%u.%u", &s->version[0], &s->version[1], &s->version[2]) != 3)
			die("version '%s' is not M.m.s", arg);
		break;
	case O_DATE:
		s->date = bcd_text(arg, 8);
		break;
	case O_TIME:
		s->time = bcd_text(arg, 6);
		break;
	case O_VSD:
		set_text(s->vsd, sizeof(s->vsd), arg);
		break;
	case O_PRODUCT:
		set_text(s->product, sizeof(s->product), arg);
		break;
	case O_PRS:
		set_text(s->prs, sizeof(s->prs), arg);
		break;
	case O_VENDOR:
		s->vendor = number(arg, 0, 0xffff);
		break;
	case O_GUID:
		set_ids(s->guid, 4, number(arg, 16, UINT64_MAX));
		break;
	case O_MAC:
		set_ids(s->mac, 2, number(arg, 16, UINT64_MAX));
		break;
	case O_BLANK:
		s->blank_guids = true;
		break;
	case O_ENTRIES:
		s->guid_entries = number(arg, 0, 32);
		break;
	case O_NV_SECTORS:
		s->tags |= 1u << 19;
		s->nv_sectors = number(arg, 0, 255);
		break;
	case O_NV_PAD:
		s->nv_pad = number(arg, 0, 255);
		break;
	case O_NV_LOG2K:
		s->has_nv_log2k = true;
		s->nv_log2k = number(arg, 0, 10);
		break;
	case O_KEY:
		key = number(arg, 16, UINT64_MAX);
		s->has_access_key = true;
		s->access_key[0] = key >> 32;
		s->access_key[1] = key;
		break;
	case O_FIT:
		if (sscanf(arg, "%hu.%hu.%hu.%hu", &s->min_fit[0], &s->min_fit[1], &s->min_fit[2],
			   &s->min_fit[3]) != 4)
			die("minimum FIT version '%s' is not A.B.C.D", arg);
		s->has_min_fit = true;
		break;
	case O_NO_TAG:
		s->tags &= ~(1u << number(arg, 0, 20));
		break;
	case O_NO_MIC:
		s->tags &= ~(1u << 11);
		break;
	default:
		return false;
	}
	return true;
}

/* Options about the sections and how they lie. */
static bool layout_option(struct spec *s, int c, char *arg)
{
	char *colon;

	switch (c) {
	case O_NO_INI:
		s->no_ini = true;
		break;
	case O_INI_LEVEL:
		s->ini_level = number(arg, 0, 9);
		break;
	case O_BOOT2:
		s->boot_sections = number(arg, 0, 2);
		if (!s->boot_sections)
			die("an image has one boot section or two");
		break;
	case O_NONFAILSAFE:
		s->nonfailsafe = true;
		break;
	case O_CHUNK:
		s->chunk_log2 = number(arg, 0, 23);
		if (s->chunk_log2 < 16)
			die("a chunk is 2^16 to 2^23 bytes");
		break;
	case O_UNORDERED:
		s->unordered = true;
		break;
	case O_LAST:
		s->last_ff = !strcmp(arg, "ff");
		break;
	case O_NO_INFO:
		s->no_info_pointer = true;
		break;
	case O_DDR:
		colon = strchr(arg, ':');
		if (!colon)
			die("--ddr N:SIZE, not '%s'", arg);
		*colon = '\0';
		s->ddr_count = number(arg, 0, 12);
		s->ddr_size = number(colon + 1, 0, 0x400000);
		*colon = ':';
		if (!s->ddr_count || s->ddr_size < 4)
			die("an image has code: 1 to 12 sections of at least 4 bytes");
		break;
	case O_LZMA_END:
		s->lzma_end_marker = true;
		break;
	case O_WORDS:
		s->fillers = number(arg, 0, 900);
		break;
	case O_CODE_FIRST:
		s->code_first = true;
		break;
	case O_EMT:
		s->emt = number(arg, 0, 65536);
		break;
	case O_USER:
		s->user_data = number(arg, 0, 65536);
		break;
	case O_BOARD:
		s->board_id = number(arg, 0, 65536);
		break;
	case O_DDRZ:
		s->ddrz = true;
		break;
	case O_UNKNOWN:
		s->unknown_type = number(arg, 0, UINT32_MAX);
		break;
	case O_HASH:
		s->hash = buf_read(arg);
		break;
	case O_PAD:
		s->pad = number(arg, 0, 1 << 24);
		break;
	default:
		return false;
	}
	return true;
}

static void job_option(struct job *job, int c, char *arg)
{
	char *colon;

	switch (c) {
	case O_RELEASE:
		job->release = true;
		job->release_seed = number(arg, 0, UINT32_MAX);
		break;
	case O_BOARDS:
		job->boards = number(arg, 0, 256);
		break;
	case O_CODE:
		job->code = number(arg, 0, 1 << 24);
		break;
	case O_ROM:
		job->rom = arg;
		break;
	case O_ROM_SIZE:
		job->rom_size = number(arg, 0, 1 << 20);
		break;
	case O_NV_FILL:
		job->nv_fill = number(arg, 0, 1 << 20);
		break;
	case O_CORRUPT:
		job->damage = arg;
		break;
	case O_INI_OUT:
		job->ini_out = arg;
		break;
	case O_ROM_OUT:
		job->rom_out = arg;
		break;
	case O_DUMP:
		colon = strchr(arg, ':');
		if (colon) {
			job->dump_slot = number(colon + 1, 0, 1);
			*colon = '\0';
		}
		job->dump = number(arg, 0, 1 << 24);
		break;
	case O_SLOT0:
	case O_SLOT1:
		job->slot[c - O_SLOT0] = arg;
		break;
	case 'o':
		job->out = arg;
		break;
	case 'v':
		job->verbose = true;
		break;
	case O_HELP:
		fputs(usage, stdout);
		corrupt_help();
		exit(0);
	}
}

static void second_pass(struct job *job, int argc, char **argv)
{
	struct spec *s = &job->spec;
	const char *ini = NULL;
	int c;

	optind = 1;
	job->rom_size = 4096;
	while ((c = getopt_long(argc, argv, "o:v", options, NULL)) != -1) {
		if (c == O_INI)
			ini = optarg;
		else if (!info_option(s, c, optarg) && !layout_option(s, c, optarg))
			job_option(job, c, optarg);
	}
	if (!job->out)
		die("-o FILE is missing; --help has the options");
	if (ini && !strcmp(ini, "generate"))
		ini_generate(&s->ini, s); /* last, so that it agrees with every option */
	if (!job->rom)
		return;
	s->rom.len = 0;
	s->rom_text[0] = '\0';
	if (strchr(job->rom, ':')) {
		set_text(s->rom_text, sizeof(s->rom_text), job->rom);
		rom_make(&s->rom, job->rom, job->rom_size, s->seed);
	} else {
		s->rom = buf_read(job->rom);
	}
}

void job_parse(struct job *job, int argc, char **argv)
{
	first_pass(job, argc, argv);
	second_pass(job, argc, argv);
}
