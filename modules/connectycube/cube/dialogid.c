/**
 * @file cube/dialogid.c  The id of a dialog, as the cloud tells it
 *
 * Pure.
 */
#include <string.h>
#include <jansson.h>
/* not the whole re.h: its JSON module takes jansson's names */
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_list.h>
#include <re_sa.h>
#include <re_sdp.h>
#include "peer/peer.h"
#include "cube.h"
#include "chat.h"


/**
 * Decode the answer to POST /chat/Dialog.json
 *
 * @param idp Returned id; the caller derefs it
 * @param buf JSON text
 * @param len Length of the text [bytes]
 *
 * @return 0 if success; EINVAL no argument; EBADMSG no id that can be one;
 *         ENOMEM
 */
int chat_decode_dialog(char **idp, const char *buf, size_t len)
{
	const char *id;
	json_t *root;
	int err;

	if (!idp || !buf)
		return EINVAL;

	root = json_loadb(buf, len, 0, NULL);
	id   = json_string_value(json_object_get(root, "_id"));

	/* it becomes text of a stanza */
	err = id && *id && strlen(id) <= CHAT_ID_MAX &&
		strspn(id, "0123456789abcdefABCDEF-") == strlen(id)
		? str_dup(idp, id) : EBADMSG;

	json_decref(root);

	return err;
}
