// SPDX-License-Identifier: GPL-2.0-only
/* Configuration words by name, what the ini says of them, and what two images differ in. */
#include "fw/release/diff.h"
#include "fs2_make.h"
#include "tap.h"

/* The made images' words: 0x1f000 + 4i holds i << 4 under mask 0xff0, in both sections. */
static const char map_text[] = "*\tADAPTER\tPSID\t-\tpsid\t-\t-\ttext\tverified\n"
			       "*\tADAPTER\tdevice\t-\tdevice\t-\t-\tnumber\tverified\n"
			       "MT25408\tA\tlow\tx.low\t0x1f00c\t4\t2\tnumber\tverified\n"
			       "MT25408\tA\tlow_too\tx.low\t0x1f00c\t4\t2\tnumber\tseen\n"
			       "MT25408\tA\tflag\tx.flag\t0x1f010\t6\t1\tbool\tverified\n"
			       "MT25408\t-\t-\tx.nameless\t0x1f010\t8\t1\tnumber\tseen\n"
			       "MT25408\tA\toutside\tx.outside\t0x1f004\t2\t4\tnumber\tverified\n"
			       "MT27520\tA\tother\tx.other\t0x1f008\t4\t4\tnumber\tverified\n";

static const char ini_text[] = "[ADAPTER]\nPSID = SYN0000000001\ndevice = 1\n"
			       "[A]\nlow = 3\nlow_too = 2\nflag = true\n";

static struct fw_params map(void)
{
	struct fw_params map = {0};
	struct cx_err err;

	if (fw_params_parse(map_text, strlen(map_text), &map, &err))
		printf("Bail out! %s\n", err.text);
	return map;
}

static struct fw_image take(const struct fs2 *m)
{
	struct fw_image img;
	struct cx_err err;

