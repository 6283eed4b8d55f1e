/**
 * @file call/checktext.c  /cube_check: what to do about what does not work
 *
 * Pure.
 */
#include <string.h>
#include <strings.h>
#include <re.h>
#include "call/check.h"


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
	{CHECK_SERVER, "closes", "see the port and transport; with turns: the"
	 " certificate, its name and connectycube_ice_ca_file"},
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
