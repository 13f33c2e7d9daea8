// SPDX-License-Identifier: GPL-2.0-only
#include "rig.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

static void *serve(void *arg)
{
	struct rig *r = arg;

	r->serve_result = proxy_serve(&r->card, r->serve_error, sizeof(r->serve_error));
	shutdown(r->card.fd, SHUT_RDWR);
	return NULL;
}

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	char buf[65536];
	size_t n;

	if (!in || !out)
		die(from, "cannot copy");
	while ((n = fread(buf, 1, sizeof(buf), in)))
		if (fwrite(buf, 1, n, out) != n)
			die(to, "cannot write");
	fclose(in);
	fclose(out);
}

void rig_start_from(struct rig *r, const char *spec, const char *file)
{
	char full[400], err[300];
	int pair[2], fd;

	memset(r, 0, sizeof(*r));
	strcpy(r->flash, "/tmp/cxcard_test.XXXXXX");
	fd = mkstemp(r->flash);
	if (fd < 0 || close(fd))
		die(r->flash, "cannot make");
	if (file)
		copy_file(file, r->flash);
	snprintf(full, sizeof(full), "%s,flash=%s", spec, r->flash);
	if (card_create(&r->card, 0, full, err, sizeof(err)))
		die(full, err);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die("socketpair", "failed");
	r->card.fd = pair[0];
	r->fd = pair[1];
	if (pthread_create(&r->thread, NULL, serve, r))
		die("thread", "failed");
}

void rig_start(struct rig *r, const char *spec)
{
	rig_start_from(r, spec, NULL);
	device_reset(r);
	rig_map_bars(r);
}

void rig_stop(struct rig *r)
{
	close(r->fd);
	pthread_join(r->thread, NULL);
	close(r->card.fd);
	card_destroy(&r->card);
	unlink(r->flash);
}

void rig_map_bars(struct rig *r)
{
	cfg_put(r, 0x10, RIG_BAR0, 4);
	cfg_put(r, 0x14, 0, 4);
	cfg_put(r, 0x18, RIG_BAR2, 4);
	cfg_put(r, 0x1c, 0, 4);
	cfg_put(r, 0x04, 0x0002, 2);
}

