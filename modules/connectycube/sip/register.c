/**
 * @file sip/register.c  The registrations of all accounts
 *
 * Takes them over from baresip, and sends baresip's own events of them. When an
 * account is to be registered by baresip, it finds nothing to do. Where accounts
 * were loaded before us, a first REGISTER is on its way; baresip takes it back
 * when it is answered, and what that has taken of ours is registered again.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "base/turns.h"
#include "sip/sip.h"
#include "sip/regcli.h"


/** An account that is registered by us */
struct entry {
	struct le le;
	struct ua *ua;          /**< User-Agent (pointer)                  */
	struct regcli *cli;     /**< Its registration (owned)              */
	struct tmr tmr;         /**< Register anew, out of baresip's stack */
	uint32_t regint;        /**< Its interval [s]                      */
};

static struct {
	struct list entryl;     /* struct entry */
	struct regcli_prm prm;
	char instance[64];
	bool open;
	bool started;           /* contacts are known */
	struct turns turns;
} reg;

enum {
	ANEW_DELAY = 1000,      /* until baresip's last word was heard [ms] */
};


static struct entry *find(const struct ua *ua)
{
	struct le *le;

	for (le = reg.entryl.head; le; le = le->next) {

		struct entry *e = le->data;

		if (e->ua == ua)
			return e;
	}

	return NULL;
}


/* Numbers of events differ from version to version */
static void send_event(struct ua *ua, const char *name, const char *text)
{
	int ev;

	for (ev=0; ev<64; ev++) {
		if (!str_cmp(uag_event_str((enum ua_event)ev), name)) {
			ua_event(ua, (enum ua_event)ev, NULL, "%s", text);
			return;
		}
	}
}


static void state_handler(bool ok, const char *text, void *arg)
{
	const struct entry *e = arg;

	send_event(e->ua, ok ? "REGISTER_OK" : "REGISTER_FAIL", text);
}


static void entry_destructor(void *data)
{
	struct entry *e = data;

	list_unlink(&e->le);
	tmr_cancel(&e->tmr);
	mem_deref(e->cli);
}


/* baresip's own client stays as one that does nothing: a User-Agent without
   any does not tell when it goes */
static int silence(struct entry *e, bool can_register)
{
	(void)account_set_regint(ua_account(e->ua),
				 can_register ? e->regint : 0);

	return ua_update_account(e->ua);
}


/* Two flows (RFC 5626) are more than we know */
static bool has_outbound(const struct ua *ua)
{
	char buf[256];

	return re_snprintf(buf, sizeof(buf), "%H", ua_print_supported, ua) > 0
		&& strstr(buf, "outbound");
}


static int take(struct ua *ua)
{
	const uint32_t regint = account_regint(ua_account(ua));
	struct entry *e;
	int err;

	if (!regint || find(ua) || has_outbound(ua))
		return 0;

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (!e)
		return ENOMEM;

	e->ua     = ua;
	e->regint = regint;

	err = regcli_alloc(&e->cli, ua, &reg.prm, regint, state_handler, e);
	if (!err)
		err = silence(e, true);
	if (err) {
		mem_deref(e);
		return err;
	}

	list_append(&reg.entryl, &e->le, e);

	return 0;
}


static void anew_handler(void *arg)
{
	struct entry *e = arg;

	(void)silence(e, true);
	if (reg.started)
		regcli_start(e->cli);
}


/* Somebody registers a User-Agent: that is for us to do */
static void registering(struct entry *e)
{
	(void)silence(e, false);
	tmr_start(&e->tmr, 0, anew_handler, e);
}


static void gone(struct entry *e)
{
	struct regcli *cli = e->cli;

	e->cli = NULL;
	mem_deref(e);
	regcli_shutdown(cli);
}


static void event_handler(struct ua *ua, enum ua_event ev, struct call *call,
			  const char *prm, void *arg)
{
	const bool begins = !str_cmp(uag_event_str(ev), "REGISTERING");
	struct entry *e;
	(void)call;
	(void)prm;
	(void)arg;

	if (begins && sip_ua_exists(ua))
		(void)take(ua);

	e = find(ua);
	if (!e)
		return;

	if (!sip_ua_exists(ua))
		gone(e);
	else if (begins)
		registering(e);
}


/**
 * Somebody's REGISTER was answered. If it was one of baresip's, it is taken
 * back, and a registrar that tells us by our instance takes ours, too
 *
 * @param msg Response
 */
