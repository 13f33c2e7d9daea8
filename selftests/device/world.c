// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define SPARSE 1024

static bool is_mellanox(const char *name)
{
	char path[320], vendor[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), DEVICES "/%s/vendor", name);
	f = fopen(path, "r");
	if (f && !fgets(vendor, sizeof(vendor), f))
		vendor[0] = '\0';
	if (f)
		fclose(f);
	return !strncmp(vendor, "0x15b3", 6);
}

const char *find_function(void)
{
	static char name[32];
	const char *wanted = getenv("CARD");
	struct dirent *d;
	DIR *dir = opendir(DEVICES);

	while (dir && (d = readdir(dir)))
		if (wanted ? !strcmp(d->d_name, wanted) : is_mellanox(d->d_name))
			snprintf(name, sizeof(name), "%.31s", d->d_name);
	if (dir)
		closedir(dir);
	return name[0] ? name : NULL;
}

static int look(struct client *c, const char *name, struct info *info)
{
	int err = client_open(c);

	if (!err)
		err = client_card(c, name, info);
	if (err)
		client_close(c);
	return err;
}

int bind_function(const char *name, const char *driver)
{
	int err;

	put_file(name, DEVICES "/%s/driver/unbind", name);
	if (!driver)
		return 0;
	err = put_file(driver, DEVICES "/%s/driver_override", name);
	return err ? err : put_file(name, "/sys/bus/pci/drivers_probe");
}

static bool sparse;

static int open_card(struct client *c, const char *name, struct info *info)
{
	int err = look(c, name, info);

	sparse = !err && info->page == 1;
	return err;
}

int find_card(struct client *c, const char *name, struct info *info)
{
	int err = open_card(c, name, info);

	if (!err)
		return 0;
	if (system("modprobe cxflash"))
		return -ENOENT;
	err = bind_function(name, "cxflash");
	return err ? err : open_card(c, name, info);
}

void fill(void *buf, size_t len, uint32_t seed)
{
	uint8_t *p = buf;
	uint32_t x = seed * 2654435761u + 1;

	memset(p, 0xff, len);
	for (size_t i = 0; i < len && (!sparse || i < SPARSE); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		p[i] = x >> 8;
	}
}

long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int put_file(const char *text, const char *fmt, ...)
{
	char path[256];
	int fd, err = 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}
