/**
 * @file connectycube_hub/sink/pghosts.c
 * Several servers, and which is tried first
 *
 * libpq goes on to the next one of `host=a,b` when one refuses. Of one that
 * hangs it does not know, since it is we who wait: then the next try begins
 * with another one.
 */
#include <errno.h>
#include <string.h>
#include <libpq-fe.h>
#include <re.h>
#include "pgwait.h"


enum {
	LISTS = 3,              /**< Keywords whose values are lists       */
};

static const char *const listv[LISTS] = {"host", "hostaddr", "port"};

struct pghosts {
	char *valuev[LISTS];    /**< Their values (owned), NULL=none       */
	unsigned servers;       /**< How many there are                    */
};


static void destructor(void *data)
{
	struct pghosts *h = data;
	unsigned i;

	for (i=0; i<LISTS; i++)
		mem_deref(h->valuev[i]);
}


static unsigned count_list(const char *list)
{
	unsigned n = 1;

	while ((list = strchr(list, ','))) {
		++list;
		++n;
	}

	return n;
}


/* The first one becomes the last */
static void turn(char *list)
{
	char *comma = strchr(list, ',');
	char first[1024];
	size_t n, rest;

	n = comma ? (size_t)(comma - list) : 0;
	if (!comma || n >= sizeof(first))
		return;

	memcpy(first, list, n);
	rest = strlen(comma + 1);
	memmove(list, comma + 1, rest);
	list[rest] = ',';
	memcpy(list + rest + 1, first, n);
}


static int take(struct pghosts *h, const PQconninfoOption *o)
{
	unsigned i;

	for (i=0; i<LISTS; i++) {

		if (strcmp(o->keyword, listv[i]) || !o->val || !o->val[0])
			continue;

		/* ports may be one for all */
		if (strcmp(o->keyword, "port"))
			h->servers = max(h->servers, count_list(o->val));

		return str_dup(&h->valuev[i], o->val);
	}

	return 0;
}


/**
 * Find out which servers there are
 *
 * @param hp       Pointer to them, freed by mem_deref()
 * @param conninfo How to connect
 *
 * @return 0 if success, otherwise errorcode
 */
int pghosts_alloc(struct pghosts **hp, const char *conninfo)
{
	PQconninfoOption *optv, *o;
	struct pghosts *h;
	int err = 0;

	if (!hp || !conninfo)
		return EINVAL;

	h = mem_zalloc(sizeof(*h), destructor);
	if (!h)
		return ENOMEM;

	/* what is no conninfo is the name of a database here */
	optv = PQconninfoParse(conninfo, NULL);
	for (o=optv; o && o->keyword && !err; o++)
		err = take(h, o);
	PQconninfoFree(optv);

	if (err)
		mem_deref(h);
	else
		*hp = h;

	return err;
}


/**
 * Begin with the next one from now on
 *
 * @param h Servers
 */
void pghosts_next(struct pghosts *h)
{
	unsigned i;

	if (!h || h->servers < 2)
		return;

	for (i=0; i<LISTS; i++) {
		if (h->valuev[i])
			turn(h->valuev[i]);
	}
}


/**
 * Get what libpq is to be told beyond how to connect
 *
 * @param h      Servers
 * @param keyv   Room for three keywords
 * @param valuev ... and for their values, which are the servers'
 *
 * @return How many there are
 */
unsigned pghosts_args(const struct pghosts *h, const char **keyv,
		      const char **valuev)
{
	unsigned i, n = 0;

	if (!h || h->servers < 2)
		return 0;

	for (i=0; i<LISTS; i++) {

		if (!h->valuev[i])
			continue;

		keyv[n]     = listv[i];
		valuev[n++] = h->valuev[i];
	}

	return n;
}
