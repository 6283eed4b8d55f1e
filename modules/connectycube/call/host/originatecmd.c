/**
 * @file call/host/originatecmd.c  The console begins calls: /cube_call,
 *                                  /cube_dial
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "config/userid.h"
#include "call/event.h"
#include "call/bridge.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/originate.h"


enum {
	WORDS = 3,
	WORD  = 256,            /**< Size of one [bytes]                   */
};


/* Words of a command; false if there are more, or one is too long */
static bool get_words(char wordv[WORDS][WORD], size_t *np, const char *prm)
{
	struct pl rest, word;

	pl_set_str(&rest, prm ? prm : "");
	*np = 0;

	while (text_word(&rest, &word)) {
		if (*np == WORDS || text_str(wordv[(*np)++], WORD, &word))
			return false;
	}

	return true;
}


static bool is_one_user(const char *str)
{
	struct pl one, rest;

	pl_set_str(&rest, str);

	return !userid_next(&one, &rest) && !rest.l;
}


static int begin(struct re_printf *pf, const char *aor,
		 const struct originate *o)
{
	struct ext *ext = bridge_find(aor);
	const char *reason;
	struct bcall *bc;

	if (!ext)
		return re_hprintf(pf, "no such extension\n");

	if (originate(&bc, ext, o, &reason))
		return re_hprintf(pf, "no call: %s\n", reason);

	return re_hprintf(pf, "call %u\n", bc->id);
}


/* /cube_call USER [AOR] */
static int cmd_call(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	char wordv[WORDS][WORD], from[WORD + 8];
	const struct originate o = {.from = from};
	size_t n;

	if (!get_words(wordv, &n, carg->prm) || n < 1 || n > 2 ||
	    !is_one_user(wordv[0]))
		return re_hprintf(pf, "usage: /cube_call USER [AOR]\nUSER is a"
				  " ConnectyCube user id, or a name that stands"
				  " in the users file: login:maria, email:,"
				  " tel:, ext:\n");

	(void)re_snprintf(from, sizeof(from), "user:%s", wordv[0]);

	return begin(pf, n > 1 ? wordv[1] : NULL, &o);
}


/* /cube_dial user:USER [AOR], /cube_dial TARGET user:USER [AOR] */
static int cmd_dial(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	char wordv[WORDS][WORD];
	struct originate o = {.to = wordv[0]};
	size_t n;

	if (!get_words(wordv, &n, carg->prm) || !n)
		return re_hprintf(pf, "usage: /cube_dial user:USER [AOR]\n"
				  "       /cube_dial NUMBER|sip:ADDRESS"
				  " user:USER [AOR]\n");

	if (n > 1 && !strncmp(wordv[1], "user:", 5))
		o.from = wordv[1];
	else if (n > 2)
		return re_hprintf(pf, "no call: %s is no user:USER\n",
				  wordv[1]);

	return begin(pf, o.from ? (n > 2 ? wordv[2] : NULL) :
		     n > 1 ? wordv[1] : NULL, &o);
}


static const struct cmd cmdv[] = {
	{"cube_call", 0, CMD_PRM, "ConnectyCube: ring USER, then the phone "
	 "of extension [AOR]", cmd_call},
	{"cube_dial", 0, CMD_PRM, "ConnectyCube: ring the phone, then "
	 "user:USER; or user:USER, then a number", cmd_dial},
};


/**
 * Let the console begin calls
 *
 * @return 0 if success, otherwise errorcode
 */
int originate_init(void)
{
	return cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
}


/**
 * Undo originate_init()
 */
void originate_close(void)
{
	cmd_unregister(baresip_commands(), cmdv);
}
