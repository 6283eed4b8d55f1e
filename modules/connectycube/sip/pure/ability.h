/**
 * @file sip/pure/ability.h  What Allow, Supported and their kind say (pure)
 */

/** Extensions (option tags). Others add theirs here and in ability.c */
enum ability_ext {
	ABILITY_TIMER = 0,      /**< RFC 4028                              */
	ABILITY_100REL,         /**< RFC 3262                              */
	ABILITY_REPLACES,       /**< RFC 3891                              */
	ABILITY_NOREFERSUB,     /**< RFC 4488                              */
	ABILITY_EXTS
};

/* Event packages: of a call's transfer; of an extension that is watched, too */
#define ABILITY_EVENTS         "refer"
#define ABILITY_EVENTS_WATCHED "presence, dialog, refer"

void ability_set(enum ability_ext ext, bool on);
bool ability_has(enum ability_ext ext);
bool ability_is_known(const struct pl *method);
bool ability_lacks(const struct sip_msg *msg);
int  ability_print_allow(struct re_printf *pf, void *arg);
int  ability_print_supported(struct re_printf *pf, void *arg);
int  ability_print_headers(struct re_printf *pf, void *arg);
int  ability_print_unsupported(struct re_printf *pf,
			       const struct sip_msg *msg);
