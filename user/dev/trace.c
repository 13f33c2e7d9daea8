// SPDX-License-Identifier: GPL-2.0-only
/* An instance of tracefs, which is a folder that is made and removed. */
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine_write.h"

#define INSTANCE "instances/cxflash-report"
#define KIB	 "512" /* some 7000 events */

static const struct cx_machine here = {.root = ""};
static const char *const folders[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

static int put(const struct cx_trace *t, const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/" INSTANCE "/%s", t->folder, file);
	return cx_machine_put(&here, path, value);
}

static const char *find_folder(void)
{
	char path[128];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/events/cxflash", folders[i]);
		if (!access(path, F_OK))
			return folders[i];
	}
	return NULL;
}

/* One that is there is left from a command that was killed. */
static int make_instance(const struct cx_trace *t)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/" INSTANCE, t->folder);
	rmdir(path);
	return mkdir(path, 0700) ? -errno : 0;
}

int cx_trace_begin(struct cx_trace *t, struct cx_err *err)
{
	int ret;

	t->folder = find_folder();
	if (!t->folder)
		return cx_fail(err, CX_NOT_FOUND,
			       "no trace events of cxflash to be seen in %s (root, and the module)",
			       folders[0]);
	ret = make_instance(t);
	if (ret) {
		cx_fail(err, CX_FAILED, "%s: no folder " INSTANCE " can be made: %s", t->folder,
			strerror(-ret));
		t->folder = NULL;
		return -1;
	}
	/* Full is full: the first commands are those that say what the card is. */
	ret = put(t, "options/overwrite", "0");
	if (!ret)
		ret = put(t, "buffer_size_kb", KIB);
	if (!ret)
		ret = put(t, "events/cxflash/enable", "1");
	if (!ret)
		return 0;
	cx_fail(err, CX_FAILED, "%s: its folder " INSTANCE " cannot be set up: %s", t->folder,
		strerror(-ret));
	cx_trace_end(t);
	return -1;
}

int cx_trace_read(const struct cx_trace *t, char **text, struct cx_err *err)
{
	char path[128];
	long len;

	snprintf(path, sizeof(path), "%s/" INSTANCE "/trace", t->folder);
	len = cx_machine_file(&here, path, text);
	return len < 0 ? cx_fail(err, CX_FAILED, "%s: %s", path, strerror((int)-len)) : 0;
}

void cx_trace_end(struct cx_trace *t)
{
	char path[128];

	if (!t->folder)
		return;
	put(t, "events/cxflash/enable", "0");
	snprintf(path, sizeof(path), "%s/" INSTANCE, t->folder);
	rmdir(path);
	t->folder = NULL;
}
