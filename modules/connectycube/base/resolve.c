/**
 * @file base/resolve.c  Names to addresses, without blocking
 *
 * GLib's resolver asks getaddrinfo() in a thread of its own and answers on
 * the context that was thread-default when it was asked: ours, so the
 * handler runs on libre's loop. /etc/hosts and nsswitch are honoured.
 */
#include <string.h>
#include <gio/gio.h>
#include <re.h>
#include "gloop.h"
#include "resolve.h"


struct resolve {
	struct tmr tmr;         /**< For an address: it is answered later  */
	struct sa addr;         /**< The address, if it was one            */
	struct lookup *lookup;  /**< Running look-up (pointer), or NULL    */
	resolve_h *h;           /**< Handler; NULL once called             */
	void *arg;              /**< Handler argument                      */
};

/** A look-up that GLib holds on to until it has called back */
struct lookup {
	struct resolve *r;      /**< Who asked (parent), NULL=gone         */
	GCancellable *cancel;   /**< Owner                                 */
};


static void destructor(void *data)
{
	struct resolve *r = data;

	tmr_cancel(&r->tmr);

	if (r->lookup) {
		r->lookup->r = NULL;
		g_cancellable_cancel(r->lookup->cancel);
	}
}


static void lookup_destructor(void *data)
{
	struct lookup *l = data;

	if (l->cancel)
		g_object_unref(l->cancel);
}


static void report(struct resolve *r, int err, const struct sa *addrv,
		   size_t addrc, const char *reason)
{
	resolve_h *h = r->h;

	r->h = NULL;
	if (h)
		h(err, addrv, addrc, reason, r->arg);
}


static void tmr_handler(void *arg)
{
	struct resolve *r = arg;

	report(r, 0, &r->addr, 1, NULL);
}


static size_t copy_addrs(struct sa *addrv, GList *list)
{
	size_t n = 0;

	for (; list && n < RESOLVE_MAX; list = list->next) {

		gchar *str = g_inet_address_to_string(list->data);

		if (0 == sa_set_str(&addrv[n], str, 0))
			++n;

		g_free(str);
	}

	return n;
}


static void done_handler(GObject *source, GAsyncResult *res, gpointer data)
{
	struct sa addrv[RESOLVE_MAX];
	struct lookup *l = data;
	struct resolve *r = l->r;
	GError *error = NULL;
	GList *list;
	size_t n;

	list = g_resolver_lookup_by_name_finish(G_RESOLVER(source), res,
						&error);
	n = copy_addrs(addrv, list);
	g_resolver_free_addresses(list);

	if (r) {
		r->lookup = NULL;
		report(r, n ? 0 : ENOENT, addrv, n,
		       n ? NULL : error ? error->message : "no address");
	}

	g_clear_error(&error);
	mem_deref(l);
}


static int lookup_start(struct resolve *r, struct gloop *gl, const char *host)
{
	GResolver *resolver;
	struct lookup *l;

	l = mem_zalloc(sizeof(*l), lookup_destructor);
	if (!l)
		return ENOMEM;

	l->r      = r;
	l->cancel = g_cancellable_new();
	r->lookup = l;

	resolver = g_resolver_get_default();

	g_main_context_push_thread_default(gloop_context(gl));
	g_resolver_lookup_by_name_async(resolver, host, l->cancel,
					done_handler, l);
	g_main_context_pop_thread_default(gloop_context(gl));

	g_object_unref(resolver);
	gloop_kick(gl);

	return 0;
}


/**
 * Resolve a host name
 *
 * @param rp   Returned look-up; dereferencing it cancels
 * @param gl   Loop to be called on; must outlive a cancelled look-up by one
 *             iteration of its context
 * @param host Name, or an IPv4 or IPv6 address, which is answered as it is
 * @param h    Called once, later, never from inside this function
 * @param arg  Handler argument
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int resolve_alloc(struct resolve **rp, struct gloop *gl, const char *host,
		  resolve_h *h, void *arg)
{
	struct resolve *r;
	int err = 0;

	if (!rp || !gl || !host || !h)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	r->h   = h;
	r->arg = arg;

	if (0 == sa_set_str(&r->addr, host, 0))
		tmr_start(&r->tmr, 0, tmr_handler, r);
	else
		err = lookup_start(r, gl, host);

	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}
