/**
 * @file sip/pure/identity.h  Who calls: names, numbers and URIs of SIP headers
 */

/** Somebody, as shown to people: UTF-8 without control characters */
struct identity {
	char name[192];         /**< Display name, may be empty            */
	char number[128];       /**< Number, or other user part, or empty  */
	char uri[256];          /**< URI without a password                */
	bool anonymous;         /**< Does not want to be known; no number  */
};

struct sip_msg;

int identity_decode(struct identity *id, const struct pl *val);
int identity_caller(struct identity *id, const struct sip_msg *msg,
		    bool trusted);
int identity_connected(struct identity *id, const struct sip_msg *msg,
		       struct identity *before, bool trusted);
