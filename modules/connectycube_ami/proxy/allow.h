/**
 * @file connectycube_ami/proxy/allow.h  What bridges may order through the hub
 *
 * Pure. Include message.h first.
 */

/** An action that is passed on */
struct ami_allowed {
	const char *name;       /**< Its name                                */
	const char *until;      /**< Event that tells how it went, NULL: its
				     response does                           */
	const char *fields;     /**< Names of its fields, each between '|'   */
	const char *channels;   /**< Those that name a channel, likewise     */
};

const struct ami_allowed *ami_allow(const struct ami_message *msg, char *why,
				    size_t size);
bool ami_allow_has(const char *names, const struct pl *name);
uint32_t ami_allow_wait(const struct ami_allowed *a,
			const struct ami_message *msg);
