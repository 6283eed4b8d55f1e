/**
 * @file connectycube_link/host/attach.h  The link in a process
 */

struct observe;
struct link_config;

/* attach.c */
int  attach_find(const struct observe **obp, void **handlep, char *why,
		 size_t size);

/** An observer of the bridge, as a module begins */
struct entry {
	const char *name;       /**< Name in messages                      */
	int (*readh)(const char *profile); /**< Read the configuration; what
				     is wrong is said by it                */
	int (*starth)(char *why, size_t size); /**< Begin; ESRCH, EPROTO: as
				     attach_find()                         */
	int status;             /**< If that fails (sysexits.h)            */
};

/* entry.c */
void entry_start(const struct entry *e);

/* hostlog.c */
void hostlog_init(void);
void hostlog_close(void);

/* link.c */
int  link_start(const struct link_config *cfg, char *why, size_t size);
void link_stop(void);
