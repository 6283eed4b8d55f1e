/**
 * @file connectycube_ami/proxy/rewrite.c  What a bridge is sent
 *
 * Pure.
 */
#include <re.h>
#include "base/mono.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/proxy_core.h"


static int write_id(struct mbuf *mb, const struct pl *id)
{
	return id && id->l ? mbuf_printf(mb, "ActionID: %r\r\n", id) : 0;
}


/**
 * Write a message of Asterisk's as it was, but for its ActionID
 *
 * @param mb  Written to
 * @param msg Message
 * @param id  ActionID of who asked, NULL: nobody did
 *
 * @return 0 if success, ENOMEM
 */
int ami_rewrite(struct mbuf *mb, const struct ami_message *msg,
		const struct pl *id)
{
	size_t i;
	int err = 0;

	for (i=0; i<msg->fieldc && !err; i++) {

		const struct ami_field *f = &msg->fieldv[i];

		if (pl_strcasecmp(&f->name, "ActionID"))
			err = mbuf_printf(mb, "%r: %r\r\n", &f->name,
					  &f->value);
		if (!i && !err)
			err = write_id(mb, id);
	}

	return err ? err : mbuf_write_str(mb, "\r\n");
}


/**
 * Write a response
 *
 * @param mb       Written to
 * @param id       ActionID, may be NULL
 * @param response "Success", "Error"
 * @param message  What there is to say
 *
 * @return 0 if success, ENOMEM
 */
int ami_write_response(struct mbuf *mb, const struct pl *id,
		       const char *response, const char *message)
{
	int err;

	err  = mbuf_printf(mb, "Response: %s\r\n", response);
	err |= write_id(mb, id);
	err |= mbuf_printf(mb, "Message: %s\r\n\r\n", message);

	return err;
}


/**
 * Write that nobody knows what has come of an action, which is no refusal
 *
 * @param mb   Written to
 * @param id   ActionID, may be NULL
 * @param late Asterisk has not answered in time; false: the link was lost
 * @param why  Why, for people
 *
 * @return 0 if success, ENOMEM
 */
int ami_write_unknown(struct mbuf *mb, const struct pl *id, bool late,
		      const char *why)
{
	int err;

	err  = mbuf_write_str(mb, "Response: Error\r\n");
	err |= write_id(mb, id);

	return err | mbuf_printf(mb, AMI_OUTCOME ": %s\r\nMessage: %s\r\n\r\n",
				 late ? "late" : "lost", why);
}


/**
 * Write a channel, as Asterisk lists it
 *
 * @param mb   Written to
 * @param id   ActionID, may be NULL
 * @param chan Channel
 *
 * @return 0 if success, ENOMEM
 */
int ami_write_channel(struct mbuf *mb, const struct pl *id,
		      const struct ami_channel *chan)
{
	const struct {
		const char *name;
		const char *value;
	} fieldv[] = {
		{"Channel",           chan->name},
		{"CallerIDNum",       chan->number},
		{"CallerIDName",      chan->caller},
		{"ConnectedLineNum",  chan->peer_number},
		{"ConnectedLineName", chan->peer_name},
		{"AccountCode",       chan->account},
		{"Context",           chan->context},
		{"Exten",             chan->exten},
		{"Uniqueid",          chan->id},
		{"Linkedid",          chan->linked},
		{"BridgeId",          chan->bridge},
	};
	const uint64_t now = mono_ms();
	const uint64_t secs = now > chan->since ? (now - chan->since) / 1000 :
		0;
	size_t i;
	int err;

	err  = mbuf_write_str(mb, "Event: CoreShowChannel\r\n");
	err |= write_id(mb, id);
	err |= mbuf_printf(mb, "ChannelState: %u\r\n", chan->state);
	err |= mbuf_printf(mb, "Duration: %02llu:%02llu:%02llu\r\n",
			   secs / 3600, secs / 60 % 60, secs % 60);
	for (i=0; i<ARRAY_SIZE(fieldv); i++)
		err |= mbuf_printf(mb, "%s: %s\r\n", fieldv[i].name,
				   fieldv[i].value);

	return err | mbuf_write_str(mb, "\r\n");
}
