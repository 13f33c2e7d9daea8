// SPDX-License-Identifier: GPL-2.0-only
/* QEMU as a child, a thread per card, and a loop for signals and the control socket. */
#define _GNU_SOURCE
#include "card.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_CLIENTS 8

struct client {
	int fd;
	char line[1024];
	size_t len;
	char pending[1024]; /* is not answered yet */
};

struct server {
	struct run *run;
	pid_t qemu;
	int signals, listener, wake;
	struct client clients[MAX_CLIENTS];
	unsigned int nclients;
	pthread_t threads[MAX_CARDS];
	unsigned int nthreads;
	bool failed;
};

static void *serve_card(void *arg)
{
	struct card *c = arg;
	char err[200];

	if (!proxy_serve(c, err, sizeof(err)))
		return NULL;
	fprintf(stderr, "cxcard: card %u: %s\n", c->index, err);
	/* QEMU would wait for an answer for ever; an end of file lets it go on, and we stop it */
	shutdown(c->fd, SHUT_RDWR);
	kill(getpid(), SIGTERM);
	return arg;
}

static int pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (!sched_setaffinity(0, sizeof(set), &set))
		return 0;
	fprintf(stderr, "cxcard: --cpu %d: %s\n", cpu, strerror(errno));
	return -1;
}

static int listen_on(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "cxcard: %s: too long for a socket\n", path);
		return -1;
	}
	strcpy(addr.sun_path, path);
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&addr, sizeof(addr)) && !listen(fd, 4))
		return fd;
	fprintf(stderr, "cxcard: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool any_hca(const struct run *r)
{
	for (unsigned int i = 0; i < r->ncards; i++)
		if (r->cards[i].hca)
			return true;
	return false;
}

/* Appends the devices; theirs[i] is QEMU's end of card i, and of the interrupts behind them. NULL:
 * out of memory.
 */
static char **qemu_command(const struct run *r, const int *theirs)
{
	size_t n = 0;
	char **argv;

	while (r->command[n])
		n++;
	argv = calloc(n + 2 * r->ncards + 5, sizeof(*argv));
	if (!argv)
		return NULL;
	memcpy(argv, r->command, n * sizeof(*argv));
	for (unsigned int i = 0; i < r->ncards; i++) {
		const struct config *conf = &r->cards[i].conf;

		argv[n++] = "-device";
		if (asprintf(&argv[n++], "x-pci-proxy-dev,id=card%u,fd=%d%s%s%s%s", i, theirs[i],
			     conf->addr ? ",addr=" : "", conf->addr ? conf->addr : "",
			     conf->bus ? ",bus=" : "", conf->bus ? conf->bus : "") < 0)
			return NULL;
	}
	if (!any_hca(r))
		return argv;
	argv[n++] = "-chardev";
	if (asprintf(&argv[n++], "socket,id=cxirq,fd=%d", theirs[r->ncards]) < 0)
		return NULL;
	argv[n++] = "-object";
	argv[n++] = "qtest,id=cxirq0,chardev=cxirq,log=none";
	return argv;
}

static void exec_qemu(struct run *r, const int *theirs)
{
	char **argv = qemu_command(r, theirs);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argv)
		execvp(argv[0], argv);
	fprintf(stderr, "cxcard: %s: %s\n", r->command[0], strerror(errno));
	_exit(127);
}

static int start_qemu(struct server *s)
{
	int pair[2], theirs[MAX_CARDS + 1], irq = -1;
	unsigned int i;

	for (i = 0; i < s->run->ncards; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			goto fail;
		s->run->cards[i].fd = pair[0];
		theirs[i] = pair[1];
	}
	if (any_hca(s->run)) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			goto fail;
		irq = pair[0];
		theirs[i] = pair[1];
		irq_connect(irq);
	}
	s->qemu = fork();
	if (s->qemu < 0)
		goto fail;
	if (!s->qemu) {
		for (i = 0; i < s->run->ncards; i++)
			close(s->run->cards[i].fd);
		if (irq >= 0)
			close(irq);
		exec_qemu(s->run, theirs);
	}
	for (i = 0; i < s->run->ncards; i++)
		close(theirs[i]);
	if (irq >= 0)
		close(theirs[i]);
	return 0;
