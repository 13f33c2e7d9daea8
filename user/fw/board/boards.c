// SPDX-License-Identifier: GPL-2.0-only
/* What is known of boards by their PSID. */
#define _GNU_SOURCE
#include "boards.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS	   10
#define OLDER	   8	 /* columns of a table without the last two */
#define MAX_BOARDS 10000 /* some hundred exist */

static const char *const header[COLUMNS] = {
	"psid",	    "vendor",	  "board", "pci_device_id", "confidence",
	"firmware", "stock_twin", "note",  "hardware",	    "subsystem",
};

static void free_board(struct fw_board *b)
{
	free(b->psid);
	free(b->vendor);
	free(b->board);
	free(b->firmware);
	free(b->twin);
	free(b->note);
	free(b->subsystem);
}

void fw_boards_free(struct fw_boards *boards)
{
	for (size_t i = 0; i < boards->count; i++)
		free_board(&boards->board[i]);
	free(boards->board);
	free(boards->doubt);
	*boards = (struct fw_boards){0};
}

/* Cut a line into its columns, in place. Returns how many there are. */
static size_t split(char *line, char **column)
{
	size_t count = 0;

	for (char *field; (field = strsep(&line, "\t"));) {
		if (count < COLUMNS)
			column[count] = field;
		count++;
	}
	return count;
}

static int copy(char **to, const char *field, struct cx_err *err)
{
	*to = NULL;
	if (!strcmp(field, "-"))
		return 0;
	*to = strdup(field);
	return *to ? 0 : cx_fail(err, CX_FAILED, "out of memory");
}

static int parse_device(const char *field, uint16_t *device, struct cx_err *err)
{
	unsigned int value;
	char end;

	*device = 0;
	if (!strcmp(field, "-"))
		return 0;
	if (sscanf(field, "0x%4x%c", &value, &end) != 1)
		return cx_fail(err, CX_INVALID, "device id '%.20s' is not of the form 0x673c",
			       field);
	*device = value;
	return 0;
}

static int parse_confidence(const char *field, enum fw_confidence *to, struct cx_err *err)
{
	int confidence = fw_confidence_by_name(field);

	if (confidence < FW_SEEN || confidence > FW_CLAIMED)
		return cx_fail(err, CX_INVALID,
			       "confidence '%.20s' is not seen, inferred or claimed", field);
	*to = confidence;
	return 0;
}

static int parse_hardware(char *field, struct fw_board *b, struct cx_err *err)
{
	if (!strcmp(field, "-"))
		return 0;
	for (char *word; (word = strsep(&field, " "));) {
		if (!strcmp(word, "1") || !strcmp(word, "2"))
			b->ports = *word - '0';
		else if (!strcmp(word, "VPI"))
			b->protocol = FW_PORTS_VPI;
		else if (!strcmp(word, "EN"))
			b->protocol = FW_PORTS_EN;
		else if (!strcmp(word, "A0"))
			b->first_silicon = true;
		else if (!strcmp(word, "C"))
			b->rev_c = true;
		else
			return cx_fail(err, CX_INVALID,
				       "hardware '%.20s' is none of 1, 2, VPI, EN, A0, C", word);
	}
	return 0;
}

#define SUBSYSTEM_LEN 9 /* 15b3:0022 */

static bool is_subsystem(const char *at)
{
	for (size_t i = 0; i < SUBSYSTEM_LEN; i++)
		if (i == 4 ? at[i] != ':' : !isxdigit((unsigned char)at[i]))
			return false;
	return !at[SUBSYSTEM_LEN] || at[SUBSYSTEM_LEN] == ' ';
}

static int parse_subsystem(const char *field, struct cx_err *err)
{
	if (!strcmp(field, "-"))
		return 0;
	for (const char *at = field; *at; at += SUBSYSTEM_LEN + (at[SUBSYSTEM_LEN] == ' '))
		if (!is_subsystem(at))
			return cx_fail(err, CX_INVALID,
				       "subsystem '%.20s' is not of the form 15b3:0022", at);
	return 0;
}

