// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

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

static struct {
	char name[32];
	unsigned int index;
} chosen;

/* The names of equal length sort as the addresses do, which is how the model numbers its cards. */
static void choose(void)
{
	const char *wanted = getenv("CARD");
	struct dirent **d;
	int n = scandir(DEVICES, &d, NULL, alphasort);
	unsigned int index = 0;

	for (int i = 0; i < n; free(d[i++])) {
		if (!is_mellanox(d[i]->d_name))
			continue;
		if (!chosen.name[0] && (!wanted || !strcmp(d[i]->d_name, wanted))) {
			snprintf(chosen.name, sizeof(chosen.name), "%.31s", d[i]->d_name);
			chosen.index = index;
		}
		index++;
	}
	if (n >= 0)
		free(d);
}

const char *find_function(void)
{
	if (!chosen.name[0])
		choose();
	return chosen.name[0] ? chosen.name : NULL;
}

unsigned int function_index(void)
{
	find_function();
	return chosen.index;
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

const char *driver_of(const char *name)
{
	static char target[256];
	char path[128], *slash;
	ssize_t n;

	snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return "";
	target[n] = '\0';
	slash = strrchr(target, '/');
	return slash ? slash + 1 : target;
}

int load_owner(void)
{
	char self[256], command[512];
	struct utsname u;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (!access("/sys/module/cxowner", F_OK))
		return 0;
	if (n < 0 || uname(&u))
		return -1;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(command, sizeof(command), "insmod %s/cxowner-%s.ko", self, u.release);
	return system(command);
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

int drop_capability(int cap)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -1;
	data[cap / 32].effective &= ~(1u << cap % 32);
	data[cap / 32].permitted &= ~(1u << cap % 32);
	return syscall(SYS_capset, &head, data);
}

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

int kmsg_count(int fd, const char *text)
{
	char line[1024];
	int count = 0;
	ssize_t n;

	while ((n = read(fd, line, sizeof(line) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		line[n > 0 ? n : 0] = '\0';
		count += strstr(line, text) != NULL;
	}
	return count;
}
