/**
 * @file cube/control.c  System messages between app and bridge, read and made
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube.h"
#include "xml.h"
#include "signal.h"
#include "control.h"


static void destructor(void *data)
{
	struct control *ctl = data;

	mem_deref(ctl->src);
}


/* One word, in logs and answers too */
static bool is_word(const char *str, size_t max)
{
	size_t i;

	for (i=0; str[i]; i++) {
		if (str[i] <= ' ' || str[i] > '~')
			return false;
	}

	return i > 0 && i <= max;
}


/* What is wrong is told to whoever asked, as far as that can be repeated */
static void check(struct control *ctl)
{
	/* what tells is no request, even if it names the one that it answers:
	   two bridges would answer each other for ever */
	if (!control_value(ctl, "event"))
		ctl->action = control_value(ctl, "action");

	ctl->session = control_value(ctl, "session_id");
	ctl->request = control_value(ctl, "request_id");

	if (ctl->request && !is_word(ctl->request, CONTROL_REQUEST_MAX)) {
		ctl->request = NULL;
		ctl->fault   = "request_id: 1 to 63 characters, no blanks";
	}

	if (ctl->session && !is_word(ctl->session, SIGNAL_SID_MAX)) {
		ctl->session = NULL;
		ctl->fault   = "session_id: 1 to 63 characters, no blanks";
	}

	if (ctl->action && !is_word(ctl->action, CONTROL_ACTION_MAX)) {
		ctl->action = "?";
		ctl->fault  = "action: 1 to 31 characters, no blanks";
	}
}


/* An empty value is none */
static void add_value(struct control *ctl, const char *name,
		      const char *value)
{
	if (ctl->infoc >= ARRAY_SIZE(ctl->infov)) {
		ctl->fault = "too many values";
		return;
	}

	ctl->infov[ctl->infoc].name  = name;
	ctl->infov[ctl->infoc].value = value;
	++ctl->infoc;
}


/**
 * Decode a message stanza into a system message of ours
 *
 * @param ctlp Returned message; the caller derefs it
 * @param msg  Message stanza; a reference to it is kept
 *
 * @return 0 if success; EINVAL no argument; ENOENT the stanza is none of ours;
 *         ENOMEM
 */
int control_decode(struct control **ctlp, struct xml *msg)
{
	const struct xml *extra = xml_child(msg, "extraParams", NULL);
	struct control *ctl;
	struct le *le;

	if (!ctlp || !msg)
		return EINVAL;

	if (!xml_is(msg, "message", NULL) || !xml_attr(msg, "from") ||
	    0 == str_casecmp(xml_attr(msg, "type"), "error") ||
	    str_cmp(xml_child_text(extra, "moduleIdentifier"),
		    "SystemNotifications") ||
	    str_cmp(xml_child_text(extra, "bridge"), "1"))
		return ENOENT;

	ctl = mem_zalloc(sizeof(*ctl), destructor);
	if (!ctl)
		return ENOMEM;

	ctl->src   = mem_ref(msg);
	ctl->from  = xml_attr(msg, "from");
	ctl->stale = xml_is_delayed(msg);

	for (le = list_head(&extra->childl); le; le = le->next) {

		const struct xml *x = le->data;

		if (str_cmp(x->name, "moduleIdentifier"))
			add_value(ctl, x->name, xml_text(x));
	}

	check(ctl);
	*ctlp = ctl;

	return 0;
}


/**
 * Read the same out of the userInfo of an `update` signal, which older SDKs
 * have
 *
 * @param ctlp Returned message; the caller derefs it
 * @param sig  Signal; a reference to it is kept
 *
 * @return 0 if success; EINVAL no argument; ENOENT there is nothing of ours in
 *         it; ENOMEM
 */
int control_from_signal(struct control **ctlp, struct signal *sig)
{
	struct control *ctl;
	size_t i;

	if (!ctlp || !sig)
		return EINVAL;

	if (!sig->from || str_cmp(signal_info(sig, "bridge"), "1"))
		return ENOENT;

	ctl = mem_zalloc(sizeof(*ctl), destructor);
	if (!ctl)
		return ENOMEM;

	ctl->src   = mem_ref(sig);
	ctl->from  = sig->from;
	ctl->stale = sig->stale;

	for (i=0; i<sig->infoc; i++)
		add_value(ctl, sig->infov[i].name, sig->infov[i].value);

	check(ctl);

	/* it is the signal's in any case */
	ctl->session = sig->sid;
	*ctlp = ctl;

	return 0;
}


/**
 * Encode a system message
 *
 * @param mb    Buffer to append to
 * @param infov Values; their names are names of elements. One without a value
 *              is left out
 * @param infoc Number of values
 * @param to    JID of the receiver
 * @param id    Id of the stanza
 *
 * @return 0 if success; EINVAL no argument; ENOMEM
 */
int control_encode(struct mbuf *mb, const struct cube_info *infov,
		   size_t infoc, const char *to, const char *id)
{
	struct pl name;
	size_t i;
	int err;

	if (!mb || !infov || !to || !id)
		return EINVAL;

	err = mbuf_printf(mb, "<message xmlns=\"jabber:client\" to=\"%H\""
			  " type=\"headline\" id=\"%H\">"
			  "<extraParams xmlns=\"jabber:client\">"
			  "<moduleIdentifier>SystemNotifications"
			  "</moduleIdentifier>",
			  xml_attr_print, to, xml_attr_print, id);

	for (i=0; i<infoc && !err; i++) {

		if (!infov[i].value)
			continue;

		pl_set_str(&name, infov[i].name);
		err = mbuf_printf(mb, "<%H>%H</%H>", xml_name_print, &name,
				  xml_text_print, infov[i].value,
				  xml_name_print, &name);
	}

	return err ? err : mbuf_write_str(mb, "</extraParams></message>");
}


/**
 * Get a value
 *
 * @param ctl  Message
 * @param name Its name
 *
 * @return First value of that name, NULL if there is none
 */
const char *control_value(const struct control *ctl, const char *name)
{
	size_t i;

	for (i=0; ctl && i<ctl->infoc; i++) {

		if (0 == str_cmp(ctl->infov[i].name, name))
			return ctl->infov[i].value;
	}

	return NULL;
}


/**
 * Read the keys of a request: all of them can be sent, or none
 *
 * @param ctl  Message
 * @param buf  Returned keys, in capital letters
 * @param size Size of the buffer, CONTROL_KEYS_MAX + 1 or more [bytes]
 *
 * @return NULL if success, otherwise what is wrong
 */
const char *control_keys(const struct control *ctl, char *buf, size_t size)
{
	const char *keys = control_value(ctl, "keys");
	const size_t n = str_len(keys);
	size_t i;

	if (!n || n > CONTROL_KEYS_MAX || n >= size)
		return "keys: 1 to 32 of 0-9, *, #, A-D";

	for (i=0; i<n; i++) {

		buf[i] = keys[i] >= 'a' && keys[i] <= 'd'
			? (char)(keys[i] - 'a' + 'A') : keys[i];

		if (!strchr("0123456789*#ABCD", buf[i]))
			return "keys: 1 to 32 of 0-9, *, #, A-D";
	}

	buf[n] = '\0';

	return NULL;
}
