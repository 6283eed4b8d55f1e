/**
 * @file ports.c  Ports of instances: chosen once, then kept
 *
 * Above those of RTP in profiles/headless, and below those that Linux gives
 * away (ip_local_port_range begins with 32768).
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <re.h>
#include "base/text.h"
#include "config/conftext.h"
#include "office.h"
#include "parsing.h"
#include "sync.h"


enum {
	/** Instances */
	SLOTS = (OFFICE_SIP_LAST + 1 - OFFICE_SIP_FIRST) / 2,
};


/**
 * Is a port free, on all addresses?
 *
 * @param port Port
 * @param udp  By UDP, otherwise TCP
 *
 * @return True if it is
 */
bool sync_port_free(uint16_t port, bool udp)
{
	const struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(port)};
	const int fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) |
			      SOCK_CLOEXEC, 0);
	const int on = 1;
	bool is_free;

	if (fd < 0)
		return true;

	/* what has just been closed is free */
	if (!udp)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
				 sizeof(on));
	is_free = !bind(fd, (const struct sockaddr *)&sin, sizeof(sin));
	if (is_free && !udp)
		is_free = !listen(fd, 1);
	(void)close(fd);

	return is_free;
}


static struct sync_ports *add(struct sync *s, const struct pl *name)
{
	struct sync_ports *p;

	if (office_grow(&s->portv, s->portc, sizeof(*s->portv)))
		return NULL;

	p = &s->portv[s->portc];
	if (text_str(p->name, sizeof(p->name), name))
		return NULL;
	++s->portc;

	return p;
}


/* The name of a folder */
static bool is_version(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; i++) {

		const char c = pl->p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		      (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
		      c == '~' || (i && c == '.')))
			return false;
	}

	return pl->l > 0;
}


/* Versions before had the port of a console there */
static void skip_port(struct pl *pin)
{
	size_t n = 0;

	while (n < pin->l && pin->p[n] >= '0' && pin->p[n] <= '9')
		++n;
	if (n == pin->l || pin->p[n] == ' ')
		pl_advance(pin, (ssize_t)n);
	conf_trim(pin);
}


/**
 * Read which ports instances have
 *
 * @param s    Sync
 * @param text Text of the file; what is not understood is left out
 *
 * @return 0 if success, ENOMEM
 */
int sync_ports_read(struct sync *s, const struct pl *text)
{
	struct pl rest = *text, line, name, sip, pin;
	struct sync_ports *p;
	unsigned nr = 0;
	uint32_t port;

	while (conf_next(&line, &nr, &rest)) {

		if (re_regex(line.p, line.l, "[^ #]+ [0-9]+[^]*", &name, &sip,
			     &pin) || name.p != line.p ||
		    (pin.l && pin.p[0] != ' ') ||
		    text_u32(&port, &sip, 65534) ||
		    name.l >= SYNC_NAME || memchr(name.p, 0, name.l))
			continue;

		p = add(s, &name);
		if (!p)
			return ENOMEM;

		p->sip = (uint16_t)port;

		conf_trim(&pin);
		skip_port(&pin);
		if (is_version(&pin))
			(void)text_str(p->pin, sizeof(p->pin), &pin);
	}

	return 0;
}


/**
 * Print which ports instances have; of those that are no more nothing is left
 *
 * @param mb Written to
 * @param s  Sync
 *
 * @return 0 if success, ENOMEM
 */
int sync_ports_print(struct mbuf *mb, const struct sync *s)
{
	size_t i;
	int err;

	err = mbuf_printf(mb, "# instance, port of SIP, version if it is an"
			  " old one; cube keeps this\n");

	for (i=0; i<s->portc && !err; i++) {

		const struct sync_ports *p = &s->portv[i];

		if (p->used)
			err = mbuf_printf(mb, "%s %u%s%s\n", p->name, p->sip,
					  p->pin[0] ? " " : "", p->pin);
	}

	return err;
}


static bool is_free(const struct sync *s, uint16_t sip, sync_free_h *freeh)
{
	size_t i;

	for (i=0; i<s->portc; i++) {

		const struct sync_ports *p = &s->portv[i];

		if (p->sip == sip || p->sip + 1 == sip || p->sip == sip + 1)
			return false;
	}

	return freeh(sip, true) && freeh(sip, false) &&
		freeh((uint16_t)(sip + 1), false);
}


static int choose(struct sync_ports *p, struct sync *s, sync_free_h *freeh)
{
	p->sip = 0;

	/* those before it are taken, as long as we look */
	for (; s->slot < SLOTS; s->slot++) {

		const uint16_t sip = (uint16_t)(OFFICE_SIP_FIRST +
					       2 * s->slot);

		if (!is_free(s, sip, freeh))
			continue;

		p->sip = sip;
		return 0;
	}

	return EADDRNOTAVAIL;
}


/**
 * Get the ports of an instance
 *
 * @param pp      Set to them; valid until the next call
 * @param s       Sync
 * @param name    Name of the instance
 * @param running It runs, and so has them; otherwise something else may have
 *                taken them meanwhile, and others are chosen
 * @param freeh   Tells whether a port is free
 *
 * @return 0 if success, EADDRNOTAVAIL if there are none, ENOMEM
 */
int sync_ports_get(const struct sync_ports **pp, struct sync *s,
		   const char *name, bool running, sync_free_h *freeh)
{
	struct sync_ports *p = NULL;
	struct pl pl;
	size_t i;
	int err = 0;

	for (i=0; i<s->portc; i++) {
		if (!strcmp(s->portv[i].name, name))
			p = &s->portv[i];
	}

	if (!p) {
		pl_set_str(&pl, name);
		p = add(s, &pl);
		if (!p)
			return ENOMEM;

		err = choose(p, s, freeh);
	}
	else if (!running) {

		const uint16_t old = p->sip;

		p->sip = 0;
		if (is_free(s, old, freeh))
			p->sip = old;
		else
			err = choose(p, s, freeh);
	}

	p->used = true;
	*pp = p;

	return err;
}
