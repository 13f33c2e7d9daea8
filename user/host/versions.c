// SPDX-License-Identifier: GPL-2.0-only
/* Who took part in what a report tells. */
#include "versions.h"

/* "mlx4_core 4.0-0, srcversion ..." */
static void module(const struct cx_machine *m, const char *name, FILE *to)
{
	char path[80], version[64], source[64];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (!cx_machine_has(m, path)) {
		fprintf(to, "%-12s not loaded\n", name);
		return;
	}
	snprintf(path, sizeof(path), "/sys/module/%s/version", name);
	cx_machine_line(m, path, version, sizeof(version));
	snprintf(path, sizeof(path), "/sys/module/%s/srcversion", name);
	cx_machine_line(m, path, source, sizeof(source));
	fprintf(to, "%-12s %s, srcversion %s\n", name, *version ? version : "loaded",
		*source ? source : "not to be seen");
}

void host_versions(const struct cx_machine *m, const struct facts *f, FILE *to)
{
	fprintf(to, "%-12s %s\n", "cxflashctl", CXFLASH_VERSION);
	module(m, "cxflash", to);
	module(m, "mlx4_core", to);
	module(m, "mlx4_ib", to);
	fprintf(to, "%-12s %s\n", "Linux", fact_value(f, "kernel", 0));
	fprintf(to, "%-12s %s\n", "on", fact_value(f, "os", 0));
}
