/**
 * @file call/command.c  What the bridge can be ordered to do, by name
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "compat_re.h"
#include "base/log.h"
#include "call/command.h"
#include "call/jsonadd.h"


/** Those that somebody has registered */
struct command_set {
	struct le le;           /**< Member of setl                        */
	const struct command *v; /**< Commands (pointer)                   */
	size_t n;               /**< Number of them                        */
};

static struct list setl;


static void destructor(void *data)
{
	struct command_set *set = data;

	list_unlink(&set->le);
}


static const struct command *find(const char *name)
{
	struct le *le;
	size_t i;

	for (le = setl.head; le; le = le->next) {

		const struct command_set *set = le->data;

		for (i=0; i<set->n; i++) {
			if (!str_cmp(set->v[i].name, name))
				return &set->v[i];
		}
	}

	return NULL;
}


/**
 * Let something be ordered. Ends by mem_deref()
 *
 * @param setp Pointer to the registration
 * @param v    Commands, which live as long
 * @param n    Number of them
 *
 * @return 0 if success, EALREADY if somebody has one of them, otherwise
 *         errorcode
 */
int command_register(struct command_set **setp, const struct command *v,
		     size_t n)
{
	struct command_set *set;
	size_t i;

	if (!setp || !v || !n)
		return EINVAL;

	for (i=0; i<n; i++) {
		if (find(v[i].name))
			return EALREADY;
	}

	set = mem_zalloc(sizeof(*set), destructor);
	if (!set)
		return ENOMEM;

	set->v = v;
	set->n = n;
	list_append(&setl, &set->le, set);
	*setp = set;

	return 0;
}


static int run(struct mbuf *mb, struct command_req *req,
	       const struct command *cmd)
{
	const size_t end = mb->end;
	int err;

	err = cmd->h(req, cmd->arg);
	if (err)
		return err;

	mb->pos = end;
	err = mbuf_printf(mb, "%H", json_encode_odict, req->result);
	if (err)
		mb->end = end;
	mb->pos = end;

	return err;
}


/**
 * Do as is ordered
 *
 * @param mb     What comes of it is appended, as JSON
 * @param why    Set to why it is refused
 * @param size   Room there [bytes]
 * @param name   Name of the command
 * @param params Its parameters, an object as JSON; NULL=none
 *
 * @return 0 if it is done, or begun; ENOSYS if there is no such command,
 *         otherwise as command_h
 */
int command_run(struct mbuf *mb, char *why, size_t size, const char *name,
		const char *params)
{
	const struct command *cmd = find(name);
	struct command_req req = {.why = ""};
	const char *text = str_isset(params) ? params : "{}";
	struct odict *od = NULL;
	int err;

	if (!mb || !why || !size)
		return EINVAL;

	why[0] = '\0';
	if (!cmd) {
		(void)re_snprintf(why, size, "there is no such command here");
		return ENOSYS;
	}

	if (strlen(text) > COMMAND_MAX || text[0] != '{' ||
	    json_decode_odict(&od, JSON_HASH_SIZE, text, strlen(text),
			      COMMAND_DEPTH)) {
		(void)re_snprintf(why, size, "the parameters are no object");
		return EINVAL;
	}

	req.params = od;
	err = odict_alloc(&req.result, JSON_HASH_SIZE);
	if (!err)
		err = run(mb, &req, cmd);
	if (err)
		str_ncpy(why, req.why[0] ? req.why : strerror(err), size);
	if (!cmd->asks)
		clog_info("the hub orders %s: %s%s%s\n", cmd->name,
			  command_word(err), err ? ": " : "", why);

	mem_deref(req.result);
	mem_deref(od);

	return err;
}


/**
 * Why an order was refused, in one word of a closed list
 *
 * @param err Errorcode of command_run()
 *
 * @return Word
 */
const char *command_word(int err)
{
	switch (err) {

	case 0:       return "ok";
	case ENOSYS:  return "unknown";
	case EINVAL:  return "invalid";
	case ENOENT:  return "not_found";
	case EBUSY:   return "busy";
	case EPERM:   return "forbidden";
	case ENOTSUP: return "unsupported";
	default:      return "failed";
	}
}


/**
 * Refuse an order
 *
 * @param req Order
 * @param err Errorcode
 * @param fmt Why, for people
 *
 * @return The errorcode
 */
int command_refuse(struct command_req *req, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)re_vsnprintf(req->why, sizeof(req->why), fmt, ap);
	va_end(ap);

	return err;
}


/**
 * Get a parameter that is text
 *
 * @param req Order
 * @param key Its name
 *
 * @return Text, NULL=there is none
 */
const char *command_str(const struct command_req *req, const char *key)
{
	const char *str = odict_string(req->params, key);

	return str_isset(str) ? str : NULL;
}


/**
 * Get a parameter that is a number
 *
 * @param req   Order
 * @param key   Its name
 * @param value Set to it
 *
 * @return True if there is one, and it may be
 */
bool command_u32(const struct command_req *req, const char *key,
		 uint32_t *value)
{
	const struct odict_entry *e = odict_lookup(req->params, key);

	if (!e || odict_entry_type(e) != ODICT_INT ||
	    odict_entry_int(e) < 0 || odict_entry_int(e) > UINT32_MAX)
		return false;

	*value = (uint32_t)odict_entry_int(e);

	return true;
}


/**
 * Get a parameter that is yes or no
 *
 * @param req   Order
 * @param key   Its name
 * @param value Set to it
 *
 * @return True if there is one
 */
bool command_bool(const struct command_req *req, const char *key, bool *value)
{
	return odict_get_boolean(req->params, value, key);
}
