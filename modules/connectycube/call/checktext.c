/**
 * @file call/checktext.c  /cube_check: what it says, and what to do about it
 *
 * Pure.
 */
#include <string.h>
#include <strings.h>
#include <re.h>
#include "base/log.h"
#include "call/check.h"
#include "call/jsonadd.h"


/** The first one whose word is in the text counts */
static const struct {
	enum check_kind kind;
	const char *word;       /**< NULL=anything                         */
	const char *remedy;
} remedyv[] = {
	{CHECK_SIP, "certificate",
	 "set sip_cafile, or give the account the name that the certificate"
	 " is for"},
	{CHECK_SIP, "trusted",
	 "set sip_cafile, or give the account the name that the certificate"
	 " is for"},
	{CHECK_SIP, "401", "correct auth_user= and auth_pass= in `accounts`"},
	{CHECK_SIP, "407", "correct auth_user= and auth_pass= in `accounts`"},
	{CHECK_SIP, "403", "correct auth_user= and auth_pass= in `accounts`,"
	 " or allow this extension and address at the SIP server"},
	{CHECK_SIP, "404", "the SIP server does not know this extension:"
	 " correct its address in `accounts` and `users`"},
	{CHECK_SIP, "no local address", "see net_interface and sip_listen in"
	 " `config`: this machine has no address there of the SIP server's"
	 " kind (IPv4 or IPv6)"},
	{CHECK_SIP, NULL, "see host, port and ;transport= in `accounts`, and"
	 " whether the SIP server can be reached from here"},

	{CHECK_CLOUD, "application", "correct connectycube_app_id and"
	 " connectycube_auth_key in `config`"},
	{CHECK_CLOUD, "signature", "correct connectycube_auth_secret in"
	 " `config`"},
	{CHECK_CLOUD, "is required", "set connectycube_auth_secret in"
	 " `config`"},
	{CHECK_CLOUD, "certificate", "set connectycube_ca_file in `config`, or"
	 " correct connectycube_api_url and connectycube_chat_url"},
	{CHECK_CLOUD, "host-unknown", "correct connectycube_chat_domain in"
	 " `config`, or take it out: it is the host of connectycube_chat_url"
	 " then"},
	{CHECK_CLOUD, "not the API", "correct connectycube_api_url in"
	 " `config`"},
	{CHECK_CLOUD, "401", "correct cube_login= and cube_password= in"
	 " `users`"},
	{CHECK_CLOUD, "unauthorized", "correct cube_login= and cube_password="
	 " in `users`"},
	{CHECK_CLOUD, "login refused", "see cube_password= in `users`, and"
	 " connectycube_chat_password in `config`"},
	{CHECK_CLOUD, NULL, "see connectycube_api_url and"
	 " connectycube_chat_url in `config`, and whether they can be reached"
	 " from here"},

	{CHECK_USER, "no such user", "correct call= of that line in `users`,"
	 " or make that user in the cloud"},
	{CHECK_USER, NULL, "first see to the cloud"},

	{CHECK_SERVER, "401", "correct user= and pass= of that"
	 " connectycube_ice_server in `config`"},
	{CHECK_SERVER, "resolving", "correct the name in that"
	 " connectycube_ice_server in `config`, or give its address; or see"
	 " to the DNS of this machine"},
	{CHECK_SERVER, "certificate", "see connectycube_ice_ca_file, and"
	 " whether that connectycube_ice_server in `config` has the name that"
	 " the certificate is for"},
	{CHECK_SERVER, "closes", "see the port and transport; with turns: the"
	 " certificate, its name and connectycube_ice_ca_file"},
	{CHECK_AMI, "login of", "correct connectycube_ami_user and"
	 " connectycube_ami_secret in `config`, or what manager.conf permits"
	 " that user and this host"},
	{CHECK_AMI, "expired", "the PBX wants a new certificate, and a"
	 " `manager reload`; or see to the clock of this machine"},
	{CHECK_AMI, "certificate", "see connectycube_ami_ca_file, and whether"
	 " connectycube_ami_server in `config` has the name that the"
	 " certificate is for"},
	{CHECK_AMI, "hub", "see whether the hub runs, with connectycube_ami.so"
	 " and this connectycube_ami_socket, and what its own /ami_status"
	 " says"},
	{CHECK_AMI, "resolution", "correct the name in"
	 " connectycube_ami_server in `config`, or give its address; or see to"
	 " the DNS of this machine"},
	{CHECK_AMI, "not known", "correct the name in connectycube_ami_server"
	 " in `config`, or give its address"},
	{CHECK_AMI, NULL, "see connectycube_ami_server and"
	 " connectycube_ami_tls in `config`, and whether manager.conf has"
	 " enabled and bindaddr as they have to be"},

	{CHECK_SERVER, NULL, "see host, port and transport of that"
	 " connectycube_ice_server in `config`, and whether a firewall is in"
	 " the way"},
};


