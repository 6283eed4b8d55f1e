/**
 * @file connectycube_ami/clientprint.c  How the connection with an Asterisk is
 */
#include <re.h>
#include "base/mono.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "names.h"
#include "client_core.h"
#include "transport.h"


/**
 * Print where it is, or is to be
 *
 * @param pf Print backend
 * @param c  Client
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_client_where(struct re_printf *pf, const struct ami_client *c)
{
	if (c->via_hub || !c->host)
		return re_hprintf(pf, "the hub (%s)", c->socket);

	return re_hprintf(pf, "%s port %u", c->host, c->cfg.port);
}


/**
 * Print how it is
 *
 * @param pf Print backend
 * @param c  Client
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_client_print(struct re_printf *pf, const struct ami_client *c)
{
	const struct ami_session *s;
	uint64_t age;
	int err;

	if (!c)
		return 0;

	s   = c->session;
	age = c->since ? (mono_ms() - c->since) / 1000 : 0;

	err = re_hprintf(pf, "%H", ami_client_where, c);
	if (!c->via_hub && c->host)
		err |= re_hprintf(pf, "%s as %s",
				  ami_transport_is_tls(c->transport) ?
				  " (TLS)" : "", c->user);
	err |= re_hprintf(pf, ": %s",
			  ami_session_state_name(ami_session_state(s)));
	if (c->since)
		err |= re_hprintf(pf, " for %llu s", age);
	if (ami_session_banner(s)[0])
		err |= re_hprintf(pf, ", %s", ami_session_banner(s));
	err |= re_hprintf(pf, "\nchannels: %u, tries: %llu, events: %s\n",
			  ami_table_count(ami_session_table(s)), c->tries,
			  ami_session_is_filtered(s) ? "those of use" : "all");
	if (ami_table_refused(ami_session_table(s)))
		err |= re_hprintf(pf, "not kept, as there are too many or they"
				  " are wrong: %llu\n",
				  ami_table_refused(ami_session_table(s)));
	if (c->via_hub && ami_session_state(s) == AMI_GREETING)
		err |= re_hprintf(pf, "the hub is not connected with Asterisk:"
				  " its own /ami_status says why\n");
	if (c->socket && c->host && !c->via_hub)
		err |= re_hprintf(pf, "the hub is not there (%s): connected"
				  " directly\n", c->socket);
	if (c->why[0])
		err |= re_hprintf(pf, "last: %s\n", c->why);

	return err;
}
