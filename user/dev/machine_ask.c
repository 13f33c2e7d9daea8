// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a machine tells by system calls only. A tree has it in files of its own:
 *
 *	/ask/log		the kernel's messages, as dmesg --raw shows them
 *	/ask/rdma/DEVICE	device capability flags, in hex
 *	/ask/driver/INTERFACE	firmware version
 *	/ask/address/INTERFACE	its first address
 *	/ask/later/PATH		what is in a file a second later
 */
#define _GNU_SOURCE
#include "machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOURCE	    64
#define LOG_ALL	    3 /* syslog(2) */
#define LOG_SIZE    10
#define LOG_AT_MOST (4 << 20)

/* The answer in a tree's file, or of @ask, which is told of like a file. */
static int one_line(const struct cx_machine *m, const char *file, const char *name,
		    int (*ask)(const char *name, char *buf, size_t size), const char *how,
		    char *buf, size_t size, char *source)
{
	char path[128];
	int ret;

	snprintf(path, sizeof(path), "/ask/%s/%s", file, name);
	if (*m->root) {
		snprintf(source, SOURCE, "%.63s", path);
		return cx_machine_line(m, path, buf, size);
	}
	snprintf(source, SOURCE, "%s %.30s", how, name);
	*buf = '\0';
	ret = ask(name, buf, size);
	if (m->seen)
		m->seen(path, 'f', ret ? NULL : buf, ret ? 0 : strlen(buf), -ret, m->ctx);
	return ret;
}

/* ---- kernel log ---- */

static long ask_log(char **text)
{
	int size = klogctl(LOG_SIZE, NULL, 0), len;

	if (size < 0 || size > LOG_AT_MOST)
		return size < 0 ? -errno : -EFBIG;
	*text = malloc(size + 1);
	if (!*text)
		return -ENOMEM;
	len = klogctl(LOG_ALL, *text, size);
	if (len < 0)
		return -errno;
	(*text)[len] = '\0';
	return len;
}

long cx_machine_log(const struct cx_machine *m, char **text, char *source)
{
	long len;

	*text = NULL;
	snprintf(source, SOURCE, "%s", *m->root ? "/ask/log" : "dmesg");
	if (*m->root)
		return cx_machine_file(m, "/ask/log", text);
	len = ask_log(text);
	if (len < 0) {
		free(*text);
		*text = NULL;
	}
	if (m->seen)
		m->seen("/ask/log", 'f', *text, len < 0 ? 0 : len, len < 0 ? -len : 0, m->ctx);
	return len;
}

/* ---- RDMA netlink ---- */

struct rdma_question {
	const char *device;
	uint64_t flags;
	bool answered;
};

static int on_device(struct nl_msg *msg, void *ctx)
{
	struct rdma_question *q = ctx;
	struct nlattr *tb[RDMA_NLDEV_ATTR_MAX];
	static const struct nla_policy policy[RDMA_NLDEV_ATTR_MAX] = {
		[RDMA_NLDEV_ATTR_DEV_NAME] = {.type = NLA_NUL_STRING},
		[RDMA_NLDEV_ATTR_CAP_FLAGS] = {.type = NLA_U64},
	};

	if (nlmsg_parse(nlmsg_hdr(msg), 0, tb, RDMA_NLDEV_ATTR_MAX - 1, policy) < 0 ||
	    !tb[RDMA_NLDEV_ATTR_DEV_NAME] || !tb[RDMA_NLDEV_ATTR_CAP_FLAGS] ||
	    strcmp(nla_get_string(tb[RDMA_NLDEV_ATTR_DEV_NAME]), q->device))
		return NL_OK;
	q->flags = nla_get_u64(tb[RDMA_NLDEV_ATTR_CAP_FLAGS]);
	q->answered = true;
	return NL_OK;
}

