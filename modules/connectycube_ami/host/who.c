/**
 * @file connectycube_ami/host/who.c  Whose channels concern this bridge, told
 *                                    the hub
 *
 * Devices of its extensions' accounts, those that answer for them, and the
 * extensions themselves, which dialplans call, and the channels of callers who
 * wait for one of them. Lines of `users` may change while
 * it runs: what is told then is told anew.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "call/event.h"
#include "observe.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/ami.h"
#include "connectycube_ami/host/serve.h"
#include "connectycube_ami/host/waiting.h"


enum {
	LOOK_TIME = 5000,       /* whether they have changed [ms]        */
	NAMES_MAX = AMI_VALUE_MAX - 8, /* of names in a line [bytes]      */
};

/** Lines that are being written */
struct writing {
	struct mbuf *mb;
	const char *field;      /* its name                              */
	bool devices;           /* else extensions                       */
	size_t begin;           /* where the line's names do, 0=no line  */
	int err;
};

static struct {
	struct ami_client *client; /* (pointer) */
	const struct observe *observe; /* (pointer) */
	struct tmr tmr;
	uint32_t sum;           /* of what was told last                 */
} who;


static void write_name(struct writing *w, const char *tech, const char *name)
{
	const size_t n = strlen(tech) + strlen(name);
	bool full;

	if (w->err || n > NAMES_MAX)
		return;

	full = w->begin && w->mb->end - w->begin + n + 1 > NAMES_MAX;
	if (full)
		w->err = mbuf_write_str(w->mb, "\r\n");
	if (!w->err && (full || !w->begin)) {
		w->err = mbuf_printf(w->mb, "%s: ", w->field);
		w->begin = w->mb->end;
	}
	else if (!w->err) {
		w->err = mbuf_write_str(w->mb, ",");
	}

	if (!w->err)
		w->err = mbuf_printf(w->mb, "%s%s", tech, name);
}


static bool write_handler(const struct ami_extension *ext, void *arg)
{
	struct writing *w = arg;
	const bool sane = ext->user && ami_word_is_sane(ext->user);

	if (!w->devices) {
		if (sane)
			write_name(w, "", ext->user);
		return w->err != 0;
	}

	if (sane) {
		write_name(w, "PJSIP/", ext->user);
		write_name(w, "SIP/", ext->user);
	}
	if (ext->answer && ami_device_is_sane(ext->answer) &&
	    !strchr(ext->answer, '@'))
		write_name(w, "", ext->answer);

	return w->err != 0;
}


static int end_line(struct writing *w)
{
	if (!w->err && w->begin)
		w->err = mbuf_write_str(w->mb, "\r\n");

	return w->err;
}


static int write_all(struct mbuf *mb, const struct observe *ob, bool devices)
{
	struct writing w = {.mb = mb, .devices = devices,
		.field = devices ? "Device" : "Extension"};

	(void)ob->ami_extensions(write_handler, &w);

	return end_line(&w);
}


static void waiting_handler(const char *id, bool accepted, void *arg)
{
	(void)accepted;

	if (ami_value_is_sane(id) && !strchr(id, ','))
		write_name(arg, "", id);
}


/* Of these callers the hub would not know any more whom they concern */
static int write_waiting(struct mbuf *mb)
{
	struct writing w = {.mb = mb, .field = "Uniqueid"};

	(void)waiting_apply(waiting_handler, &w);

	return end_line(&w);
}


/* The name of the profile's folder, as the hub has it of the bridge's link */
static int write_user(struct mbuf *mb)
{
	char path[512], *name;

	if (conf_path_get(path, sizeof(path)))
		return 0;

	while (path[0] && path[strlen(path) - 1] == '/')
		path[strlen(path) - 1] = '\0';
	name = strrchr(path, '/');
	name = name ? name + 1 : path;

	return name[0] && ami_value_is_sane(name) ?
		ami_action_add(mb, "Username", name) : 0;
}


static int write_own(struct mbuf *mb, const struct observe *ob)
{
	int err;

	err = write_user(mb);
	if (!err)
		err = write_all(mb, ob, true);

	return err ? err : write_all(mb, ob, false);
}


/**
 * Write who we are: fields of the login at the hub
 *
 * @param mb Written to
 * @param ob The bridge, struct observe
 *
 * @return 0 if success, otherwise errorcode
 */
int who_write(struct mbuf *mb, void *ob)
{
	int err = write_own(mb, ob);

	return err ? err : write_waiting(mb);
}


static uint32_t get_sum(void)
{
	struct mbuf *mb = mbuf_alloc(1024);
	uint32_t sum = who.sum;

	if (mb && !write_own(mb, who.observe))
		sum = hash_joaat(mb->buf, mb->end);
	mem_deref(mb);

	return sum;
}


static void look_handler(void *arg)
{
	const uint32_t sum = get_sum();
	(void)arg;

	/* in the midst of a login it is told when that is over */
	if (sum == who.sum || ami_client_tell_who(who.client) != EAGAIN)
		who.sum = sum;

	tmr_start(&who.tmr, LOOK_TIME, look_handler, NULL);
}


/**
 * Look whether it changes
 *
 * @param client Told the hub by it; stays until who_stop()
 * @param ob     The bridge; the same
 *
 * @return 0 if success, otherwise errorcode
 */
int who_start(struct ami_client *client, const struct observe *ob)
{
	who.client  = client;
	who.observe = ob;
	who.sum     = get_sum();
	tmr_start(&who.tmr, LOOK_TIME, look_handler, NULL);

	return 0;
}


/**
 * Look no more
 */
void who_stop(void)
{
	tmr_cancel(&who.tmr);
	memset(&who, 0, sizeof(who));
}
