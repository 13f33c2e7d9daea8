// SPDX-License-Identifier: GPL-2.0-only
/* The knobs: timing and faults, set in SPEC or through the control socket while the card runs. */
#include "card.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct knob {
	const char *name;
	size_t offset;
	const char *word; /* what -1 is called */
	long max;
	const char *help;
};

#define KNOB(name, field, word, max, help)                           \
	{                                                            \
		name, offsetof(struct fault, field), word, max, help \
	}

static const struct knob knobs[] = {
	KNOB("busy", busy, "datasheet", 1000000,
	     "RDSR commands that still see WIP after an erase or program (default 2); or "
	     "`datasheet': the part's typical times"),
	KNOB("slow", slow, NULL, 1,
	     "the part takes the longest times of its data sheet, not the typical ones"),
	KNOB("gw-polls", gw_polls, NULL, 1000000,
	     "reads of 0xf0400 that still see the gateway busy (default 0)"),
	KNOB("write-takes", write_takes, NULL, 1000000,
	     "ms until a write by BAR0 has arrived without a flush (default 10)"),
	KNOB("stuck-busy", stuck_busy, NULL, 1, "the gateway never becomes free"),
	KNOB("wip-stuck", wip_stuck, NULL, 1, "the flash never becomes free"),
	KNOB("sem-held", sem_held, "forever", 1000000,
	     "reads of 0xf03fc that find it held by another; or `forever': until 0 is written"),
	KNOB("trm-held", trm_held, "forever", 1000000, "the same for 0xf03a0 (ConnectX-3)"),
	KNOB("erase-fails", erase_fails, "forever", 1000000,
	     "the next N erases leave the bytes as they were"),
	KNOB("program-flip", program_flip, "forever", 1000000,
	     "the next N page programs clear one bit too many"),
	KNOB("program-weak", program_weak, "forever", 1000000,
	     "the next N page programs leave one bit unprogrammed"),
	KNOB("write-protected", write_protected, NULL, 1,
	     "WP# is low and all blocks are protected: erase and program do nothing"),
	KNOB("bp", bp, NULL, 7, "block protection bits of the status register; WRSR clears them"),
	KNOB("dead", dead, NULL, 1, "CR space is all ones; the configuration header is alive"),
	KNOB("bar-dead", bar_dead, NULL, 1, "BAR0 is all ones; the window still works"),
	KNOB("vanish", vanish, NULL, 1, "the card answers nothing; 0 brings it back unharmed"),
	KNOB("vanish-at", vanish_at, NULL, 1000000, "vanish after the Nth flash operation"),
	KNOB("reset-at", reset_at, NULL, 1000000,
	     "somebody else resets the chip after the Nth flash operation"),
	KNOB("reset-at-command", reset_at_command, NULL, 100000000,
	     "the same after the Nth command of the gateway"),
	KNOB("reset-at-access", reset_at_access, NULL, 100000000,
	     "the same after the Nth access of CR space"),
	KNOB("owner-reset-at", owner_reset_at, NULL, 100000000,
	     "from the Nth access of CR space on the owner wants to reset the chip: he does when "
	     "0xf03fc is free, as mlx4_core"),
	KNOB("held-after-reset", held_after_reset, "forever", 1000000,
	     "sem-held from the next reset on"),
	KNOB("hold-at", hold_at, NULL, 1000000,
	     "the Nth flash operation is under way until the control line `go'"),
	KNOB("hold-command-at", hold_command_at, NULL, 100000000,
	     "the Nth command of the gateway is under way until `go'"),
	KNOB("hca-error", hca_error, NULL, 1, "the firmware reports a fatal error to its driver"),
	KNOB("hca-error-at-command", hca_error_at_command, NULL, 100000000,
	     "the same after the Nth command of the gateway"),
	KNOB("hca-mute", hca_mute, NULL, 1, "the firmware answers no command of its driver"),
	KNOB("boot-ones", boot_ones, NULL, 100000,
	     "ms after each reset in which CR space is all ones"),
	KNOB("boot-id", boot_id, NULL, 100000,
	     "ms after that in which 0xf0014 is all there is; the rest reads 0 and takes nothing"),
	KNOB("boot-patient", boot_patient, NULL, 1,
	     "a boot waits until the flash has done its work, and blames nobody"),
	KNOB("cut", cut, NULL, 1000000,
	     "power is cut in the Nth flash operation (erase or page program) from now; then the "
	     "card answers nothing until power-cycle"),
	KNOB("cut-done", cut_done, NULL, 100,
	     "percent of that operation's bytes that are done (default 50)"),
};

#define NKNOBS (sizeof(knobs) / sizeof(knobs[0]))

