// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server side of QEMU 7.2's x-pci-proxy-dev (qemu-card (a)): messages are C structs in host
 * order, and every request but two waits for an answer, for ever if need be.
 */
#include "card.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SYNC_SYSMEM,
	RET,
	PCI_CFGWRITE,
	PCI_CFGREAD,
	BAR_WRITE,
	BAR_READ,
	SET_IRQFD,
	DEVICE_RESET,
};

struct header {
	int32_t cmd;
	uint32_t padding;
	uint64_t size;
};

struct config_access {
	uint32_t addr, val;
	int32_t len;
};

struct bar_access {
	uint64_t addr, val;
	uint32_t size;
	uint8_t memory, padding[3];
};

struct message {
	struct header header;
	union {
		struct config_access config;
		struct bar_access bar;
		uint64_t value;
		struct memory_map map;
		uint8_t bytes[192]; /* of SYNC_SYSMEM, the longest */
	};
};

/* Memory and interrupt descriptors come along with the first byte of their message. */
struct descriptors {
	int fd[16];
	unsigned int n;
};

static void close_all(struct descriptors *d)
{
	while (d->n)
		close(d->fd[--d->n]);
}

static void collect(struct msghdr *msg, struct descriptors *d)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(msg); h; h = CMSG_NXTHDR(msg, h)) {
		size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fd;

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(h) + i * sizeof(fd), sizeof(fd));
			if (d->n < sizeof(d->fd) / sizeof(d->fd[0]))
				d->fd[d->n++] = fd;
			else
				close(fd);
		}
	}
}

/* Returns what came, 0 at the end, -1 on an error. */
static ssize_t receive(int fd, void *buf, size_t len, struct descriptors *d)
{
	union {
		char buf[CMSG_SPACE(16 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {buf, len};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.buf,
			     .msg_controllen = sizeof(control.buf)};
	ssize_t n;

	do {
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		collect(&msg, d);
	return n;
}

static int receive_all(int fd, void *buf, size_t len, struct descriptors *d)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = receive(fd, (char *)buf + at, len - at, d);

		if (n <= 0)
			return n ? -1 : (int)at; /* 0: a clean end, else cut off */
		at += (size_t)n;
	}
	return (int)len;
}

static int reply(int fd, uint64_t value)
{
	struct message m = {.header = {.cmd = RET, .size = sizeof(value)}, .value = value};
	size_t len = sizeof(m.header) + sizeof(value);

	return send(fd, &m, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -1;
}

static size_t payload_size(int32_t cmd)
{
	switch (cmd) {
	case SYNC_SYSMEM:
		return 192;
	case PCI_CFGWRITE:
	case PCI_CFGREAD:
		return sizeof(struct config_access);
	case BAR_WRITE:
	case BAR_READ:
		return sizeof(struct bar_access);
	default:
		return 0;
	}
}

static bool valid(const struct message *m)
{
	int32_t cmd = m->header.cmd;

	if (cmd < SYNC_SYSMEM || cmd > DEVICE_RESET || cmd == RET)
		return false;
	return m->header.size == payload_size(cmd);
}

static bool valid_length(const struct message *m)
{
	uint32_t len = 4;

	if (m->header.cmd == PCI_CFGREAD || m->header.cmd == PCI_CFGWRITE)
		len = (uint32_t)m->config.len;
	else if (m->header.cmd == BAR_READ || m->header.cmd == BAR_WRITE)
		len = m->bar.size;
	return len == 1 || len == 2 || len == 4 || (len == 8 && m->header.cmd == BAR_WRITE);
}

/* A doorbell may be written in one piece. */
static void bar_write(struct card *c, const struct bar_access *bar)
{
	if (bar->size < 8) {
		pci_bar_write(c, bar->addr, (uint32_t)bar->val, bar->size);
		return;
	}
	pci_bar_write(c, bar->addr, (uint32_t)bar->val, 4);
	pci_bar_write(c, bar->addr + 4, (uint32_t)(bar->val >> 32), 4);
}

static uint64_t handle(struct card *c, const struct message *m)
{
	switch (m->header.cmd) {
	case PCI_CFGREAD:
		return pci_config_read(c, m->config.addr & 0xff, (unsigned int)m->config.len);
	case PCI_CFGWRITE:
		pci_config_write(c, m->config.addr & 0xff, m->config.val,
				 (unsigned int)m->config.len);
		return 0;
	case BAR_READ:
		return pci_bar_read(c, m->bar.addr, m->bar.size);
	case BAR_WRITE:
		bar_write(c, &m->bar);
		return 0;
	case DEVICE_RESET:
		c->pci.honest = true;
		if (!card_gone(c))
			card_reset(c, RESET_BUS, false);
		return 0;
	}
	return 0;
}

/* QEMU waits for no answer to these. */
static bool unanswered(struct card *c, const struct message *m, const struct descriptors *d)
{
	if (m->header.cmd == SET_IRQFD)
		return true;
	if (m->header.cmd != SYNC_SYSMEM)
		return false;
	pthread_mutex_lock(&c->lock);
	dma_map(c, &m->map, d->fd, d->n);
	pthread_mutex_unlock(&c->lock);
	return true;
}

static int serve_one(struct card *c, const struct message *m, char *err, size_t errlen)
{
	uint64_t value;

	if (!valid_length(m)) {
		snprintf(err, errlen, "access of a length that PCI does not have (message %d)",
			 m->header.cmd);
		return -1;
	}
	pthread_mutex_lock(&c->lock);
	value = handle(c, m);
	pthread_mutex_unlock(&c->lock);
	if (reply(c->fd, value)) {
		snprintf(err, errlen, "send: %s", strerror(errno));
		return -1;
	}
	return 0;
}

/* 1: a message was dealt with, 0: the end, -1: an error. */
static int serve_message(struct card *c, struct descriptors *d, char *err, size_t errlen)
{
	struct message m;
	int n = receive_all(c->fd, &m.header, sizeof(m.header), d);

	if (!n)
		return 0;
	if (n != (int)sizeof(m.header) || !valid(&m)) {
		snprintf(err, errlen, "not a message of QEMU 7.2 (command %d)",
			 n > 4 ? m.header.cmd : -1);
		return -1;
	}
	n = m.header.size ? receive_all(c->fd, m.bytes, m.header.size, d) : 0;
	if (n != (int)m.header.size) {
		snprintf(err, errlen, "a message is cut off");
		return -1;
	}
	return unanswered(c, &m, d) || !serve_one(c, &m, err, errlen) ? 1 : -1;
}

int proxy_serve(struct card *c, char *err, size_t errlen)
{
	struct descriptors d = {.n = 0};
	int ret;

	do {
		ret = serve_message(c, &d, err, errlen);
		close_all(&d);
	} while (ret > 0);
	return ret;
}
