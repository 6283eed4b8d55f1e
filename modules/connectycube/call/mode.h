/**
 * @file call/mode.h  How the bridge and the PBX come together
 *
 *   sip-only   SIP and media alone
 *   hybrid     the same, and an Asterisk's manager (AMI) beside it
 *   ami-only   that manager alone: extensions have no SIP account
 *
 * The manager is a module's, connectycube_ami.so, which tells how its
 * connection is.
 */

/* host/mode.c */
bool mode_attach(void);
void mode_tell(bool linked, const char *why);
bool mode_has_sip(void);
bool mode_is_linked(void);
const char *mode_trouble(void);
const char *mode_name(void);
int  mode_check(void);
void mode_close(void);
