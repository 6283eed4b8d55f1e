/**
 * @file connectycube_hub/hublive.h  The hub's own picture of what there is now
 */

struct hlive;
struct json_t;
struct re_printf;

/** Who is told of what changes */
enum hublive_who {
	HUBLIVE_WEB = 0,        /**< Those who follow events               */
	HUBLIVE_MAIL,           /**< Alarms by mail                        */

	HUBLIVE_WHOS,
};

/** See hlive_change_h (live/live.h) */
typedef void (hublive_h)(const char *type, const char *ext,
			 struct json_t *j, void *arg);

int  hublive_start(void);
void hublive_stop(void);
void hublive_set_handler(enum hublive_who who, hublive_h *h, void *arg);
void hublive_disk(const char *text);
void hublive_recording_alarm(const char *why);
const struct hlive *hublive(void);
int  hublive_print_calls(struct re_printf *pf, void *unused);
int  hublive_print_exts(struct re_printf *pf, void *unused);