	if (fw_image_parse(m->at, m->len, &img, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return img;
}

static const struct fw_field *find(const struct fw_config *c, unsigned int section,
				   const char *name)
{
	for (size_t i = 0; i < c->fields; i++)
		if (c->field[i].section == section && fw_field_name(&c->field[i]) &&
		    !strcmp(fw_field_name(&c->field[i]), name))
			return &c->field[i];
	return NULL;
}

/* Every bit of every word is in one field, and the values together are the words. */
static void whole(const struct fw_config *c, unsigned int section)
{
	for (uint32_t i = 0; i < 5; i++) {
		uint32_t mask = 0, value = 0;

		for (size_t f = 0; f < c->fields; f++) {
			const struct fw_field *field = &c->field[f];

			if (field->section != section || field->addr != 0x1f000 + 4 * i)
				continue;
			ok(!(mask & field->mask), "no bit twice in word %u", i);
			mask |= field->mask;
			value |= field->rules ? field->value << field->bit : field->value;
		}
		is_int(mask, 0xff0, "the fields of word %u of section %u own its bits", i, section);
		is_int(value, i << 4, "and hold its value");
	}
}

static void fields(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	struct fw_image img = take(&m);
	struct fw_params rules = map();
	struct fw_config c;
	struct cx_err err;
	const struct fw_field *f;

	ok(!fw_config_read(&img, &rules, &c, &err), "the configuration is read");
	whole(&c, 1);
	whole(&c, 2);
	f = find(&c, 1, "x.low");
	ok(f && f->value == 3 && f->mask == 0x30 && f->rules == 2, "two keys, one field");
	f = find(&c, 2, "x.flag");
	ok(f && f->value == 1 && f->rules == 1, "a flag of the second section");
	ok(find(&c, 1, "x.nameless"), "bits without a key have a name all the same");
	ok(!find(&c, 1, "x.outside"), "a rule that leaves the mask names nothing");
	ok(!find(&c, 1, "x.other"), "nor does one for another chip");
	f = find(&c, 0, "psid");
	ok(f && !strcmp(f->text, "SYN0000000001"), "the PSID is a field of Image Info");
	f = find(&c, 0, "device");
	ok(f && f->value == 0x673c, "and the device id");
	for (size_t i = 1; i < c.fields; i++)
		ok(fw_field_order(&c.field[i - 1], &c.field[i]) < 0, "field %zu is in order", i);
	fw_config_free(&c);
	fw_params_free(&rules);
	fw_image_free(&img);
	free(m.at);
}

static void judged(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	struct fw_image img = take(&m);
	struct fw_params rules = map();
	const struct fw_field *f;
	struct fw_config c;
	struct fw_ini ini;
	struct cx_err err;
	const char *value;

	if (fw_config_read(&img, &rules, &c, &err) ||
	    fw_ini_parse(ini_text, strlen(ini_text), &ini, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	f = find(&c, 1, "x.low");
	is_int(fw_field_judge(f, f->rule[0], &ini, &value), FW_AGREES, "low = 3 agrees");
	is_str(value, "3", "its value is given");
	is_int(fw_field_judge(f, f->rule[1], &ini, &value), FW_DISAGREES, "low_too = 2 does not");
	f = find(&c, 1, "x.flag");
	is_int(fw_field_judge(f, f->rule[0], &ini, &value), FW_AGREES, "true is 1");
	f = find(&c, 1, "x.nameless");
	is_int(fw_field_judge(f, f->rule[0], &ini, &value), FW_NO_KEY, "no key, no judgement");
	ok(!value, "and no value");
	f = find(&c, 0, "psid");
	is_int(fw_field_judge(f, f->rule[0], &ini, &value), FW_AGREES, "the PSID agrees");
	f = find(&c, 0, "device");
	is_int(fw_field_judge(f, f->rule[0], &ini, &value), FW_DISAGREES, "the device id does not");
	fw_ini_free(&ini);
	fw_config_free(&c);
	fw_params_free(&rules);
	fw_image_free(&img);
	free(m.at);
}

static void broken(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	struct fw_params rules = {0};
	struct fw_config c;
	struct fw_image img;
	struct cx_err err;

	/* One dword less: its place is taken by the CRC word. */
	fs2_set(m.at + m.part[CONFIG2] + 4, 14);
	img = take(&m);
	ok(fw_config_read(&img, &rules, &c, &err) && err.status == CX_INVALID,
	   "a section that is no list of words is refused");
	has_str(err.text, "no list of words", "by name");
	fw_image_free(&img);
	free(m.at);
}

/* Two images that differ in chosen places. */
struct seen {
	unsigned int count;
	uint32_t addr, a, b, bytes, first;
	char text[80];
};

static void header(const char *name, uint32_t addr, uint32_t a, uint32_t b, void *ctx)
{
	struct seen *s = ctx;

	s->count++;
	if (addr == 0x20) /* the whole-image CRC follows from the rest */
		return;
	snprintf(s->text, sizeof(s->text), "%s", name);
	s->addr = addr;
	s->a = a;
	s->b = b;
}

static void section(const struct fw_section *a, const struct fw_section *b, uint32_t bytes,
		    uint32_t first, void *ctx)
{
	struct seen *s = ctx;

	s->count++;
	s->a = a ? a->type : 0;
	s->b = b ? b->type : 0;
	s->bytes = bytes;
	s->first = first;
}

static void key(const char *sec, const char *name, const char *a, const char *b, void *ctx)
{
	struct seen *s = ctx;
	size_t len = strlen(s->text);

	s->count++;
	snprintf(s->text + len, sizeof(s->text) - len, "%s.%s:%s:%s ", sec, name, a ? a : "-",
		 b ? b : "-");
}

static void field(const struct fw_field *a, const struct fw_field *b, void *ctx)
{
	struct seen *s = ctx;

	s->count++;
	s->addr = (a ? a : b)->addr;
	s->a = a ? a->value : UINT32_MAX;
	s->b = b ? b->value : UINT32_MAX;
	snprintf(s->text, sizeof(s->text), "%s",
		 fw_field_name(a ? a : b) ? fw_field_name(a ? a : b) : "");
}

static void differences(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0}), n = fs2_clone(&m);
	struct fs2 bare = fs2_make(&(struct fs2_options){.no_rom = true});
	struct fw_image a = take(&m), b, c = take(&bare);
	struct fw_params rules = map();
	struct fw_config x, y;
	struct seen s = {0};
	struct cx_err err;

	is_int(fw_diff_headers(&a, &a, header, &s) + fw_diff_sections(&a, &a, section, &s), 0,
	       "an image does not differ from itself");
	n.at[0x17] ^= 4;
	n.at[n.part[CODE] + 16 + 40] ^= 1;
	n.at[n.part[CODE] + 16 + 90] ^= 1;
	fs2_reseal(&n, CODE);
	fs2_reseal_whole(&n);
	b = take(&n);
	is_int(fw_diff_headers(&a, &b, header, &s), 2, "a boot word and the CRC differ");
	is_int(s.addr, 0x14, "the boot word's address");
	is_int(s.a ^ s.b, 4, "and both values");
	s = (struct seen){0};
	is_int(fw_diff_sections(&a, &b, section, &s), 1, "one section differs");
	ok(s.a == FW_DDR && s.b == FW_DDR, "the code");
	is_int(s.bytes, 2, "in two bytes");
	is_int(s.first, 40, "from there on");
	is_int(fw_diff_sections(&a, &c, section, &s), 1, "the ROM is missing, the rest has moved");
	ok(s.a == FW_ROM && !s.b, "on the second side");
	is_int(fw_diff_sections(&c, &a, section, &s), 1, "or the other way");
	ok(!s.a && s.b == FW_ROM, "on the first");
	fw_image_free(&b);

	fs2_set(n.at + n.part[CONFIG2] + 16 + 3 * 12 + 4, 0x20);
	fs2_set(n.at + n.part[CONFIG2] + 16 + 3 * 12 + 8, 0x1ff0);
	fs2_reseal(&n, CONFIG2);
	fs2_reseal_whole(&n);
	b = take(&n);
	if (fw_config_read(&a, &rules, &x, &err) || fw_config_read(&b, &rules, &y, &err))
		printf("Bail out! %s\n", err.text);
	s = (struct seen){0};
	is_int(fw_diff_configs(&x, &x, field, &s), 0, "no field differs from itself");
	is_int(fw_diff_configs(&x, &y, field, &s), 3, "a field, and bits that only one mask owns");
	fw_config_free(&y);
	fs2_set(n.at + n.part[CONFIG2] + 16 + 3 * 12 + 8, 0xff0);
	fs2_reseal(&n, CONFIG2);
	fw_image_free(&b);
	b = take(&n);
	if (fw_config_read(&b, &rules, &y, &err))
		printf("Bail out! %s\n", err.text);
	is_int(fw_diff_configs(&x, &y, field, &s), 1, "with equal masks the field alone");
	is_str(s.text, "x.low", "by name");
	ok(s.addr == 0x1f00c && s.a == 3 && s.b == 2, "with address and both values");
	fw_config_free(&x);
	fw_config_free(&y);
	fw_params_free(&rules);
	fw_image_free(&a);
	fw_image_free(&b);
	fw_image_free(&c);
	free(m.at);
	free(n.at);
	free(bare.at);
}

static void inis(void)
{
	static const char one[] = "[A]\nx = 1\nsame = 5\nx = 2\nold = 3\n[B]\nx = 2\n";
	static const char two[] = "[A]\nX = 3\nsame=5\nnew = 1\n[B]\nx = 2\n";
	struct fw_ini a, b;
	struct seen s = {0};
	struct cx_err err;

	if (fw_ini_read(one, strlen(one), &a, &err) || fw_ini_read(two, strlen(two), &b, &err))
		printf("Bail out! %s\n", err.text);
	is_int(fw_diff_inis(&a, &b, key, &s), 3, "three keys differ");
	is_str(s.text, "A.x:2:3 A.old:3:- A.new:-:1 ", "of a key stated twice the last counts");
	fw_ini_free(&a);
	fw_ini_free(&b);
}

int main(void)
{
	fields();
	judged();
	broken();
	differences();
	inis();
	return tap_done();
}
