/**
 * @file cube/dialog.c  Dialogs: where apps file what they are written
 *
 *   first text to a user --POST /chat/Dialog.json--> cloud
 *     waits  <-- id: the dialog of the two, made if there was none
 *   text of a user that has one --> id
 *
 * An app shows a text without a dialog nowhere, and SDKs do not say that it
 * was delivered. Where the cloud does not answer soon, or knows no dialogs,
 * texts go without.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/mono.h"
#include "peer/peer.h"
#include "cube.h"
#include "signal.h"
#include "session.h"
#include "rest.h"
#include "link.h"
#include "chat.h"
#include "core.h"


enum {
	DIALOG_MAX   = 256,     /**< Dialogs that are remembered           */
	DIALOG_AGAIN = 60000,   /**< Not asked for again before [ms]       */
};

/** A dialog with another user */
struct dialog {
	struct le le;           /**< Member of the user's dialogl          */
	struct cube *c;         /**< Our user (parent)                     */
	char *user;             /**< The other one's id (owner)            */
	char *id;               /**< Id of the dialog, NULL=unknown (owner) */
	struct rest_req *req;   /**< Running request (owner), or NULL      */
	bool asked;             /**< It runs                               */
	bool late;              /**< ... for too long: nobody waits for it */
	struct tmr tmr;         /**< Until it is late                      */
	uint64_t again;         /**< Unknown: may be asked for then [ms]   */
};


static void destructor(void *data)
{
	struct dialog *d = data;

	list_unlink(&d->le);
	tmr_cancel(&d->tmr);
	mem_deref(d->req);
	mem_deref(d->user);
	mem_deref(d->id);
}


static struct dialog *find(const struct cube *c, const char *user)
{
	struct le *le;

	for (le = list_head(&c->dialogl); le; le = le->next) {

		struct dialog *d = le->data;

		if (0 == str_cmp(d->user, user))
			return d;
	}

	return NULL;
}


/* Texts wait for those that are asked for */
static void make_room(struct cube *c)
{
	struct le *le;

	if (list_count(&c->dialogl) < DIALOG_MAX)
		return;

	for (le = list_head(&c->dialogl); le; le = le->next) {

		struct dialog *d = le->data;

		if (!d->asked) {
			mem_deref(d);
			return;
		}
	}
}


static struct dialog *get(struct cube *c, const char *user)
{
	struct dialog *d = find(c, user);

	if (d)
		return d;

	make_room(c);
	if (list_count(&c->dialogl) >= DIALOG_MAX)
		return NULL;

	d = mem_zalloc(sizeof(*d), destructor);
	if (!d)
		return NULL;

	d->c = c;
	if (str_dup(&d->user, user))
		return mem_deref(d);

	list_append(&c->dialogl, &d->le, d);

	return d;
}


/**
 * Find the dialog with a user
 *
 * @param c    Our user
 * @param user User id
 *
 * @return Its id, NULL if it is not known
 */
const char *dialog_find(const struct cube *c, const char *user)
{
	const struct dialog *d = find(c, user);

	return d ? d->id : NULL;
}


/**
 * A user names the dialog that it writes in, which is the same both ways
 *
 * @param c    Our user
 * @param user User id
 * @param id   Id of the dialog, NULL=none
 */
void dialog_learn(struct cube *c, const char *user, const char *id)
{
	struct dialog *d;
	char *copy;

	if (!str_isset(id) || str_len(id) > CHAT_ID_MAX)
		return;

	d = get(c, user);
	if (!d || 0 == str_cmp(d->id, id) || str_dup(&copy, id))
		return;

	mem_deref(d->id);
	d->id = copy;
}


/* It may be gone with those who are told */
static void done(struct dialog *d)
{
	mem_ref(d);
	chat_dialog_told(d->c, d->user);
	mem_deref(d);
}


static void late_handler(void *arg)
{
	struct dialog *d = arg;

	d->late = true;
	done(d);
}


static void resp_handler(int err, unsigned scode, const char *body,
			 size_t len, void *arg)
{
	struct dialog *d = arg;
	char *id = NULL;

	d->req   = mem_deref(d->req);
	d->asked = false;
	tmr_cancel(&d->tmr);

	if (!err && scode >= 200 && scode <= 299)
		err = chat_decode_dialog(&id, body, len);

	if (id && !d->id)
		d->id = mem_ref(id);

	if (!d->id) {
		d->again = mono_ms() + DIALOG_AGAIN;
		clog_debug("cube: no dialog with user %s: HTTP status %u,"
			   " %m\n", d->user, scode, err);
	}

	mem_deref(id);

	if (!d->late)
		done(d);
}


static int request(struct dialog *d)
{
	static const char path[] = "/chat/Dialog.json";
	struct cube *c = d->c;
	char *body = NULL;
	int err;

	/* 3: of two */
	err = re_sdprintf(&body, "{\"type\":3,\"occupants_ids\":\"%s\"}",
			  d->user);
	if (!err)
		err = c->posth ? c->posth(path, body, resp_handler, d,
					  c->send_arg)
			: link_request(c->link, &d->req, "POST", path, body,
				       resp_handler, d);

	mem_deref(body);

	return err;
}


/**
 * May the dialog with a user be known soon? It is asked for, if need be
 *
 * @param c    Our user
 * @param user User id
 *
 * @return True if so: chat_dialog_told() is called; false if there is nothing
 *         to wait for
 */
bool dialog_wait(struct cube *c, const char *user)
{
	struct dialog *d;

	/* it becomes part of JSON */
	if (dialog_find(c, user) || strspn(user, "0123456789") != strlen(user))
		return false;

	d = get(c, user);
	if (!d)
		return false;

	if (d->asked)
		return !d->late;

	if (mono_ms() < d->again)
		return false;

	d->asked = true;
	d->late  = false;
	if (request(d)) {
		d->asked = false;
		d->again = mono_ms() + DIALOG_AGAIN;
		return false;
	}

	tmr_start(&d->tmr, c->dialog_wait, late_handler, d);

	return true;
}


/**
 * Forget all dialogs
 *
 * @param c User
 */
void dialog_flush(struct cube *c)
{
	list_flush(&c->dialogl);
}