fail:
	fprintf(stderr, "cxcard: cannot start QEMU: %s\n", strerror(errno));
	return -1;
}

static int start_threads(struct server *s)
{
	for (; s->nthreads < s->run->ncards; s->nthreads++)
		if (pthread_create(&s->threads[s->nthreads], NULL, serve_card,
				   &s->run->cards[s->nthreads])) {
			fprintf(stderr, "cxcard: cannot start a thread\n");
			kill(s->qemu, SIGKILL);
			return -1;
		}
	return 0;
}

static void accept_client(struct server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (s->nclients == MAX_CLIENTS) {
		dprintf(fd, "error too many control connections\n");
		close(fd);
		return;
	}
	s->clients[s->nclients++] = (struct client){.fd = fd};
}

/* Returns whether the line has been dealt with. */
static bool answer(struct server *s, struct client *cl, const char *line)
{
	char *text = NULL, copy[sizeof(cl->line)];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool done;

	if (!out)
		return true;
	snprintf(copy, sizeof(copy), "%s", line);
	done = control_line(s->run->cards, s->run->ncards, copy, out);
	fclose(out);
	for (size_t at = 0; at < len;) {
		ssize_t n = send(cl->fd, text + at, len - at, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			break; /* the next read finds out that the client is gone */
		at += n > 0 ? (size_t)n : 0;
	}
	free(text);
	return done;
}

/* A line that has to wait for its answer keeps those behind it waiting. */
static void answer_lines(struct server *s, struct client *cl)
{
	char *end;

	while (!*cl->pending && (end = memchr(cl->line, '\n', cl->len))) {
		size_t used = (size_t)(end - cl->line) + 1;

		*end = '\0';
		if (end > cl->line && end[-1] == '\r')
			end[-1] = '\0';
		if (!answer(s, cl, cl->line))
			strcpy(cl->pending, cl->line);
		memmove(cl->line, cl->line + used, cl->len - used);
		cl->len -= used;
	}
}

/* A counter has reached what somebody waits for. */
static void woken(struct server *s)
{
	eventfd_t n;

	if (eventfd_read(s->wake, &n))
		return;
	for (unsigned int i = 0; i < s->nclients; i++) {
		struct client *cl = &s->clients[i];

		if (!*cl->pending || !answer(s, cl, cl->pending))
			continue;
		*cl->pending = '\0';
		answer_lines(s, cl);
	}
}

/* Returns false when the client has gone. */
static bool client_input(struct server *s, struct client *cl)
{
	ssize_t n = recv(cl->fd, cl->line + cl->len, sizeof(cl->line) - 1 - cl->len, 0);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	cl->len += (size_t)n;
	cl->line[cl->len] = '\0';
	answer_lines(s, cl);
	if (cl->len == sizeof(cl->line) - 1) {
		dprintf(cl->fd, "error line too long\n");
		cl->len = 0;
	}
	return true;
}

/* Passes SIGINT and SIGTERM on. Returns whether QEMU has ended; then *status is its status. */
static bool signalled(struct server *s, int *status)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	if (info.ssi_signo == SIGCHLD)
		return waitpid(s->qemu, status, WNOHANG) == s->qemu;
	s->failed |= info.ssi_pid == (uint32_t)getpid();
	kill(s->qemu, SIGTERM);
	return false;
}