/**
 * Tell what to do about something that does not work
 *
 * @param kind What it is
 * @param text What it says
 *
 * @return Remedy
 */
const char *check_remedy(enum check_kind kind, const char *text)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(remedyv); i++) {

		if (remedyv[i].kind == kind &&
		    (!remedyv[i].word ||
		     (text && strcasestr(text, remedyv[i].word))))
			return remedyv[i].remedy;
	}

	return "";
}


/** A line of the result */
struct line {
	struct le le;           /**< Member of the result                  */
	bool ok;                /**< It works                              */
	char *text;             /**< What, and how it is (owner)           */
	const char *remedy;     /**< What to do, NULL=nothing              */
};


static void line_destructor(void *data)
{
	struct line *line = data;

	list_unlink(&line->le);
	mem_deref(line->text);
}


/**
 * Add a line to a result
 *
 * @param linel The result, flushed by its owner
 * @param kind  What it is about
 * @param ok    It works
 * @param what  Which one
 * @param text  How it is
 *
 * @return 0 if success; ENOMEM
 */
int check_line_add(struct list *linel, enum check_kind kind, bool ok,
		   const char *what, const char *text)
{
	struct line *line;
	int err;

	line = mem_zalloc(sizeof(*line), line_destructor);
	if (!line)
		return ENOMEM;

	line->ok     = ok;
	line->remedy = ok ? NULL : check_remedy(kind, text);

	err = re_sdprintf(&line->text, "%s: %s", what, text);
	if (err)
		mem_deref(line);
	else
		list_append(linel, &line->le, line);

	return err;
}


/**
 * Count what does not work
 *
 * @param linel The result
 *
 * @return How many lines
 */
size_t check_lines_failed(const struct list *linel)
{
	const struct le *le;
	size_t n = 0;

	for (le = list_head(linel); le; le = le->next)
		n += !((const struct line *)le->data)->ok;

	return n;
}


/**
 * Print a result
 *
 * @param pf    Print function
 * @param linel The result
 *
 * @return 0 if success, otherwise errorcode
 */
int check_lines_print(struct re_printf *pf, const struct list *linel)
{
	const struct le *le;
	int err = 0;

	for (le = list_head(linel); le; le = le->next) {

		const struct line *line = le->data;

		err |= re_hprintf(pf, "%s %s%s%s\n",
				  line->ok ? "ok  " : "FAIL", line->text,
				  line->remedy ? "\n     -> " : "",
				  line->remedy ? line->remedy : "");
	}

	return err | re_hprintf(pf, "%zu of %u failed\n",
				check_lines_failed(linel), list_count(linel));
}


/**
 * Add a result to an object, for programs
 *
 * @param err   Error so far
 * @param od    Object
 * @param linel The result
 *
 * @return 0 if success, otherwise errorcode
 */
int check_lines_fill(int err, struct odict *od, const struct list *linel)
{
	struct odict *array = NULL, *one = NULL;
	const struct le *le;

	err = json_add_int(err, od, "failed", check_lines_failed(linel));
	err = json_add_node(err, &array, od, "lines", ODICT_ARRAY);

	for (le = list_head(linel); le; le = le->next) {

		const struct line *line = le->data;

		err = json_add_element(err, &one, array);
		err = json_add_bool(err, one, "ok", line->ok);
		err = json_add_str(err, one, "text", line->text);
		err = json_add_str(err, one, "remedy", line->remedy);
	}

	return err;
}


/**
 * Write a result to the log
 *
 * @param linel The result
 */
void check_lines_log(const struct list *linel)
{
	const struct le *le;

	for (le = list_head(linel); le; le = le->next) {

		const struct line *line = le->data;

		if (line->ok)
			clog_info("check: %s\n", line->text);
		else
			clog_warning("check: %s: %s\n", line->text,
				     line->remedy);
	}
}
