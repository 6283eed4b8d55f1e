/**
 * @file connectycube_ami/proxy/proxy.h  One link with an Asterisk, for all
 *                                       bridges of this host
 *
 *   bridge --- Unix socket, AMI --->                client.c --- AMI ---> Asterisk
 *   bridge --- without a secret --->  proxy, down ---^
 *
 * What a bridge sees there is a manager interface of its own, with its own
 * calls. docs/AMI.md says what it answers.
 */

struct ami_proxy;
struct ami_client;

/** Where bridges come in */
struct ami_proxy_config {
	const char *path;       /**< Path of the socket                      */
	const char *group;      /**< Whose members may come in, beside root
				     and our own user; NULL=nobody           */
	const char *group_key;  /**< Key that names it                       */
};

/* proxy.c */
int  ami_proxy_alloc(struct ami_proxy **pp, struct ami_client *client,
		     const struct ami_proxy_config *cfg, char *why,
		     size_t size);
void ami_proxy_ready(struct ami_proxy *p, bool ready);
void ami_proxy_event(struct ami_proxy *p, const struct ami_message *msg);
int  ami_proxy_print(struct re_printf *pf, const struct ami_proxy *p);
