// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt pin. QEMU's proxy device has none under TCG, so the input of the I/O APIC is set
 * past it, by the channel that QEMU's own tests use (mlx4-core 2.1). Cards that share an input are
 * ORed here.
 */
#include "hca.h"

#include <sys/socket.h>

#define PINS 24

struct irq {
	pthread_mutex_t lock;
	int fd; /* -1: nobody listens */
	uint32_t cards[PINS];
};

static struct irq irq = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

void irq_connect(int fd)
{
	irq.fd = fd;
}

/* QEMU says OK to each line, which is not waited for. */
static void drain(void)
{
	char buf[512];

	while (recv(irq.fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

static void tell(unsigned int pin, bool level)
{
	char line[80];
	int len = snprintf(line, sizeof(line),
			   "set_irq_in /machine/i440fx/ioapic unnamed-gpio-in %u %d\n", pin, level);

	drain();
	/* a QEMU that has gone needs no interrupt */
	(void)!send(irq.fd, line, (size_t)len, MSG_NOSIGNAL);
}

void irq_set(struct card *c, bool level)
{
	uint32_t before, after;
	unsigned int pin;

	c->hca->pin = level;
	level = pci_set_pin(c, level, &pin);
	if (irq.fd < 0 || pin >= PINS)
		return;
	pthread_mutex_lock(&irq.lock);
	before = irq.cards[pin];
	after = level ? before | 1u << c->index : before & ~(1u << c->index);
	irq.cards[pin] = after;
	if (!before != !after)
		tell(pin, level);
	pthread_mutex_unlock(&irq.lock);
}
