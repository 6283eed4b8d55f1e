/**
 * @file connectycube_ami/names.c  The addresses of a host, asked on a thread
 *
 * getaddrinfo() knows all that this machine knows of names, and waits for it.
 */
#include <netdb.h>
#include <string.h>
#include <re.h>
#include "base/jobthread.h"
#include "names.h"


/** A question, and its answer */
struct lookup {
	struct le le;
	char *host;             /* name, or address (owned) */
	char port[8];           /* in digits */
	struct sa addrv[AMI_ADDRS_MAX];
	size_t addrc;
	int gai;                /* error of getaddrinfo() */
};

/** Who asks */
struct ami_names {
	struct jobthread *thread; /* (owned) */
	char *host;             /* name, or address (owned) */
	uint16_t port;
	ami_names_h *h;         /* told of the answer */
	void *arg;              /* its argument */
};


static void lookup_destructor(void *data)
{
	struct lookup *l = data;

	mem_deref(l->host);
}


/* On the thread */
static void work_handler(void *job, size_t behind, void *work)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *res = NULL, *ai;
	struct lookup *l = job;
	(void)behind;
	(void)work;

	l->gai = getaddrinfo(l->host, l->port, &hints, &res);
	if (l->gai)
		return;

	for (ai = res; ai && l->addrc < AMI_ADDRS_MAX; ai = ai->ai_next) {
		if (!sa_set_sa(&l->addrv[l->addrc], ai->ai_addr))
			++l->addrc;
	}

	freeaddrinfo(res);
}


static void done_handler(void *job, void *arg)
{
	struct ami_names *n = arg;
	struct lookup *l = job;

	n->h(l->addrv, l->addrc,
	     l->gai ? gai_strerror(l->gai) : "it has no address", n->arg);
	mem_deref(l);
}


static void destructor(void *data)
{
	struct ami_names *n = data;

	jobthread_stop(n->thread);
	mem_deref(n->host);
}


/**
 * Allocate what looks a host up
 *
 * @param np   Pointer to it, freed by mem_deref(): then nobody is told any more
 * @param host Name or address
 * @param port Port of the addresses
 * @param h    Told of the answer; must not free it
 * @param arg  Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_names_alloc(struct ami_names **np, const char *host, uint16_t port,
		    ami_names_h *h, void *arg)
{
	struct ami_names *n;
	int err;

	if (!np || !host || !h)
		return EINVAL;

	n = mem_zalloc(sizeof(*n), destructor);
	if (!n)
		return ENOMEM;

	n->port = port;
	n->h    = h;
	n->arg  = arg;

	err = str_dup(&n->host, host);
	if (!err)
		err = jobthread_alloc(&n->thread, work_handler, NULL,
				      done_handler, n);
	if (err)
		mem_deref(n);
	else
		*np = n;

	return err;
}


/**
 * Look the host up
 *
 * @param n Who asks
 *
 * @return 0 if success: the handler will be called; otherwise errorcode
 */
int ami_names_ask(struct ami_names *n)
{
	struct lookup *l;
	int err;

	if (!n)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), lookup_destructor);
	if (!l)
		return ENOMEM;

	(void)re_snprintf(l->port, sizeof(l->port), "%u", n->port);
	err = str_dup(&l->host, n->host);
	if (!err)
		err = jobthread_push(n->thread, &l->le, l);
	if (err)
		mem_deref(l);

	return err;
}
