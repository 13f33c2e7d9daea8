// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fuzz target without its fuzzer and sanitizers: each FILE goes in once, in a process of its own,
 * whose memory is measured. Fails if one dies, or needs more than MAX_MIB.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_MIB 64

static int give(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *bytes;
	long len;

	if (!in || fseek(in, 0, SEEK_END) || (len = ftell(in)) < 0)
		return 2;
	rewind(in);
	bytes = malloc(len + 1);
	if (!bytes || fread(bytes, 1, len, in) != (size_t)len)
		return 2;
	fclose(in);
	LLVMFuzzerTestOneInput(bytes, len);
	free(bytes);
	return 0;
}

/* Peak resident memory in KiB; -1 if it died. */
static long measure(const char *path)
{
	struct rusage usage;
	pid_t child = fork();
	int status;

	if (!child)
		_exit(give(path));
	if (child < 0 || wait4(child, &status, 0, &usage) != child || status)
		return -1;
	return usage.ru_maxrss;
}

int main(int argc, char **argv)
{
	const char *worst = "nothing";
	long max = 0;
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		long kib = measure(argv[i]);

		if (kib < 0 || kib > MAX_MIB << 10) {
			printf("%s: %s (%ld KiB)\n", argv[i], kib < 0 ? "died" : "too much memory",
			       kib);
			failed = 1;
		}
		if (kib > max) {
			max = kib;
			worst = argv[i];
		}
	}
	printf("at most %ld.%ld MiB, for %s\n", max >> 10, (max & 1023) * 10 >> 10, worst);
	return failed;
}
