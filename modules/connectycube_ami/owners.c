/**
 * @file connectycube_ami/owners.c  Whose a channel is, of all extensions
 *
 * Pure. Time is an argument.
 */
#include <re.h>
#include "message.h"
#include "table.h"
#include "call/amiext.h"
#include "rights.h"
#include "owners.h"


/** An extension, with text of its own */
struct owner {
	struct le le;
	struct ami_extension ext;
	char *aor;
	char *user;
	char *answer;
};

/** Extensions */
struct ami_owners {
	struct list ownerl;     /* struct owner (owned)                  */
	ami_extensions_h *exth; /* shows them                            */
	uint64_t asked;         /* when they were [ms], 0=never          */
};


static void owner_destructor(void *data)
{
	struct owner *own = data;

	list_unlink(&own->le);
	mem_deref(own->aor);
	mem_deref(own->user);
	mem_deref(own->answer);
}


static void destructor(void *data)
{
	struct ami_owners *o = data;

	list_flush(&o->ownerl);
}


/**
 * Allocate what knows the extensions
 *
 * @param op   Pointer to it, freed by mem_deref()
 * @param exth Shows all extensions
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_owners_alloc(struct ami_owners **op, ami_extensions_h *exth)
{
	struct ami_owners *o;

	if (!op || !exth)
		return EINVAL;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	o->exth = exth;
	*op = o;

	return 0;
}


static int copy(char **strp, const char *str)
{
	return str ? str_dup(strp, str) : 0;
}


/* One for which there is no memory is missing until the next time */
static bool extension_handler(const struct ami_extension *ext, void *arg)
{
	struct ami_owners *o = arg;
	struct owner *own = mem_zalloc(sizeof(*own), owner_destructor);

	if (!own)
		return true;

	if (copy(&own->aor, ext->aor) || copy(&own->user, ext->user) ||
	    copy(&own->answer, ext->answer)) {
		mem_deref(own);
		return true;
	}

	own->ext.aor    = own->aor;
	own->ext.user   = own->user;
	own->ext.answer = own->answer;
	list_append(&o->ownerl, &own->le, own);

	return false;
}


/**
 * Find the extension of one of whose own devices a channel is
 *
 * @param o       What knows the extensions
 * @param channel Full name of the channel
 * @param now     Time [ms]
 *
 * @return Its SIP address, valid until the next time this is asked; NULL=of
 *         none
 */
const char *ami_owners_find(struct ami_owners *o, const char *channel,
			    uint64_t now)
{
	struct le *le;

	if (!o)
		return NULL;

	if (!o->asked || now < o->asked ||
	    now - o->asked > AMI_OWNERS_FRESH) {
		list_flush(&o->ownerl);
		(void)o->exth(extension_handler, o);
		o->asked = now;
	}

	for (le = o->ownerl.head; le; le = le->next) {

		const struct owner *own = le->data;

		if (ami_owns(&own->ext, channel))
			return own->aor;
	}

	return NULL;
}
