/**
 * @file sip/pure/infokey.h  Keys in SIP INFO bodies (pure)
 */

/** The two bodies that phones and servers use */
enum infokey_type {
	INFOKEY_NONE = 0,       /**< Something else                        */
	INFOKEY_RELAY,          /**< application/dtmf-relay                */
	INFOKEY_PLAIN,          /**< application/dtmf                      */
};

enum {
	INFOKEY_DUR = 250,      /**< A key of unknown length [ms]          */
};

enum infokey_type infokey_type(const struct pl *type,
			       const struct pl *subtype);
int  infokey_decode(enum infokey_type type, const struct pl *body, char *key,
		    uint32_t *ms);
int  infokey_encode(char *str, size_t size, enum infokey_type type, char key,
		    uint32_t ms);
