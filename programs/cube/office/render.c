/**
 * @file render.c  What an instance runs with: config, accounts, users
 *
 * Pure. What is not said in common.conf is as in profiles/headless.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "office.h"
#include "parsing.h"
#include "sync.h"

#define HEAD "# made by cube sync of common.conf and extensions.conf:" \
	" what is changed here is lost\n"


#define MAX_CALLS "connectycube_max_calls"

enum {
	MAX_CALLS_DEFAULT = 16, /**< As the bridge has it                  */
	MAX_CALLS_MOST = 1000,
};

/* As in profiles/headless, which says why */
static const char *const basev[][2] = {
	{"connectycube_api_url", "https://api.connectycube.com"},
	{"connectycube_chat_url", "wss://chat.connectycube.com:5291/"},
	{"poll_method", "epoll"},
	{"rtp_ports", "10000-19999"},
	{"rtp_tos", "184"},
	{"call_local_timeout", "0"},
	{"call_max_calls", "0"},
	{"rtp_timeout", "0"},
	{"rtcp_mux", "no"},
	{"jitter_buffer_delay", "0-0"},
	{"audio_source", "connectycube,nil"},
	{"audio_player", "connectycube,nil"},
	{"audio_alert", "connectycube,nil"},
	{"opus_stereo", "no"},
	{"opus_sprop_stereo", "no"},
	{"opus_inbandfec", "yes"},
	{"module_path", "/usr/lib/baresip/modules"},
};

/* In this order; those of common.conf are in front of the last ones */
static const char *const codecv[] = {
	"opus.so", "g722.so", "g711.so", "srtp.so", NULL
};
static const char *const tmpv[] = {"uuid.so", NULL};
static const char *const appv[] = {
	"connectycube.so", "connectycube_link.so", NULL
};
static const char *const lastv[] = {
	"account.so", "connectycube_console.so", NULL
};


static bool is_module(const struct office_key *k)
{
	return !str_casecmp(k->key, "module") ||
		!str_casecmp(k->key, "module_tmp") ||
		!str_casecmp(k->key, "module_app");
}


static bool is_left_out(const struct office *o, const struct office_key *k)
{
	return !o->one && office_is_open(k);
}


static bool is_in(const char *const *v, const char *str)
{
	for (; *v; v++) {
		if (!strcmp(*v, str))
			return true;
	}

	return false;
}


static int put_modules(struct mbuf *mb, const char *key,
		       const char *const *v)
{
	int err = 0;

	for (; *v && !err; v++)
		err = mbuf_printf(mb, "%s %s\n", key, *v);

	return err;
}


/* Those of common.conf, but for what is there anyway */
static int put_more(struct mbuf *mb, const struct office *o, const char *key)
{
	size_t i;
	int err = 0;

	for (i=0; i<o->keyc && !err; i++) {

		const struct office_key *k = &o->keyv[i];

		if (str_casecmp(k->key, key) || is_in(codecv, k->val) ||
		    is_in(tmpv, k->val) || is_in(appv, k->val) ||
		    is_in(lastv, k->val) || is_left_out(o, k))
			continue;

		err = mbuf_printf(mb, "%s %s\n", key, k->val);
	}

	return err;
}


static int put_listen(struct mbuf *mb, const struct office *o,
		      const struct sync_ports *ports)
{
	const char *host = office_value(o, "net_interface");
	struct sa sa;

	if (office_value(o, "sip_listen"))
		return 0;

	/* a name of an interface is none to listen on */
	if (!host || sa_set_str(&sa, host, ports->sip))
		(void)sa_set_str(&sa, "0.0.0.0", ports->sip);

	return mbuf_printf(mb, "sip_listen %J\n", &sa);
}