static int parse_row(char **column, struct fw_board *b, struct cx_err *err)
{
	*b = (struct fw_board){0};
	if (strlen(column[0]) > 16)
		return cx_fail(err, CX_INVALID, "PSID '%.20s...' has more than 16 characters",
			       column[0]);
	if (parse_device(column[3], &b->device, err) ||
	    parse_confidence(column[4], &b->confidence, err) || parse_hardware(column[8], b, err) ||
	    parse_subsystem(column[9], err))
		return -1;
	if (!copy(&b->psid, column[0], err) && !copy(&b->vendor, column[1], err) &&
	    !copy(&b->board, column[2], err) && !copy(&b->firmware, column[5], err) &&
	    !copy(&b->twin, column[6], err) && !copy(&b->note, column[7], err) &&
	    !copy(&b->subsystem, column[9], err)) {
		if (b->vendor && b->board)
			return 0;
		cx_fail(err, CX_INVALID, "a board needs a vendor and a name");
	}
	free_board(b);
	return -1;
}

static int add_row(char **column, struct fw_boards *boards, struct cx_err *err)
{
	struct fw_board b, *more;

	if (boards->count == MAX_BOARDS)
		return cx_fail(err, CX_INVALID, "more than %d boards", MAX_BOARDS);
	if (parse_row(column, &b, err))
		return -1;
	more = reallocarray(boards->board, boards->count + 1, sizeof(*more));
	if (!more) {
		free_board(&b);
		return cx_fail(err, CX_FAILED, "out of memory");
	}
	boards->board = more;
	boards->board[boards->count++] = b;
	return 0;
}

/* @titles: columns of the line of titles, 0 before it. */
static int parse_line(char *line, size_t *titles, struct fw_boards *boards, struct cx_err *err)
{
	char *column[COLUMNS] = {[OLDER] = "-", "-"};
	size_t len = strlen(line), columns;

	if (len && line[len - 1] == '\r')
		line[len - 1] = '\0';
	if (!*line || *line == '#')
		return 0;
	columns = split(line, column);
	if (*titles ? columns != *titles : columns < OLDER || columns > COLUMNS)
		return cx_fail(err, CX_INVALID, "%zu columns instead of %zu (one tab between two)",
			       columns, *titles ? *titles : COLUMNS);
	if (*titles)
		return add_row(column, boards, err);
	for (size_t i = 0; i < columns; i++)
		if (strcmp(column[i], header[i]))
			return cx_fail(err, CX_INVALID,
				       "the title of column %zu is '%.20s', not '%s'", i + 1,
				       column[i], header[i]);
	*titles = columns;
	return 0;
}

static void drop_from(struct fw_boards *boards, size_t count)
{
	while (boards->count > count)
		free_board(&boards->board[--boards->count]);
}

int fw_boards_parse(const char *text, size_t len, struct fw_boards *boards, struct cx_err *err)
{
	char *copy_of, *rest, place[32];
	size_t before = boards->count;
	size_t titles = 0;
	unsigned int line = 0;
	int ret = 0;

	if (len && memchr(text, '\0', len))
		return cx_fail(err, CX_INVALID, "no table of boards: it holds NUL bytes");
	rest = copy_of = strndup(len ? text : "", len);
	if (!copy_of)
		return cx_fail(err, CX_FAILED, "out of memory");
	while (rest && !ret) {
		line++;
		ret = parse_line(strsep(&rest, "\n"), &titles, boards, err);
	}
	if (ret) {
		snprintf(place, sizeof(place), "line %u", line);
		cx_fail_in(err, place);
		drop_from(boards, before);
	}
	free(copy_of);
	return ret;
}

int fw_boards_doubt(struct fw_boards *boards, const char *name, const char *why, struct cx_err *err)
{
	free(boards->doubt);
	if (asprintf(&boards->doubt, "%s: left out, as far as it cannot be read: %s", name, why) >=
	    0)
		return 0;
	boards->doubt = NULL;
	return cx_fail(err, CX_FAILED, "out of memory");
}

/* Of a reading that goes on: what was wrong first, and how much. */
struct doubts {
	struct cx_err first;
	unsigned int line, more;
};

static int tell_doubts(const struct doubts *d, const char *name, struct fw_boards *boards,
		       struct cx_err *err)
{
	char why[400];

	if (!d->line)
		return 0;
	snprintf(why, sizeof(why), "line %u: %.200s", d->line, d->first.text);
	if (d->more)
		snprintf(why + strlen(why), sizeof(why) - strlen(why), " (and %u more line%s)",
			 d->more, d->more == 1 ? "" : "s");
	return fw_boards_doubt(boards, name, why, err);
}

int fw_boards_read(const char *name, const char *text, size_t len, struct fw_boards *boards,
		   struct cx_err *err)
{
	size_t titles = 0;
	struct doubts d = {0};
	char *copy_of, *rest;
	struct cx_err why;