static int ask_rdma(const char *device, char *buf, size_t size)
{
	struct rdma_question q = {.device = device};
	struct nl_sock *sk = nl_socket_alloc();
	int ret;

	if (!sk)
		return -ENOMEM;
	errno = 0;
	if (nl_connect(sk, NETLINK_RDMA)) {
		ret = errno ? -errno : -EPROTONOSUPPORT; /* ib_core is not loaded */
		goto free_sk;
	}
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_device, &q);
	ret = nl_send_simple(sk, RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_GET), NLM_F_DUMP,
			     NULL, 0);
	if (ret >= 0)
		ret = nl_recvmsgs_default(sk);
	ret = ret < 0 ? -EIO : q.answered ? 0 : -ENODEV;
	if (!ret)
		snprintf(buf, size, "0x%llx", (unsigned long long)q.flags);
free_sk:
	nl_socket_free(sk);
	return ret;
}

int cx_machine_rdma(const struct cx_machine *m, const char *device, uint64_t *flags, char *source)
{
	char text[32], *end;
	int ret = one_line(m, "rdma", device, ask_rdma, "rdma dev show -d", text, sizeof(text),
			   source);

	if (ret)
		return ret;
	*flags = strtoull(text, &end, 16);
	return *text && !*end ? 0 : -EINVAL;
}

/* ---- network ---- */

static int ask_driver_info(const char *interface, char *buf, size_t size)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (void *)&info};
	int ret, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	ret = ioctl(fd, SIOCETHTOOL, &request) ? -errno : 0;
	close(fd);
	if (!ret)
		snprintf(buf, size, "%.*s", (int)sizeof(info.fw_version), info.fw_version);
	return ret;
}

int cx_machine_driver_info(const struct cx_machine *m, const char *interface, char *version,
			   size_t size, char *source)
{
	return one_line(m, "driver", interface, ask_driver_info, "ethtool -i", version, size,
			source);
}

/* 2 for IPv4, 1 for IPv6, 0 for none of use: two hosts may have the same link-local address. */
static int worth(const struct sockaddr *address)
{
	if (!address)
		return 0;
	if (address->sa_family == AF_INET)
		return 2;
	return address->sa_family == AF_INET6 &&
	       !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static int ask_address(const char *interface, char *buf, size_t size)
{
	struct ifaddrs *list;
	int best = 0;

	if (getifaddrs(&list))
		return -errno;
	for (struct ifaddrs *a = list; a; a = a->ifa_next) {
		const void *at;

		if (strcmp(a->ifa_name, interface) || worth(a->ifa_addr) <= best)
			continue;
		best = worth(a->ifa_addr);
		at = best == 2 ? (void *)&((struct sockaddr_in *)a->ifa_addr)->sin_addr
			       : (void *)&((struct sockaddr_in6 *)a->ifa_addr)->sin6_addr;
		inet_ntop(a->ifa_addr->sa_family, at, buf, size);
	}
	freeifaddrs(list);
	return 0;
}

int cx_machine_address(const struct cx_machine *m, const char *interface, char *address,
		       size_t size, char *source)
{
	int ret = one_line(m, "address", interface, ask_address, "ip address show", address, size,
			   source);

	return *m->root && ret == -ENOENT ? 0 : ret; /* a tree has no file for none */
}

/* ---- time ---- */

bool cx_machine_wait(const struct cx_machine *m)
{
	struct timespec left = {.tv_sec = 1};

	if (*m->root)
		return true;
	if (!m->patient)
		return false;
	while (nanosleep(&left, &left) && errno == EINTR)
		;
	return true;
}

int cx_machine_line_later(const struct cx_machine *m, const char *path, char *buf, size_t size)
{
	const struct cx_machine quiet = {.root = m->root};
	char later[PATH_MAX];
	int ret;

	if (snprintf(later, sizeof(later), "/ask/later%s", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (*m->root) {
		ret = cx_machine_line(m, later, buf, size);
		return ret == -ENOENT ? cx_machine_line(m, path, buf, size) : ret;
	}
	ret = cx_machine_line(&quiet, path, buf, size);
	if (m->seen)
		m->seen(later, 'f', ret ? NULL : buf, ret ? 0 : strlen(buf), -ret, m->ctx);
	return ret;
}
