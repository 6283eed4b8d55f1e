/**
 * @file find.c  Which one is meant
 *
 * People say what is short, and mean one alone: the beginning of a call's id,
 * the user part of an extension.
 *
 * Pure, but for complaints.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


enum {
	UUID = 36,              /**< Length of an id                       */
	EXT = 128,              /**< Size of an extension's address        */
};

/** How well that is what somebody says, 0=not at all */
typedef unsigned (means_h)(const char *id, const char *said);


/* A UUID by how it begins; 1@sales by 1, which does not mean 12@sales */
static unsigned call_means(const char *id, const char *said)
{
	const size_t n = strlen(said);

	return !strcmp(id, said) ? 3 : strncmp(id, said, n) ? 0
		: id[n] == '@' ? 2 : 1;
}


/* sip:1001@pbx.example is meant by 1001, and 1001@pbx.example */
static unsigned ext_means(const char *aor, const char *said)
{
	const char *colon = strchr(aor, ':');
	const char *user = colon ? colon + 1 : aor;
	const size_t n = strlen(said);

	if (!strcmp(aor, said) || !strcmp(user, said))
		return 3;

	return !strncmp(user, said, n) && user[n] == '@' ? 2 : 0;
}


/** What is looked for, and where */
struct kind {
	const char *path;       /**< Of the API                            */
	const char *list;       /**< Member of the answer: all of them     */
	const char *key;        /**< Member of each: its id                */
	const char *what;       /**< What it is, for people                */
	means_h *meansh;
	bool all;               /**< All there are, not those that match   */
};


static int pick(char *id, size_t size, const json_t *v,
		const struct kind *kind, const char *said)
{
	const char *found = NULL;
	unsigned best = 0;
	const json_t *one;
	size_t i, n = 0;

	json_array_foreach(v, i, one) {

		const char *str = cli_str(one, kind->key);
		const unsigned means = kind->meansh(str, said);

		if (!means || means < best)
			continue;

		/* an extension may be of two bridges */
		if (means > best)
			n = 1;
		else
			n += strcmp(found, str) != 0;
		best  = means;
		found = str;
	}

	if (n == 1 && re_snprintf(id, size, "%s", found) >= 0)
		return CLI_OK;

	if (n > 1)
		cli_complain("%s: may mean more than one %s (%zu): say more"
			     " of it", said, kind->what, n);
	else
		cli_complain("%s: there is no such %s%s", said,
			     kind->what,
			     json_array_size(v) || !kind->all ? ""
			     : ", nor any other one");

	return CLI_WRONG;
}


static int find(struct cli *c, char *id, size_t size, const struct kind *kind,
		const char *said)
{
	json_t *j = NULL;
	int status = cli_ask(c, &j, "GET", kind->path, NULL);

	if (!status)
		status = pick(id, size, json_object_get(j, kind->list), kind,
			      said);
	json_decref(j);

	return status;
}


/**
 * Find a call
 *
 * @param c    What a command has
 * @param id   Set to its id
 * @param size Room there [bytes]
 * @param said What somebody says
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_find_call(struct cli *c, char *id, size_t size, const char *said)
{
	static const struct kind kind = {
		"/api/v1/calls", "calls", "id", "call", call_means,
		true
	};

	return find(c, id, size, &kind, said);
}


/**
 * Find a record
 *
 * @param c    What a command has
 * @param id   Set to its id
 * @param size Room there [bytes]
 * @param said What somebody says
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_find_record(struct cli *c, char *id, size_t size, const char *said)
{
	char path[CLI_PATH] = "/api/v1/cdr?limit=200";
	const struct kind kind = {
		path, "records", "id", "record", call_means, false
	};
	int status;

	if (strlen(said) == UUID)
		return cli_path(id, size, "%s", said);

	status = cli_query(path, sizeof(path), "id", said);

	return status ? status : find(c, id, size, &kind, said);
}


/**
 * Find an extension
 *
 * @param c    What a command has
 * @param ext  Set to its SIP address
 * @param size Room there [bytes]
 * @param said What somebody says
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_find_ext(struct cli *c, char *ext, size_t size, const char *said)
{
	static const struct kind kind = {
		"/api/v1/extensions", "extensions", "extension", "extension",
		ext_means, true
	};

	return find(c, ext, size, &kind, said);
}


/**
 * Ask for a list: of all, or of the extension that --extension says
 *
 * @param c    What a command has
 * @param jp   Set to the answer, json_decref()
 * @param list Path of the list
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_ask_of_ext(struct cli *c, struct json_t **jp, const char *list)
{
	const char *said = c->args->optv[CLI_OPT_EXTENSION];
	char path[CLI_PATH], ext[EXT];
	int status = cli_path(path, sizeof(path), "%s", list);

	if (!status && said) {
		status = cli_find_ext(c, ext, sizeof(ext), said);
		if (!status)
			status = cli_query(path, sizeof(path), "extension",
					   ext);
	}

	return status ? status : cli_ask(c, jp, "GET", path, NULL);
}
