/**
 * @file logsink.h  Where the log goes: baresip's, libre's and our own
 *
 * Wants base/log.h, base/logline.h and log/loglevel.h.
 */

/** What the log looks like, and where it goes */
struct logsink_prm {
	enum logline_form form; /**< Form, or files, or the journal        */
	bool json;              /**< Lines are JSON                        */
	const char *file;       /**< One file for all, NULL=stdout         */
	const char *dir;        /**< Files: directory                      */
	const char *levels;     /**< Levels, as config has them            */
	uint64_t limit;         /**< Files: longest one [bytes], 0=any     */
	unsigned keep;          /**< Files: older ones that are kept       */
};

void logsink_init(void);
void logsink_close(void);
int  logsink_set(const struct logsink_prm *prm);
int  logsink_reopen(void);
void logsink_levels(struct loglevels *levels);
void logsink_set_levels(const struct loglevels *levels);
int  logsink_print(struct re_printf *pf, void *unused);