/* It is an extension's: a process that has many has so many times as many */
static int put_max_calls(struct mbuf *mb, const struct office *o)
{
	const char *str = office_value(o, MAX_CALLS);
	uint32_t n = MAX_CALLS_DEFAULT;
	struct pl pl;

	if (str) {
		pl_set_str(&pl, str);
		if (text_u32(&n, &pl, MAX_CALLS_MOST))
			return mbuf_printf(mb, MAX_CALLS " %s\n", str);
	}

	n = (uint32_t)min((uint64_t)n * o->extc, (uint64_t)MAX_CALLS_MOST);

	return mbuf_printf(mb, MAX_CALLS " %u\n", n);
}


/**
 * Write the keys that common.conf does not say
 *
 * @param mb Written to
 * @param o  Office
 *
 * @return 0 if success, ENOMEM
 */
int sync_render_base(struct mbuf *mb, const struct office *o)
{
	size_t i;
	int err = 0;

	for (i=0; i<ARRAY_SIZE(basev) && !err; i++) {
		if (!office_value(o, basev[i][0]))
			err = mbuf_printf(mb, "%s %s\n", basev[i][0],
					  basev[i][1]);
	}

	return err;
}


/**
 * Write the `config` of an instance
 *
 * @param mb    Written to
 * @param sy    Sync
 * @param ports The instance's
 *
 * @return 0 if success, ENOMEM
 */
int sync_render_config(struct mbuf *mb, const struct sync *sy,
		       const struct sync_ports *ports)
{
	const struct office *o = sy->o;
	size_t i;
	int err = mbuf_printf(mb, "%s", HEAD);

	/* the first one counts */
	if (!err && ports->pin[0])
		err = mbuf_printf(mb, "module_path %s/%s\n", sy->versions,
				  ports->pin);

	if (!err)
		err = sync_render_base(mb, o);
	if (!err && o->one)
		err = put_max_calls(mb, o);

	for (i=0; i<o->keyc && !err; i++) {
		if (!is_module(&o->keyv[i]) && !is_left_out(o, &o->keyv[i]) &&
		    !(o->one && !str_casecmp(o->keyv[i].key, MAX_CALLS)))
			err = mbuf_printf(mb, "%s %s\n", o->keyv[i].key,
					  o->keyv[i].val);
	}

	if (!err)
		err = put_listen(mb, o, ports);
	if (!err)
		err = put_modules(mb, "module", codecv);
	if (!err)
		err = put_more(mb, o, "module");
	if (!err)
		err = put_modules(mb, "module_tmp", tmpv);
	if (!err)
		err = put_more(mb, o, "module_tmp");
	if (!err)
		err = put_modules(mb, "module_app", appv);
	if (!err)
		err = put_more(mb, o, "module_app");

	return err ? err : put_modules(mb, "module_app", lastv);
}


static int put_head(struct mbuf *mb)
{
	return mb->end ? 0 : mbuf_printf(mb, "%s", HEAD);
}


static int put(struct mbuf *mb, const char *line, const char *name,
	       const char *password)
{
	struct pl pl;
	int err;

	err = put_head(mb);
	if (!err)
		err = mbuf_printf(mb, "%s", line);
	if (!err && password) {
		pl_set_str(&pl, password);
		err = office_put_param(mb, name, &pl);
	}

	return err ? err : mbuf_printf(mb, "\n");
}


/**
 * Write the `accounts` of extensions that have none (ami-only)
 *
 * @param mb Written to
 *
 * @return 0 if success, ENOMEM
 */
int sync_render_no_account(struct mbuf *mb)
{
	return put_head(mb);
}


/**
 * Write the line of an extension in `accounts`
 *
 * @param mb       Written to
 * @param ext      Extension
 * @param password Of its SIP account, NULL=none
 *
 * @return 0 if success, ENOMEM
 */
int sync_render_account(struct mbuf *mb, const struct office_ext *ext,
			const char *password)
{
	return put(mb, ext->account, "auth_pass", password);
}


/**
 * Write the line of an extension in `users`
 *
 * @param mb       Written to
 * @param ext      Extension
 * @param password Of its cloud user
 *
 * @return 0 if success, ENOMEM
 */
int sync_render_user(struct mbuf *mb, const struct office_ext *ext,
		     const char *password)
{
	return put(mb, ext->users, "cube_password", password);
}
