/**
 * @file connectycube_link/host/attach.h  The link in a process
 */

struct observe;
struct link_config;

/* attach.c */
int  attach_find(const struct observe **obp, void **handlep, char *why,
		 size_t size);

/* hostlog.c */
void hostlog_init(void);

/* link.c */
int  link_start(const struct link_config *cfg, char *why, size_t size);
void link_stop(void);
