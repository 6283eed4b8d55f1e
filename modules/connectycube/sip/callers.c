/**
 * @file sip/callers.c  Who may ring: the servers of an account, and more
 *
 * Whoever can send a datagram to the SIP port could ring the apps otherwise.
 * An account's servers are: whoever has answered its REGISTER, and the
 * addresses of its domain and outbound proxies. connectycube_sip_allow adds
 * others. Requests within a call may come from anywhere: their tags are
 * secret.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/gloop.h"
#include "base/mono.h"
#include "base/resolve.h"
#include "base/text.h"
#include "sip/sip.h"
#include "sip/pure/allow.h"
#include "sip/pure/target.h"
#include "sip/host.h"
#include "sip/callers.h"


enum {
	SERVERS_MAX = 16,       /* addresses kept of an account; then the
				   oldest one goes */
	HOSTS_MAX   = 3,        /* the domain and two proxies */
	CONTACT_BYTES = 8,      /* of its user part's hash */
	AOR_SIZE    = 256,      /* a longer one is not known [bytes] */
	LOOKUP_PAUSE = 5000,    /* between look-ups for the sake of those who
				   were refused [ms] */
	LOOKUP_RETRY = 60000,   /* after one that failed [ms] */
};

/** The servers of an account */
struct callers {
	struct sa serverv[SERVERS_MAX]; /**< Their addresses               */
	size_t serverc;         /**< How many there were, ever             */
	char *hostv[HOSTS_MAX]; /**< Their names (owned)                   */
	struct resolve *lookupv[HOSTS_MAX]; /**< Running look-ups (owned)  */
	struct tmr tmr;         /**< Look-ups once more                    */
	uint64_t looked;        /**< When the last ones began [ms]         */
	unsigned running;       /**< How many of them are not done         */
};

static struct {
	const struct allow *more; /* of the configuration (pointer) */
	struct gloop *gl;
	struct sip_lsnr *lsnr;
	struct sa src;          /* who answered a REGISTER last */
	char aor[AOR_SIZE];     /* whose it was */
} cs;


static void destructor(void *data)
{
	struct callers *c = data;
	size_t i;

	tmr_cancel(&c->tmr);
	for (i=0; i<HOSTS_MAX; i++) {
		mem_deref(c->lookupv[i]);
		mem_deref(c->hostv[i]);
	}
}


static bool is_server(const struct callers *c, const struct sa *sa)
{
	size_t i;

	for (i=0; i<MIN(c->serverc, (size_t)SERVERS_MAX); i++) {
		if (sa_cmp(&c->serverv[i], sa, SA_ADDR))
			return true;
	}

	return false;
}


static void add_server(struct callers *c, const struct sa *sa)
{
	if (sa_isset(sa, SA_ADDR) && !is_server(c, sa))
		c->serverv[c->serverc++ % SERVERS_MAX] = *sa;
}


static void lookup(struct callers *c);


static void again_handler(void *arg)
{
	lookup(arg);
}


/* Without a network at the start, say */
static void lookup_handler(int err, const struct sa *addrv, size_t addrc,
			   const char *reason, void *arg)
{
	struct callers *c = arg;
	size_t i;
	(void)reason;

	for (i=0; i<addrc; i++)
		add_server(c, &addrv[i]);

	--c->running;
	if (err)
		tmr_start(&c->tmr, LOOKUP_RETRY, again_handler, c);
}


static void lookup(struct callers *c)
{
	size_t i;

	c->looked  = mono_ms();
	c->running = 0;

	for (i=0; i<HOSTS_MAX; i++) {

		c->lookupv[i] = mem_deref(c->lookupv[i]);

		if (c->hostv[i] &&
		    !resolve_alloc(&c->lookupv[i], cs.gl, c->hostv[i],
				   lookup_handler, c))
			++c->running;
	}
}


static int add_proxy(char **hostp, const char *proxy)
{
	struct sip_addr addr;
	struct pl pl;

	pl_set_str(&pl, proxy);

	/* baresip has complained about it */
	if (!str_isset(proxy) || sip_addr_decode(&addr, &pl))
		return 0;

	return pl_strdup(hostp, &addr.uri.host);
}


/**
 * Find out the servers of an account
 *
 * @param cp Pointer to the servers
 * @param ua Its User-Agent
 *
 * @return 0 if success, otherwise errorcode
 */
int callers_alloc(struct callers **cp, const struct ua *ua)
{
	const struct account *acc = ua_account(ua);
	struct callers *c;
	size_t i;
	int err;

	if (!cp || !acc)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	err = pl_strdup(&c->hostv[0], &account_luri(acc)->host);
	for (i=1; i<HOSTS_MAX && !err; i++)
		err = add_proxy(&c->hostv[i], account_outbound(acc, i - 1));

	if (err) {
		mem_deref(c);
		return err;
	}

	lookup(c);
	*cp = c;

	return 0;
}