static void serve_until_exit(struct server *s, int *status)
{
	struct pollfd fds[3 + MAX_CLIENTS];

	for (;;) {
		unsigned int n = s->nclients;

		fds[0] = (struct pollfd){.fd = s->signals, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = s->listener, .events = POLLIN};
		fds[2] = (struct pollfd){.fd = s->wake, .events = POLLIN};
		for (unsigned int i = 0; i < n; i++)
			fds[3 + i] = (struct pollfd){.fd = s->clients[i].fd, .events = POLLIN};
		if (poll(fds, 3 + n, -1) < 0)
			continue;
		if (fds[0].revents && signalled(s, status))
			return;
		for (unsigned int i = n; i-- > 0;) {
			if (!fds[3 + i].revents || client_input(s, &s->clients[i]))
				continue;
			close(s->clients[i].fd);
			s->clients[i] = s->clients[--s->nclients];
		}
		if (fds[2].revents)
			woken(s);
		if (fds[1].revents)
			accept_client(s);
	}
}

static int write_stats(struct run *r)
{
	FILE *out = fopen(r->stats, "w");
	int bad;

	if (!out) {
		fprintf(stderr, "cxcard: %s: %s\n", r->stats, strerror(errno));
		return -1;
	}
	fprintf(out, "{\"cards\":[\n");
	for (unsigned int i = 0; i < r->ncards; i++) {
		stats_json(&r->cards[i], out);
		fprintf(out, "%s\n", i + 1 < r->ncards ? "," : "");
	}
	fprintf(out, "]}\n");
	bad = ferror(out);
	if (fclose(out) || bad) {
		fprintf(stderr, "cxcard: %s: cannot write\n", r->stats);
		return -1;
	}
	return 0;
}

static int open_output(const char *path, FILE **out)
{
	*out = path ? fopen(path, "we") : NULL;
	if (!path || *out)
		return 0;
	fprintf(stderr, "cxcard: %s: %s\n", path, strerror(errno));
	return -1;
}

static int open_outputs(struct run *r)
{
	FILE *trace_to, *log_to;

	if (open_output(r->trace, &trace_to) || open_output(r->log, &log_to))
		return -1;
	for (unsigned int i = 0; i < r->ncards; i++) {
		r->cards[i].trace = trace_to;
		log_begin(&r->cards[i], log_to);
	}
	return 0;
}

/* All cards share one. */
static void close_output(const char *path, FILE *out)
{
	if (out && fclose(out))
		fprintf(stderr, "cxcard: %s: cannot write\n", path);
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int exit_status(const struct server *s, int status)
{
	if (s->failed)
		return EXIT_OWN;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run(struct run *r)
{
	struct server s = {.run = r, .listener = -1, .signals = open_signals()};
	int ret = EXIT_OWN, status = 0;

	s.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (unsigned int i = 0; i < r->ncards; i++)
		r->cards[i].wake = s.wake;
	if (s.signals < 0 || s.wake < 0 || pin(r->cpu) || open_outputs(r))
		goto out;
	if (r->control) {
		s.listener = listen_on(r->control);
		if (s.listener < 0)
			goto out;
	}
	if (start_qemu(&s))
		goto out;
	if (start_threads(&s))
		waitpid(s.qemu, &status, 0);
	else
		serve_until_exit(&s, &status);
	for (unsigned int i = 0; i < s.nthreads; i++)
		pthread_join(s.threads[i], NULL);
	ret = s.nthreads == r->ncards ? exit_status(&s, status) : EXIT_OWN;
	if (r->stats && write_stats(r))
		ret = EXIT_OWN;
out:
	for (unsigned int i = 0; i < s.nclients; i++)
		close(s.clients[i].fd);
	if (s.listener >= 0) {
		close(s.listener);
		unlink(r->control);
	}
	if (s.signals >= 0)
		close(s.signals);
	if (s.wake >= 0)
		close(s.wake);
	for (unsigned int i = 0; i < r->ncards; i++)
		log_end_line(&r->cards[i]);
	close_output(r->trace, r->cards[0].trace);
	close_output(r->log, r->cards[0].log.out);
	for (unsigned int i = 0; i < r->ncards; i++)
		if (r->cards[i].fd >= 0)
			close(r->cards[i].fd);
	return ret;
}
