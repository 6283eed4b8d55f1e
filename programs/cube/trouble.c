/**
 * @file trouble.c  What the hub refuses, in words that help
 *
 * Pure, but for cli_unreachable()'s strerror().
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"

#define UNSURE "; it may have been done: look, before you ask for it again"


/* By the bridge's word, or that of whoever stands before the hub: what was to
   be done has been passed on, and nobody knows what came of it. Another cube
   has another Idempotency-Key, so that it would be done twice */
static bool is_unsure(const struct cli_answer *a)
{
	static const char *const codev[] = {
		"gone", "timeout", "outcome_unknown", "in_flight",
	};
	const char *code = cli_str(a->j, "code");
	size_t i;

	if (!a->steers)
		return false;

	for (i=0; i<ARRAY_SIZE(codev); i++) {
		if (!strcmp(codev[i], code))
			return true;
	}

	return !code[0] && (a->status == 502 || a->status == 504);
}


static const char *remedy(const struct cli_answer *a)
{
	if (is_unsure(a))
		return UNSURE;

	switch (a->status) {

	case 401:
		return "; on its console /hub_token add NAME operator makes"
			" one, which goes into a file: --token-file FILE or"
			" CUBE_TOKEN_FILE";

	case 403:
		return cli_has(a->j, "code") ? "" : "; a token of another role:"
			" /hub_token add NAME ROLE";

	case 421:
		return "; add the name to that key, or use another one";

	default:
		return "";
	}
}


static enum cli_exit exit_status(const struct cli_answer *a)
{
	static const struct {
		const char *code;
		enum cli_exit exit;
	} codev[] = {
		{"failed", CLI_WRONG}, {"unknown", CLI_WRONG},
	};
	const char *code = cli_str(a->j, "code");
	size_t i;

	if (is_unsure(a))
		return CLI_UNSURE;

	/* a bridge's word says more */
	for (i=0; i<ARRAY_SIZE(codev); i++) {
		if (!strcmp(codev[i].code, code))
			return codev[i].exit;
	}

	switch (a->status) {

	case 401: case 403:
		return CLI_DENIED;

	case 408: case 429: case 502: case 503: case 504:
		return CLI_LATER;

	case 404: case 405: case 409: case 410: case 422:
		return CLI_WRONG;

	case 400: case 413: case 414:
		return CLI_USAGE;

	default:
		return CLI_PROTOCOL;
	}
}


/**
 * Say why there is nothing
 *
 * @param why  Set to it
 * @param size Room there [bytes]
 * @param a    What came of it
 *
 * @return Exit status
 */
enum cli_exit cli_trouble(char *why, size_t size, const struct cli_answer *a)
{
	const char *text;
	char retry[48] = "";

	if (!a->status) {
		re_snprintf(why, size, "%s%s", a->why,
			    a->exit == CLI_UNSURE ? UNSURE : "");
		return a->exit;
	}

	if (a->status / 100 == 2 || !cli_has(a->j, "title")) {
		re_snprintf(why, size, "what answers (HTTP %u) does not speak"
			    " as the hub does: is there something else?%s",
			    a->status, is_unsure(a) ? UNSURE : "");
		return is_unsure(a) ? CLI_UNSURE : CLI_PROTOCOL;
	}

	if (a->retry)
		re_snprintf(retry, sizeof(retry), "; try again in %u s",
			    a->retry);

	text = cli_str(a->j, "detail");
	if (!text[0])
		text = cli_str(a->j, "title");

	re_snprintf(why, size, "the hub says: %s%s%s", text, retry,
		    remedy(a));

	return exit_status(a);
}


/**
 * Say why there is no hub at a Unix socket
 *
 * @param why  Set to it
 * @param size Room there [bytes]
 * @param path Path of the socket
 * @param err  What connect() says
 *
 * @return Exit status
 */
enum cli_exit cli_unreachable(char *why, size_t size, const char *path,
			      int err)
{
	switch (err) {

	case ENOENT:
	case ENOTDIR:
		re_snprintf(why, size, "%s is not there: the hub does not run"
			    " (baresip -f /etc/connectycube/hub, systemctl"
			    " start connectycube-hub), or it answers elsewhere"
			    " (connectycube_hub_http): --socket PATH,"
			    " --url URL", path);
		return CLI_NOHUB;

	case ECONNREFUSED:
		re_snprintf(why, size, "nobody answers at %s: the hub has"
			    " ended; its log says why (systemctl status"
			    " connectycube-hub)", path);
		return CLI_NOHUB;

	case EACCES:
	case EPERM:
		re_snprintf(why, size, "%s: you may not: be root, or the hub's"
			    " user; or in the group of connectycube_hub_group,"
			    " with a token", path);
		return CLI_DENIED;

	case EAGAIN:
		re_snprintf(why, size, "%s: the hub takes no more connections"
			    " now: try again", path);
		return CLI_LATER;

	default:
		re_snprintf(why, size, "%s: %s", path, strerror(err));
		return CLI_NOHUB;
	}
}