/* These three take more than a number. */
static const char *const special[][2] = {
	{"read-flip", "ADDR[:BIT], hexadecimal: SPI reads see this bit inverted; `off' ends it"},
	{"jedec", "six hexadecimal digits read by 0x9f instead of the part's; 0 ends it"},
	{"devid", "hexadecimal value of CR 0xf0014; 0 ends it"},
};

void fault_help(FILE *out)
{
	for (size_t i = 0; i < NKNOBS; i++)
		fprintf(out, "  %-16s %s\n", knobs[i].name, knobs[i].help);
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		fprintf(out, "  %-16s %s\n", special[i][0], special[i][1]);
}

void fault_clear(struct card *c)
{
	memset(&c->fault, 0, sizeof(c->fault));
	c->owner_waits = c->nor.held = c->gw.stopped = false;
	c->fault.busy = 2;
	c->fault.cut_done = 50;
}

bool fault_known(const char *name)
{
	for (size_t i = 0; i < NKNOBS; i++)
		if (!strcmp(knobs[i].name, name))
			return true;
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (!strcmp(special[i][0], name))
			return true;
	return false;
}

static bool number(const char *text, int base, long max, long *out, const char **end)
{
	char *stop;

	errno = 0;
	*out = strtol(text, &stop, base);
	*end = stop;
	return stop != text && !errno && *out >= 0 && *out <= max;
}

static bool set_read_flip(struct card *c, const char *value)
{
	const char *end;
	long addr, bit = 0;

	if (!strcmp(value, "off")) {
		c->fault.read_flip = 0;
		return true;
	}
	if (!number(value, 16, 0xffffff, &addr, &end))
		return false;
	if (*end == ':' && (!number(end + 1, 10, 7, &bit, &end) || *end))
		return false;
	c->fault.read_flip = addr << 3 | bit;
	c->fault.read_flip++;
	return !*end;
}

static bool set_special(struct card *c, const char *name, const char *value)
{
	const char *end;
	long val;

	if (!strcmp(name, "read-flip"))
		return set_read_flip(c, value);
	if (!number(value, 16, 0xffffffff, &val, &end) || *end)
		return false;
	if (!strcmp(name, "devid")) {
		c->fault.devid = val;
		return true;
	}
	if (val > 0xffffff)
		return false;
	/* a flag above the three bytes, so that 000000 can be read too */
	c->fault.jedec = !strcmp(value, "0") ? 0 : val | 1 << 24;
	return true;
}

int fault_set(struct card *c, const char *name, const char *value, char *err, size_t errlen)
{
	const char *end;
	long val;

	for (size_t i = 0; i < NKNOBS; i++) {
		const struct knob *k = &knobs[i];

		if (strcmp(k->name, name))
			continue;
		if (k->word && !strcmp(value, k->word)) {
			val = -1;
		} else if (!number(value, 0, k->max, &val, &end) || *end) {
			snprintf(err, errlen, "%s=%s: not a number from 0 to %ld%s%s", name, value,
				 k->max, k->word ? " or " : "", k->word ? k->word : "");
			return -1;
		}
		*(long *)((char *)&c->fault + k->offset) = val;
		if (fault_spend(&c->fault.hca_error))
			hca_fail(c);
		return 0;
	}
	if (!fault_known(name)) {
		snprintf(err, errlen, "%s: no such knob, see --help", name);
		return -1;
	}
	if (!set_special(c, name, value)) {
		snprintf(err, errlen, "%s=%s: bad value, see --help", name, value);
		return -1;
	}
	return 0;
}

/* A fault that strikes N times, or for ever if negative: does it strike now? */
bool fault_spend(long *counter)
{
	if (*counter > 0)
		(*counter)--;
	else if (!*counter)
		return false;
	return true;
}

/* A fault that strikes once, at the Nth event. */
bool fault_countdown(long *counter)
{
	return *counter > 0 && !--*counter;
}

/* Another access of CR space is over. */
void fault_access(struct card *c)
{
	if (fault_countdown(&c->fault.owner_reset_at))
		c->owner_waits = true;
	if (fault_countdown(&c->fault.reset_at_access))
		card_reset_unasked(c);
	if (c->owner_waits && cr_take_for_owner(c)) {
		c->owner_waits = false;
		card_reset(c, RESET_SOFT, true);
	}
}

/* Another command of the gateway has been carried out. */
void fault_command(struct card *c)
{
	if (fault_countdown(&c->fault.hold_command_at)) {
		c->gw.stopped = true;
		count(c, COUNT_HOLDS);
	}
	if (fault_countdown(&c->fault.hca_error_at_command))
		hca_fail(c);
	if (fault_countdown(&c->fault.reset_at_command))
		card_reset_unasked(c);
}
