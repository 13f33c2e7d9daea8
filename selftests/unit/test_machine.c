// SPDX-License-Identifier: GPL-2.0-only
/* Reading a machine: what is there, what is not, and what cannot be read is each told apart. */
#define _GNU_SOURCE /* nftw */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev/machine.h"
#include "dev/machine_write.h"
#include "folders.h"
#include "tap.h"

static char top[] = "/tmp/test_machine.XXXXXX";
static char told[2000]; /* what the recorder heard of */

static void hear(const char *path, char kind, const char *text, size_t len, int error, void *ctx)
{
	(void)ctx;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%c %s %.*s%d\n", kind, path,
		 text ? (int)len : 0, text ? text : "", error);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static const char *in_top(const char *path)
{
	static char full[400];

	snprintf(full, sizeof(full), "%s%s", top, path);
	return full;
}

static void make_tree(void)
{
	put("one\ntwo\n", "%s/dir/b", top);
	put("blanks   \n", "%s/dir/a", top);
	put("", "%s/dir/.hidden", top);
	put("now\n", "%s/grows", top);
	put("then\n", "%s/ask/later/grows", top);
	put("", "%s/huge", top);
	if (truncate(in_top("/huge"), 9 << 20) || symlink("dir/b", in_top("/link")) ||
	    symlink("loop", in_top("/loop")) || symlink("/", in_top("/out")))
		abort();
}

static void reading(const struct cx_machine *m)
{
	char line[32], small[4], *text;

	is_int(cx_machine_file(m, "/dir/b", &text), 8, "a file is read whole");
	is_str(text, "one\ntwo\n", "with all its lines");
	free(text);
	is_int(cx_machine_line(m, "/dir/a", line, sizeof(line)), 0, "a line");
	is_str(line, "blanks", "has no blanks at its end");
	is_int(cx_machine_line(m, "/dir/a", small, sizeof(small)), 0, "a small buffer");
	is_str(small, "bla", "holds its beginning");
	is_int(cx_machine_link(m, "/link", line, sizeof(line)), 0, "a link");
	is_str(line, "b", "is the last part of where it leads");
	is_int(cx_machine_real(m, "/link", line, sizeof(line)), 0, "a real path");
	is_str(line, "/dir/b", "is that of the machine");
	ok(cx_machine_has(m, "/dir") && !cx_machine_has(m, "/nothing"), "what is there, is there");
}

static void failing(const struct cx_machine *m)
{
	char line[32], deep[PATH_MAX + 8], *text;
	struct cx_names names;

	memset(deep, 'x', sizeof(deep) - 1);
	deep[0] = '/';
	deep[sizeof(deep) - 1] = '\0';
	is_int(cx_machine_line(m, "/nothing", line, sizeof(line)), -ENOENT, "nothing is nothing");
	is_int(cx_machine_line(m, "/dir", line, sizeof(line)), -EISDIR, "a folder is no file");
	is_int(cx_machine_line(m, "/loop", line, sizeof(line)), -ELOOP, "nor is a loop");
	is_str(line, "", "and leaves nothing in the buffer");
	is_int(cx_machine_file(m, "/huge", &text), -EFBIG, "a file has an end");
	ok(!text, "and nothing is left of one that has none");
	is_int(cx_machine_link(m, "/dir", line, sizeof(line)), -EINVAL, "a folder is no link");
	is_int(cx_machine_real(m, "/out", line, sizeof(line)), -EXDEV,
	       "no link leads out of a tree");
	is_int(cx_machine_real(m, "/link", line, 4), -ENAMETOOLONG, "half a path is none");
	is_int(cx_machine_names(m, "/dir/a", &names), -ENOTDIR, "a file has no names in it");
	is_int(cx_machine_line(m, deep, line, sizeof(line)), -ENAMETOOLONG, "a path has an end");
	is_int(cx_machine_line_later(m, deep, line, sizeof(line)), -ENAMETOOLONG, "later, too");
	is_int(cx_machine_names(m, deep, &names), -ENAMETOOLONG, "a folder's, too");
	is_int(cx_machine_put(m, deep, "x"), -ENAMETOOLONG, "and one that is written to");
	is_int(cx_machine_replace(m, deep, "x"), -ENAMETOOLONG, "or replaced");
	is_int(cx_machine_put(m, "/nothing", "x"), -ENOENT, "a value goes only where a file is");
	is_int(cx_machine_replace(m, "/nowhere/file", "x"), -ENOENT, "a file only into a folder");
	is_int(cx_machine_replace(m, "/dir", "x"), -EISDIR, "and not in the place of one");
}

static void listing(const struct cx_machine *m)
{
	struct cx_names names;

	is_int(cx_machine_names(m, "/dir", &names), 0, "names");
	ok(names.count == 2 && !strcmp(names.name[0], "a") && !strcmp(names.name[1], "b"),
	   "are in order, and none that is hidden, nor one of a file that could not be put there");
	free(names.name);
}

static void growing(const struct cx_machine *m)
{
	const struct cx_machine here = {.root = "", .seen = hear};
	char line[32];

	ok(cx_machine_wait(m), "a tree has no time to wait for");
	is_int(cx_machine_line_later(m, "/grows", line, sizeof(line)), 0, "what a line has become");
	is_str(line, "then", "is in a file of its own");
	is_int(cx_machine_line_later(m, "/link", line, sizeof(line)), 0, "without one");
	is_str(line, "one", "it is as it was");
	ok(!cx_machine_wait(&here), "a machine is only waited for if somebody has the time");
	*told = '\0';
	is_int(cx_machine_line_later(&here, in_top("/grows"), line, sizeof(line)), 0,
	       "a machine's own file");
	is_str(line, "now", "is read again");
	has_str(told, "f /ask/later/tmp/test_machine.", "and kept as a tree has it");
	has_str(told, "/grows now0\n", "with what is in it");
	*told = '\0';
	is_int(cx_machine_line_later(&here, in_top("/nothing"), line, sizeof(line)), -ENOENT,
	       "or is not there");
	has_str(told, "/nothing 2\n", "which is told, too");
}

static void unescaping(void)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"/srv", "/srv"},
		{"/my\\040share", "/my share"},
		{"\\011\\134\\012", "\t\\\n"},
		{"/a\\04", "/a\\04"},
		{"\\", "\\"},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[32];

		snprintf(text, sizeof(text), "%s", rows[i].from);
		cx_machine_unescape(text);
		is_str(text, rows[i].to, "\"%s\"", rows[i].from);
	}
}

int main(void)
{
	const struct cx_machine machine = {.root = top};

	if (!mkdtemp(top))
		abort();
	make_tree();
	reading(&machine);
	failing(&machine);
	listing(&machine);
	growing(&machine);
	unescaping();
	nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