	if (len && memchr(text, '\0', len))
		return fw_boards_doubt(boards, name, "it is no text", err);
	rest = copy_of = strndup(len ? text : "", len);
	if (!copy_of)
		return cx_fail(err, CX_FAILED, "out of memory");
	for (unsigned int line = 1; rest; line++) {
		bool titled = titles;

		if (!parse_line(strsep(&rest, "\n"), &titles, boards, &why))
			continue;
		if (d.line) {
			d.more++;
		} else {
			d.line = line;
			d.first = why;
		}
		/* Without its titles no column means anything. */
		if (!titled)
			break;
	}
	free(copy_of);
	return tell_doubts(&d, name, boards, err);
}

extern const char _binary_user_data_boards_tsv_start[], _binary_user_data_boards_tsv_end[];

int fw_boards_builtin(struct fw_boards *boards, struct cx_err *err)
{
	return fw_boards_parse(
		_binary_user_data_boards_tsv_start,
		_binary_user_data_boards_tsv_end - _binary_user_data_boards_tsv_start, boards, err);
}

const struct fw_board *fw_boards_psid(const struct fw_boards *boards, const char *psid)
{
	for (size_t i = boards->count; i-- > 0;)
		if (boards->board[i].psid && !strcmp(boards->board[i].psid, psid))
			return &boards->board[i];
	return NULL;
}

bool fw_board_matches(const struct fw_board *board, const char *word)
{
	const char *const field[] = {board->psid, board->vendor, board->board, board->twin,
				     board->note};

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		if (field[i] && strcasestr(field[i], word))
			return true;
	return false;
}

const char *fw_board_twin(const struct fw_boards *boards, const struct fw_board *board, char *buf,
			  size_t size)
{
	const struct fw_board *stock;
	const char *name = board->twin;

	if (!name)
		return NULL;
	stock = fw_boards_psid(boards, name);
	if (stock)
		name = stock->board;
	/* "MHQH29C_A1-A2": the part number, then the board revisions it stands for; but MT_... is a
	 * PSID that the table does not have. */
	snprintf(buf, size, "%.*s", (int)strcspn(name, strncmp(name, "MT_", 3) ? "_ " : " "), name);
	return buf;
}

struct sentence {
	char *buf;
	size_t size, used;
};

static void __attribute__((format(printf, 2, 3))) say(struct sentence *s, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(s->buf + s->used, s->size - s->used, fmt, ap);
	va_end(ap);
	s->used += len;
	if (s->used >= s->size)
		s->used = s->size - 1;
}

static void say_whose(struct sentence *s, const struct fw_boards *boards,
		      const struct fw_board *board)
{
	char twin[64];

	if (!strcmp(board->vendor, "Mellanox"))
		say(s, "This is Mellanox's own board");
	else if (fw_board_twin(boards, board, twin, sizeof(twin)))
		say(s, "This is %s's version of %s", board->vendor, twin);
	else
		say(s, "This is %s's %s; no stock twin is known", board->vendor, board->board);
}

/* Which cards can do SMB Direct at all, and from which firmware on (users 4). */
static void say_rdma(struct sentence *s, const struct fw_board *board, enum fw_chip chip,
		     unsigned int rev)
{
	bool family = board->device >= 0x6340 && board->device <= 0x6778;

	if (chip == FW_CHIP_CONNECTX2 && rev == 0xa0)
		say(s, "; a ConnectX of the first generation, so Windows Server 2012 gets no RDMA"
		       " with any firmware");
	else if (chip == FW_CHIP_CONNECTX2)
		say(s, "; below " FW_SMB_DIRECT_CONNECTX2 " Windows Server 2012 gets no RDMA");
	else if (chip == FW_CHIP_UNKNOWN && family)
		say(s, "; if its chip is a ConnectX-2 (revision B0), below " FW_SMB_DIRECT_CONNECTX2
		       " Windows Server 2012 gets no RDMA");
}

const char *fw_board_sentence(const struct fw_boards *boards, const struct fw_board *board,
			      enum fw_chip chip, unsigned int rev, char *buf, size_t size)
{
	struct sentence s = {.buf = buf, .size = size};

	say_whose(&s, boards, board);
	if (board->firmware)
		say(&s, "; %s is the newest known", board->firmware);
	say_rdma(&s, board, chip, rev);
	return buf;
}
