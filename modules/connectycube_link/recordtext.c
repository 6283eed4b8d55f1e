/**
 * @file connectycube_link/recordtext.c  A record as a line, and back to its id
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/event.h"
#include "record.h"
#include "keeper.h"


static int print(struct re_printf *pf, const struct odict *od)
{
	return json_encode_odict(pf, od);
}


/**
 * Append a record as a line of JSON
 *
 * @param mb   Buffer, left as it was on error
 * @param r    Record
 * @param host Name of this host
 *
 * @return 0 if success, otherwise errorcode
 */
int record_print(struct mbuf *mb, const struct record *r, const char *host)
{
	struct odict *od = NULL;
	size_t end;
	int err;

	if (!mb || !r)
		return EINVAL;

	end     = mb->end;
	mb->pos = end;

	err = record_json(&od, r, host);
	if (!err)
		err = mbuf_printf(mb, "%H\n", print, od);
	if (err)
		mb->end = end;

	mb->pos = mb->end;
	mem_deref(od);

	return err;
}


static bool skip(struct pl *pl, const char *text)
{
	const size_t len = strlen(text);

	if (pl->l < len || memcmp(pl->p, text, len))
		return false;

	pl_advance(pl, (ssize_t)len);

	return true;
}


/**
 * Find a record's id in its text, which we have written: it is near its
 * beginning, before anything that the far side has a say in
 *
 * @param id   Set to the id
 * @param size Room there [bytes], UUID_SIZE
 * @param json Its text, from its position
 *
 * @return True if there is one, and it may be a whole record
 */
bool record_id(char *id, size_t size, const struct mbuf *json)
{
	static const char head[] = "{\"v\":", key[] = ",\"id\":\"";
	struct pl pl, uuid;

	pl.p = (const char *)mbuf_buf(json);
	pl.l = mbuf_get_left(json);

	while (pl.l && pl.p[pl.l - 1] == '\n')
		--pl.l;

	if (!pl.l || pl.p[pl.l - 1] != '}' || !skip(&pl, head))
		return false;

	while (pl.l && pl.p[0] >= '0' && pl.p[0] <= '9')
		pl_advance(&pl, 1);

	if (!skip(&pl, key) || pl.l < UUID_SIZE)
		return false;

	uuid.p = pl.p;
	uuid.l = UUID_SIZE - 1;

	return uuid_is(uuid.p, uuid.l) && pl.p[uuid.l] == '"' &&
		!text_str(id, size, &uuid);
}