/**
 * An account is registered: whoever says so is its server
 *
 * @param c  Servers of the account
 * @param ua Its User-Agent
 */
void callers_registered(struct callers *c, const struct ua *ua)
{
	struct sa sa;

	if (!c)
		return;

	/* before the look-ups: it is the one that is surely right */
	if (sip_registrar(&sa, ua))
		add_server(c, &sa);

	lookup(c);
}


/**
 * baresip's own client was answered, now, and does not say by whom
 *
 * @param c  Servers of the account
 * @param ua Its User-Agent
 */
void callers_heard(struct callers *c, const struct ua *ua)
{
	struct sa sa;

	/* no other account's server */
	if (c && !sip_registrar(&sa, ua) &&
	    !str_cmp(cs.aor, account_aor(ua_account(ua))))
		add_server(c, &cs.src);

	callers_registered(c, ua);
}


/**
 * Is somebody one of an account's servers?
 *
 * @param c   Servers of the account
 * @param src Who
 *
 * @return True if it is
 */
bool callers_serve(const struct callers *c, const struct sa *src)
{
	return is_server(c, src);
}


/**
 * Is this the name of one of an account's servers?
 *
 * @param c    Servers of the account
 * @param host Host
 *
 * @return True if it is
 */
bool callers_is_host(const struct callers *c, const struct pl *host)
{
	size_t i;

	for (i=0; i<HOSTS_MAX; i++) {
		if (c->hostv[i] && !pl_strcasecmp(host, c->hostv[i]))
			return true;
	}

	return false;
}


/**
 * Does an address stand in the list of those who may ring in any case?
 *
 * @param host Host, as a URI has it
 *
 * @return True if it does
 */
bool callers_named(const struct pl *host)
{
	return target_in(cs.more, host);
}


/**
 * Is somebody known as one who may ring?
 *
 * @param c   Servers of an account, or NULL
 * @param src Who
 *
 * @return True if it is
 */
bool callers_know(const struct callers *c, const struct sa *src)
{
	return allow_has(cs.more, src) || (c && is_server(c, src));
}


/**
 * May somebody ring?
 *
 * @param c   Servers of the account that is called
 * @param src Where the INVITE comes from
 *
 * @return True if it may
 */
bool callers_may(struct callers *c, const struct sa *src)
{
	if (callers_know(c, src))
		return true;

	/* it may have moved since, and nobody else tells us of a server that
	   is not registered with. The next call will be taken */
	if (c && !c->running && mono_ms() - c->looked >= LOOKUP_PAUSE)
		lookup(c);

	return false;
}


/* Before libre's transactions: they tell baresip that it is registered, but
   not by whom. What no transaction waits for has no such consequence */
static bool response_handler(const struct sip_msg *msg, void *arg)
{
	(void)arg;

	if (!pl_strcmp(&msg->cseq.met, "REGISTER")) {
		cs.src = msg->src;
		if (text_str(cs.aor, sizeof(cs.aor), &msg->from.auri))
			cs.aor[0] = '\0';
	}

	return false;
}


/**
 * Start to watch who may ring
 *
 * @param more Who may in any case; stays with the caller
 *
 * @return 0 if success, otherwise errorcode
 */
int callers_init(const struct allow *more)
{
	int err;

	err = gloop_alloc(&cs.gl);
	if (err)
		return err;

	err = host_listen(&cs.lsnr, false, HOST_FIRST, response_handler,
			  NULL);
	if (err) {
		cs.gl = mem_deref(cs.gl);
		return err;
	}

	cs.more = more;

	return 0;
}


/**
 * Stop to watch who may ring
 */
void callers_close(void)
{
	cs.lsnr = mem_deref(cs.lsnr);
	cs.gl   = mem_deref(cs.gl);
	cs.more = NULL;
	cs.aor[0] = '\0';
}


/**
 * Give an account a contact of its own. baresip's is a heap address, which
 * says something about the process, and which a registrar takes for another
 * phone after each start
 *
 * @param ua User-Agent; to be called before it registers
 */
void callers_set_contact(struct ua *ua)
{
	const char *aor = account_aor(ua_account(ua));
	uint8_t md[MD5_SIZE];
	char user[24];
	int err;

	err = md5_printf(md, "contact of %s", aor);
	if (!err && re_snprintf(user, sizeof(user), "c%w", md,
				(size_t)CONTACT_BYTES) < 0)
		err = ENOMEM;
	if (!err)
		err = host_set_cuser(ua, user);
	if (err)
		clog_warning("%s: the contact stays \"%s\" (%m)\n",
			     aor, ua_local_cuser(ua), err);
}