void rig_send(struct rig *r, const void *data, size_t len, const int *fds, unsigned int nfds)
{
	union {
		char buf[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} ctl = {.buf = {0}};
	struct iovec iov = {(void *)data, len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (nfds) {
		struct cmsghdr *h;

		msg.msg_control = ctl.buf;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		h = CMSG_FIRSTHDR(&msg);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(h), fds, nfds * sizeof(int));
	}
	if (sendmsg(r->fd, &msg, MSG_NOSIGNAL) != (ssize_t)len)
		die("sendmsg", "short");
}

/* The answer: command 1, size 8, the value. False at the end of the connection. */
bool rig_answer(struct rig *r, uint64_t *value)
{
	uint8_t m[24];
	int32_t cmd;
	uint64_t size;

	if (recv(r->fd, m, sizeof(m), MSG_WAITALL) != (ssize_t)sizeof(m))
		return false;
	memcpy(&cmd, m, 4);
	memcpy(&size, m + 8, 8);
	memcpy(value, m + 16, 8);
	return cmd == 1 && size == 8;
}

static uint64_t request(struct rig *r, int32_t cmd, const void *payload, uint64_t size)
{
	uint8_t m[64] = {0};
	uint64_t value;

	memcpy(m, &cmd, 4);
	memcpy(m + 8, &size, 8);
	if (size)
		memcpy(m + 16, payload, size);
	rig_send(r, m, 16 + size, NULL, 0);
	if (!rig_answer(r, &value))
		die("card", "no answer");
	return value;
}

uint32_t cfg_get(struct rig *r, uint32_t addr, int32_t len)
{
	uint32_t p[3] = {addr, 0, (uint32_t)len};

	return (uint32_t)request(r, CFG_READ, p, sizeof(p));
}

void cfg_put(struct rig *r, uint32_t addr, uint32_t val, int32_t len)
{
	uint32_t p[3] = {addr, val, (uint32_t)len};

	request(r, CFG_WRITE, p, sizeof(p));
}

uint64_t bar_get(struct rig *r, uint64_t addr, uint32_t size)
{
	uint64_t p[3] = {addr, 0, size | 1ull << 32};

	return request(r, BAR_GET, p, sizeof(p));
}

void bar_put(struct rig *r, uint64_t addr, uint32_t val, uint32_t size)
{
	uint64_t p[3] = {addr, val, size | 1ull << 32};

	request(r, BAR_PUT, p, sizeof(p));
}

void device_reset(struct rig *r)
{
	request(r, RESET_DEVICE, NULL, 0);
}

uint32_t cr_get(struct rig *r, uint32_t addr)
{
	if (!r->config_way)
		return __builtin_bswap32((uint32_t)bar_get(r, RIG_BAR0 + addr, 4));
	cfg_put(r, 0x58, addr, 4);
	return cfg_get(r, 0x5c, 4);
}

void cr_put(struct rig *r, uint32_t addr, uint32_t val)
{
	if (!r->config_way) {
		bar_put(r, RIG_BAR0 + addr, __builtin_bswap32(val), 4);
		return;
	}
	cfg_put(r, 0x58, addr, 4);
	cfg_put(r, 0x5c, val, 4);
}

bool gw_go(struct rig *r, uint32_t command)
{
	cr_put(r, 0xf0400, command);
	for (int i = 0; i < 100; i++)
		if (!(cr_get(r, 0xf0400) >> 30 & 1))
			return true;
	return false;
}

uint32_t spi_status(struct rig *r)
{
	gw_go(r, 0x40052215);
	return cr_get(r, 0xf0410) >> 24;
}

void spi_wait(struct rig *r)
{
	for (int i = 0; i < 1000; i++)
		if (!(spi_status(r) & 1))
			return;
	die("flash", "busy for ever");
}

void spi_wren(struct rig *r)
{
	gw_go(r, 0x40062004);
}

void spi_read(struct rig *r, uint32_t addr, uint32_t words[4])
{
	cr_put(r, 0xf0404, addr);
	gw_go(r, 0x4003241d);
	for (uint32_t i = 0; i < 4; i++)
		words[i] = cr_get(r, 0xf0410 + 4 * i);
}

void spi_erase(struct rig *r, uint8_t opcode, uint32_t addr)
{
	spi_wren(r);
	cr_put(r, 0xf0404, addr);
	gw_go(r, 0x4000200c | (uint32_t)opcode << 16);
}

void spi_program(struct rig *r, uint32_t addr, const uint8_t *data, unsigned int len)
{
	spi_wren(r);
	for (unsigned int at = 0; at < len; at += 16) {
		bool first = !at, last = at + 16 >= len;

		for (uint32_t i = 0; i < 4; i++) {
			const uint8_t *p = data + at + 4 * i;

			cr_put(r, 0xf0410 + 4 * i,
			       (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
				       p[3]);
		}
		cr_put(r, 0xf0404, first ? addr : 0);
		gw_go(r, 0x40002410 | (first ? 0x0002000c : 0) | (last ? 0 : 0x20));
	}
}

const char *control(struct rig *r, const char *line)
{
	static char *answer;
	char copy[300];
	size_t len;
	FILE *out;

	free(answer);
	answer = NULL;
	snprintf(copy, sizeof(copy), "%s", line);
	out = open_memstream(&answer, &len);
	if (!out)
		die("control", "out of memory");
	control_line(&r->card, 1, copy, out);
	fclose(out);
	return answer;
}

uint64_t violations(struct rig *r)
{
	uint64_t n;

	pthread_mutex_lock(&r->card.lock);
	n = r->card.st.violations;
	pthread_mutex_unlock(&r->card.lock);
	return n;
}

const char *violation_texts(struct rig *r)
{
	return strstr(control(r, "stats 0"), "\"violations\"");
}
