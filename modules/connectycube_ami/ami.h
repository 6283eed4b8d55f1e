/**
 * @file connectycube_ami/ami.h  Asterisk's manager, in a process:
 *                               configuration, start, end
 */

/** Configuration, of the keys connectycube_ami_* */
struct ami_config {
	char *server;           /**< HOST, HOST:PORT, [ADDRESS]:PORT; NULL:
				     there is the hub alone                  */
	char *socket;           /**< Where the hub serves bridges, or NULL   */
	bool tls;               /**< Encrypted                               */
	char *ca_file;          /**< Who signs its certificate, NULL=whom the
				     system trusts                           */
	char *user;             /**< Who logs in                             */
	char *secret;           /**< Its secret                              */
	bool plain;             /**< The secret itself is sent               */
	char *context;          /**< Where numbers are looked up, if no other
				     context is named                        */
	char *accepted;         /**< [EXTEN]@CONTEXT: where who waits goes when
				     an app has accepted                     */
	bool records;           /**< Calls of the PBX have some              */
	char *fallback;         /**< ... if none has, NULL=it is hung up on  */
	bool by_message;        /**< Apps are told of who waits by message,
				     instead of a call                       */
};

struct cfg_key;

/* amiconfig.c */
int  ami_config_read(struct ami_config **cfgp, const char *profile);
const struct cfg_key *ami_config_key(size_t n);
uint16_t ami_config_port(const struct ami_config *cfg);

/* host/ami.c */
int  ami_start(const struct ami_config *cfg, char *why, size_t size);
void ami_stop(void);