void sip_register_heard(const struct sip_msg *msg)
{
	struct entry *e = NULL;
	struct le *le;

	if (msg->scode < 200 || msg->scode > 299)
		return;

	for (le = reg.entryl.head; le; le = le->next) {

		struct entry *one = le->data;

		if (regcli_is_callid(one->cli, &msg->callid))
			return;

		if (!pl_strcmp(&msg->from.auri,
			       account_aor(ua_account(one->ua))) &&
		    regcli_is_from(one->cli, &msg->src))
			e = one;
	}

	if (e)
		tmr_start(&e->tmr, ANEW_DELAY, anew_handler, e);
}


/* baresip's module uuid has made it */
static void read_instance(void)
{
	char path[512];
	size_t n;
	FILE *f;

	if (conf_path_get(path, sizeof(path)) ||
	    strlen(path) + sizeof("/uuid") > sizeof(path))
		return;

	strcat(path, "/uuid");
	f = fopen(path, "r");
	if (!f)
		return;

	n = fread(reg.instance, 1, sizeof(reg.instance) - 1, f);
	(void)fclose(f);

	reg.instance[n] = '\0';
	reg.instance[strspn(reg.instance, "0123456789abcdefABCDEF-")] = '\0';
	if (reg.instance[0])
		reg.prm.instance = reg.instance;
}


/**
 * Take the registrations of all accounts over, those of later ones, too. They
 * begin with sip_register_start()
 *
 * @param keepalive Between keep-alives [s], 0=none
 * @param received  Contact is where the registrar sees us
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_register_init(uint32_t keepalive, bool received)
{
	struct le *le;
	int err;

	memset(&reg, 0, sizeof(reg));
	reg.prm.keepalive = keepalive;
	reg.prm.received  = received;
	reg.open = true;
	read_instance();

	for (le = list_head(uag_list()); le; le = le->next) {

		err = take(le->data);
		if (err)
			goto err;
	}

	err = uag_event_register(event_handler, NULL);
	if (err)
		goto err;

	return 0;

 err:
	sip_register_close();

	return err;
}


/**
 * Register all accounts, one after the other (base/turns.c): what their
 * contacts are made of is known
 */
void sip_register_start(void)
{
	struct le *le;

	for (le = list_head(uag_list()); le; le = le->next)
		(void)take(le->data);

	reg.started = true;

	for (le = reg.entryl.head; le; le = le->next) {

		struct entry *e = le->data;

		tmr_start(&e->tmr, turns_take(&reg.turns, mono_ms(),
					      rand_u16()), anew_handler, e);
	}
}


/**
 * Take all registrations back, until sip_register_start(): servers send their
 * calls elsewhere. Calls that are up go on, by the contact that they have
 */
void sip_register_leave(void)
{
	struct le *le;

	reg.started = false;

	for (le = reg.entryl.head; le; le = le->next) {

		struct entry *e = le->data;
		struct regcli *cli;

		tmr_cancel(&e->tmr);
		if (regcli_alloc(&cli, e->ua, &reg.prm, e->regint,
				 state_handler, e))
			continue;

		regcli_shutdown(e->cli);
		e->cli = cli;
		state_handler(false, "no more calls are taken", e);
	}
}


/**
 * Forget all registrations, without a word to the registrars
 */
void sip_register_close(void)
{
	if (!reg.open)
		return;

	uag_event_unregister(event_handler);
	list_flush(&reg.entryl);
	reg.open = false;
}


/**
 * Is a User-Agent registered?
 *
 * @param ua User-Agent
 *
 * @return True if it is
 */
bool sip_registered(const struct ua *ua)
{
	const struct entry *e = find(ua);

	return e ? regcli_is_ok(e->cli) : ua_isregistered(ua);
}


/**
 * Is a User-Agent to be registered?
 *
 * @param ua User-Agent
 *
 * @return True if so, false if its account says regint=0
 */
bool sip_registers(const struct ua *ua)
{
	return find(ua) || account_regint(ua_account(ua));
}


/**
 * Who has registered a User-Agent?
 *
 * @param sa Its address (output)
 * @param ua User-Agent
 *
 * @return True if that is known; not of what baresip has registered itself
 */
bool sip_registrar(struct sa *sa, const struct ua *ua)
{
	const struct entry *e = find(ua);

	return e && regcli_is_ok(e->cli) && regcli_peer(sa, e->cli);
}


/**
 * The proxy that the configuration gives a User-Agent
 *
 * @param ua User-Agent
 *
 * @return Its URI, NULL if there is none
 */
const char *sip_outbound(const struct ua *ua)
{
	const struct entry *e = find(ua);

	return e ? regcli_outbound(e->cli)
		: account_outbound(ua_account(ua), 0);
}
