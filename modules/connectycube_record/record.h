/**
 * @file connectycube_record/record.h  Recordings: configuration, and the module
 *
 * host/ is what needs baresip; all else is linked into the unit tests.
 */

/** Configuration, of the keys connectycube_record_* */
struct record_config {
	char *spool;            /**< Folder of recordings in the making    */
	uint32_t queue;         /**< Most that waits for the disk [MB]     */
};

struct cfg_key;

/* recconfig.c */
int record_config_read(struct record_config **cfgp, const char *profile);
const struct cfg_key *record_config_key(size_t n);

/* host/record.c */
int  record_start(const struct record_config *cfg, char *why, size_t size);
void record_stop(void);
