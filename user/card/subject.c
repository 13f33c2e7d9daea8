// SPDX-License-Identifier: GPL-2.0-only
/* What a command works on or looks into: a card, a dump that stands in for one, or a file. */
#include "subject.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dev/netlink.h"
#include "dev/pci.h"
#include "files/files.h"

int card_choice(const struct cx_pci_card *card, const char *command, struct cx_err *err)
{
	bool burn = !strcmp(command, "burn");

	return cx_fail(err, CX_BUSY,
		       "%s belongs to %s; 'cxflashctl %s --beside -d %s' works beside it:"
		       " no outage, new firmware runs after the next reset or reboot;\n"
		       "or 'cxflashctl %s --takeover -d %s' takes the card: its"
		       " interfaces%s%s vanish until %s%s%s",
		       card->name, card->driver, command, card->name, command, card->name,
		       card->interfaces[0] ? " " : "", card->interfaces,
		       burn ? "it is burnt and given back" : "'cxflashctl detach -d ",
		       burn ? "" : card->name, burn ? "" : "' gives it back");
}

int card_binding(const char *name, char *binding, size_t size, struct cx_err *err)
{
	struct cx_served *cards;
	size_t count;

	*binding = '\0';
	if (cx_netlink_cards(&cards, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(cards[i].info.name, name))
			snprintf(binding, size, "%s", cards[i].info.binding);
	free(cards);
	return 0;
}

/* cxflash serves no card of this name. Is there one, whose is it, and what can be done? */
static int explain_absence(const char *name, struct cx_err *err)
{
	struct cx_served *served;
	struct cx_pci_card card;
	struct cx_err module;
	size_t count;

	if (cx_pci_find(&cx_pci_system, name, &card, err))
		return -1;
	if (cx_netlink_cards(&served, &count, &module)) {
		*err = module;
		return -1;
	}
	free(served);
	if (!strcmp(card.driver, "cxflash"))
		return cx_fail(err, CX_FAILED,
			       "%s is bound to cxflash, but the module does not answer for it; the"
			       " kernel log (dmesg) says why",
			       card.name);
	if (card.driver[0])
		return card_choice(&card, "attach", err);
	return cx_fail(err, CX_NOT_FOUND,
		       "%s is not attached to cxflash; run: cxflashctl attach -d %s", card.name,
		       card.name);
}

/* A dump file that repeats a flash stands in for one card, of that flash. */
static int take_first_copy(struct cx_flash *flash, struct cx_err *err)
{
	uint32_t size = flash->info.size;
	uint8_t *bytes = malloc(size);
	int ret;

	if (!bytes)
		return cx_fail(err, CX_FAILED, "%s: out of memory", flash->info.name);
	ret = flash->ops->read(flash, 0, bytes, size, err);
	if (!ret) {
		flash->info.size = fw_dump_first_copy(bytes, size);
		flash->info.copies = size / flash->info.size;
	}
	free(bytes);
	return ret;
}

int card_open(const char *name, struct cx_flash **flash, struct cx_err *err)
{
	bool file = name && !strncmp(name, "file:", 5);

	if (cx_flash_open(name, flash, err))
		return file || err->status != CX_NOT_FOUND ? -1 : explain_absence(name, err);
	if (!file || !take_first_copy(*flash, err))
		return 0;
	(*flash)->ops->close(*flash);
	return -1;
}

void card_note_copies(struct out *out, const struct cx_flash_info *info)
{
	struct source s = {.name = (char *)info->name, .copies = info->copies, .len = info->size};

	source_note_copies(&s, out_note_text, out);
}

static void take_survey(struct subject *s)
{
	s->name = s->flash->info.name;
	s->dump = &s->survey.dump;
	s->chip = s->survey.chip;
	s->chip_rev = s->survey.chip_rev;
	s->flash_size = s->flash->info.size;
	s->active = s->survey.kept;
}

static int open_flash(struct subject *s, const char *card, bool lock, struct progress *progress,
		      struct cx_err *err)
{
	if (card_open(card, &s->flash, err))
		return -1;
	s->flash->stop = progress->control.stop;
	if ((lock && s->flash->ops->lock(s->flash, err)) ||
	    burn_survey(s->flash, &progress->control, &s->survey, err)) {
		progress_end(progress);
		s->flash->ops->close(s->flash);
		s->flash = NULL;
		return -1;
	}
	progress_end(progress);
	take_survey(s);
	return 0;
}

static int glance(struct subject *s, struct cx_err *err)
{
	if (burn_glance(s->flash, &s->survey, err)) {
		s->flash->ops->close(s->flash);
		s->flash = NULL;
		return -1;
	}
	take_survey(s);
	return 0;
}

int subject_glance(struct subject *s, const char *card, struct cx_err *err)
{
	*s = (struct subject){0};
	return card_open(card, &s->flash, err) ? -1 : glance(s, err);
}

static int open_file(struct subject *s, const char *path, struct cx_err *err)
{
	if (source_read(path, SOURCE_IMAGE, NULL, &s->source, err))
		return -1;
	if (fw_dump_parse(s->source.bytes, s->source.len, FW_CHIP_UNKNOWN, &s->file, err)) {
		cx_fail_in(err, s->source.name);
		source_free(&s->source);
		return -1;
	}
	s->name = s->source.name;
	s->dump = &s->file;
	s->flash_size = fw_dump_flash(&s->file, s->source.len);
	s->active = -1;
	return 0;
}

static int open_either(struct subject *s, const char *card, const char *file, bool lock,
		       struct progress *progress, struct cx_err *err)
{
	*s = (struct subject){0};
	if (card && file)
		return cx_fail(err, CX_USAGE, "-d %s and a file are given; only one can be meant",
			       card);
	return file ? open_file(s, file, err) : open_flash(s, card, lock, progress, err);
}

size_t subject_judge(struct subject *s, size_t i, fw_finding_fn fn, void *ctx)
{
	const struct fw_slot *slot = &s->dump->slot[i];
	enum fw_chip chip = s->chip;
	size_t bad;

	/* What boots tells which card a dump is of; the other slot has to be for the same. */
	if (!s->flash && s->active >= 0)
		chip = fw_image_chip(&s->dump->slot[s->active].img, NULL);
	bad = slot->state ? 1 : fw_verify(&slot->img, chip, s->flash_size, fn, ctx);

	if (s->flash)
		return bad; /* the survey has chosen */
	s->good[i] = !bad;
	if (!bad && s->active < 0)
		s->active = i;
	return bad;
}

int subject_open_unjudged(struct subject *s, const char *card, const char *file,
			  struct progress *progress, struct cx_err *err)
{
	return open_either(s, card, file, false, progress, err);
}

int subject_open(struct subject *s, const char *card, const char *file, bool lock,
		 struct progress *progress, struct cx_err *err)
{
	if (open_either(s, card, file, lock, progress, err))
		return -1;
	for (size_t i = 0; !s->flash && i < s->dump->slots; i++)
		subject_judge(s, i, NULL, NULL);
	return 0;
}

void subject_function(struct subject *s)
{
	struct cx_pci_card card;
	struct cx_err gone;

	if (!s->flash || !strcmp(s->flash->info.binding, "file"))
		return;
	card_vpd_read(&s->vpd, &cx_pci_system, s->name);
	if (cx_pci_find(&cx_pci_system, s->name, &card, &gone))
		return;
	s->subsystem[0] = card.subsystem_vendor;
	s->subsystem[1] = card.subsystem_device;
}

void subject_close(struct subject *s)
{
	card_vpd_free(&s->vpd);
	if (s->flash) {
		burn_survey_free(&s->survey);
		s->flash->ops->close(s->flash);
	} else if (s->dump) {
		fw_dump_free(&s->file);
		source_free(&s->source);
	}
	*s = (struct subject){0};
}

bool subject_slot_good(const struct subject *s, size_t i)
{
	return s->flash ? burn_slot_good(&s->survey, i) : s->good[i];
}

int subject_image(const struct subject *s, const struct fw_image **img, struct cx_err *err)
{
	if (s->active >= 0) {
		*img = &s->dump->slot[s->active].img;
		return 0;
	}
	for (size_t i = 0; i < s->dump->slots; i++)
		if (!s->dump->slot[i].state) {
			*img = &s->dump->slot[i].img;
			return 0;
		}
	if (s->dump->slots) {
		*err = s->dump->slot[0].why;
		err->status = CX_INVALID;
		return cx_fail_in(err, s->name);
	}
	if (s->flash && s->survey.unclear.status) {
		*err = s->survey.unclear;
		return cx_fail_in(err, s->name);
	}
	source_no_image(&s->source, err);
	return cx_fail_in(err, s->name);
}

int subject_look(struct cli *cli, const struct look *at,
		 int (*look)(struct cli *cli, const struct subject *s, const struct fw_image *img,
			     struct cx_err *err),
		 struct cx_err *err)
{
	const struct fw_image *img;
	struct progress progress;
	struct subject s;
	int ret;

	progress_begin(&progress, cli, true);
	if (subject_open(&s, at->card, at->file, false, &progress, err))
		return -1;
	ret = subject_image(&s, &img, err) ? -1 : look(cli, &s, img, err);
	subject_close(&s);
	return ret;
}

bool subject_flash_version(const char *card, char *version, size_t size, char *why, size_t why_size)
{
	const struct fw_image *img;
	struct subject s = {0};
	struct cx_err err;
	char text[32];

	*version = '\0';
	*why = '\0';
	if (card_open(card, &s.flash, &err)) {
		bool served = err.status != CX_NOT_FOUND && err.status != CX_BUSY;

		snprintf(why, why_size, "%s",
			 served ? err.text : "cxflash does not serve the card to us");
		return served;
	}
	if (glance(&s, &err)) {
		snprintf(why, why_size, "%s", err.text);
		return true;
	}
	if (subject_image(&s, &img, &err)) {
		snprintf(why, why_size, "%s", err.text);
	} else {
		fw_version_text(&img->info.version, text);
		snprintf(version, size, "%s", text);
	}
	subject_close(&s);
	return true;
}
