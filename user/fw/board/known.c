// SPDX-License-Identifier: GPL-2.0-only
/* Which board it is, by whatever a card tells, and what is known of its hardware. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "boards.h"

#define PART_MIN 4 /* characters of a part number that tell anything */

/* ---- PSID with a suffix ---- */

const struct fw_board *fw_boards_stem(const struct fw_boards *boards, const char *psid)
{
	for (size_t i = boards->count; i-- > 0;) {
		const char *stem = boards->board[i].psid;
		size_t len = stem ? strlen(stem) : 0;

		/* A PSID has 13 characters by the vendor's form (users 7). */
		if (len >= 13 && !strncmp(psid, stem, len) && psid[len] &&
		    ispunct((unsigned char)psid[len]))
			return &boards->board[i];
	}
	return NULL;
}

/* ---- part number ---- */

/* Part numbers in a name end where one of these stands; "_" begins the revisions. */
#define PART_ENDS " ,/()_"

/* Vendors' own words in names, which no part number is. */
static bool is_part(const char *word, size_t len)
{
	bool digit = false;

	for (size_t i = 0; i < len; i++)
		digit |= isdigit((unsigned char)word[i]) != 0;
	return len >= PART_MIN && digit && strncasecmp(word, "ConnectX", 8);
}

bool fw_board_has_part(const struct fw_board *board, const char *part, bool *exact)
{
	size_t len = strcspn(part, PART_ENDS), n;
	bool stock = !strcmp(board->vendor, "Mellanox"), found = false;

	*exact = false;
	if (!is_part(part, len))
		return false;
	for (const char *word = board->board; *word; word += n + strspn(word + n, PART_ENDS)) {
		n = strcspn(word, PART_ENDS);
		if (!is_part(word, n) || strncasecmp(word, part, n))
			continue;
		if (n == len)
			return *exact = true;
		/* "MCX354A-FCB" is sold as MCX354A-FCBT, MCX354A-FCBS. */
		found |= stock && n >= 8 && len == n + 1 && isalpha((unsigned char)part[n]);
	}
	return found;
}

const struct fw_board *fw_boards_part(const struct fw_boards *boards, const char *part)
{
	const struct fw_board *found = NULL;
	bool exact;

	for (size_t i = boards->count; part && i-- > 0;) {
		if (!fw_board_has_part(&boards->board[i], part, &exact))
			continue;
		if (exact)
			return &boards->board[i];
		found = found ? found : &boards->board[i];
	}
	return found;
}

/* ---- subsystem ids ---- */

bool fw_board_has_subsystem(const struct fw_board *board, const char *ids)
{
	return board->subsystem && strlen(ids) == 9 && strcasestr(board->subsystem, ids);
}

static const struct fw_board *by_subsystem(const struct fw_boards *boards,
					   const struct fw_board_clues *clues)
{
	const struct fw_board *found = NULL;
	char ids[10];

	snprintf(ids, sizeof(ids), "%04x:%04x", clues->subsystem[0], clues->subsystem[1]);
	for (size_t i = 0; i < boards->count; i++) {
		const struct fw_board *b = &boards->board[i];

		if (b->device != clues->device || !fw_board_has_subsystem(b, ids))
			continue;
		if (found)
			return NULL;
		found = b;
	}
	return found;
}

const struct fw_board *fw_boards_guess(const struct fw_boards *boards,
				       const struct fw_board_clues *clues, enum fw_board_by *by)
{
	const char *name = clues->psid ? clues->psid : "";
	const struct fw_board *psid = fw_boards_psid(boards, name), *found;
	bool exact;

	*by = FW_BOARD_BY_PSID;
	if (psid && clues->part && fw_board_has_part(psid, clues->part, &exact))
		return psid;
	*by = FW_BOARD_BY_PART;
	found = fw_boards_part(boards, clues->part);
	if (!found && psid) {
		*by = FW_BOARD_BY_PSID;
		found = psid;
	}
	if (!found) {
		*by = FW_BOARD_BY_INI;
		found = fw_boards_part(boards, clues->ini_name);
	}
	if (!found) {
		*by = FW_BOARD_BY_STEM;
		found = fw_boards_stem(boards, name);
	}
	if (!found && clues->device) {
		*by = FW_BOARD_BY_SUBSYSTEM;
		found = by_subsystem(boards, clues);
	}
	return found;
}

const char *fw_board_by_name(enum fw_board_by by)
{
	static const char *const name[] = {"psid", "part_number", "ini_name", "psid_with_suffix",
					   "subsystem"};

	return name[by];
}

const char *fw_board_by_words(enum fw_board_by by)
{
	static const char *const words[] = {"PSID", "part number", "name of the ini",
					    "PSID, without its suffix", "subsystem ids"};

	return words[by];
}

/* ---- hardware ---- */

struct fw_board_hardware fw_board_hardware(const struct fw_boards *boards,
					   const struct fw_board *board)
{
	struct fw_board_hardware hw = {
		.ports = board->ports,
		.protocol = board->protocol,
		.first_silicon = board->first_silicon,
		.rev_c = board->rev_c,
	};
	const struct fw_board *twin = NULL;

	if (board->twin) {
		twin = fw_boards_psid(boards, board->twin);
		twin = twin ? twin : fw_boards_part(boards, board->twin);
	}
	if (!hw.protocol)
		hw.protocol = fw_device_ports(board->device);
	if (twin && !hw.ports)
		hw.ports = twin->ports;
	if (twin && !hw.protocol)
		hw.protocol = twin->protocol;
	return hw;
}

const char *fw_board_hardware_words(const struct fw_board_hardware *hw, char *buf, size_t size)
{
	const char *ports = hw->ports == 1 ? "one port" : hw->ports == 2 ? "two ports" : NULL;
	const char *protocol = hw->protocol == FW_PORTS_VPI  ? "InfiniBand and Ethernet (VPI)"
			       : hw->protocol == FW_PORTS_EN ? "Ethernet only"
							     : NULL;
	const char *silicon =
		hw->first_silicon ? "silicon of revision A0, which takes no image for A1" : NULL;
	const char *rev = hw->rev_c
				  ? "board of revision C, on which stock images for revision A do "
				    "not work"
				  : NULL;
	const char *word[] = {ports, protocol, silicon, rev};
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < 4; i++)
		if (word[i] && used < size)
			used += snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
					 word[i]);
	return used ? buf : NULL;
}
